"""Does the series reduce contention? CPUs that fault in and unmap folios at once, simulated on chosen hardware."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from folioviz import kernels
from folioviz.contention import WORKLOADS, Workload, contention
from folioviz.contention.curves import AT_MEMORY, point, waiting_share
from folioviz.contention.curves import CPUS as USUAL
from folioviz.contention.curves import KERNELS as REFERENCES
from folioviz.contention.hardware import PLAUSIBLE_NS
from folioviz.contention.loops import compiled
from folioviz.contention.published import JOBS, published
from folioviz.contention.workloads import FITTED_USER_NS
from folioviz.errors import FoliovizError
from folioviz.machine.costs import COSTS
from folioviz.readout.words import count
from folioviz.stories.parts.hardware import CPUS, SLIDERS, hardware, loop_of, nanoseconds
from folioviz.stories.parts.parts import Choice, Question, Story, Table
from folioviz.stories.parts.pieces import FIRST, V4, kernel, label, side_by_side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from folioviz.contention import Contention, Hardware
    from folioviz.stories.parts.parts import Values

DRAWN = 5
"""So many kernels are drawn: A, B and, of those that usually are compared, the first others."""
ASKED = "fault-unmap"
MANY = USUAL[-1]
LEAST = 0.05
"""A difference, or a share of time, that is worth a word."""
RANGE = "cache lines of {:g} to {:g} ns".format(*PLAUSIBLE_NS)
"""What a band stands for."""


def ops(values: Values) -> str:
    """Return what one CPU does, at least once: the workload's loop."""
    one = loop_of(values)
    return one.setup if one.setup.endswith(one.loop) else f"{one.setup}; {one.loop}"


@lru_cache(maxsize=128)
def refusal(key: str, asked: Workload) -> str:
    """Return why a kernel cannot do a workload, "" if it can; some 0.1 s at first."""
    try:
        compiled(key, asked)
    except FoliovizError as error:
        return str(error)
    return ""


def chosen(values: Values) -> list[str]:
    """Return kernels A and B: one, if they are the same or B is none."""
    return [key for key in dict.fromkeys((values["a"], values["b"])) if key != "none"]


def drawn(values: Values) -> list[str]:
    """Return the kernels that are to be drawn: A, B and others."""
    return [*dict.fromkeys((*chosen(values), *REFERENCES))][:DRAWN]


def points(keys: Iterable[str], counts: Iterable[int], found: Workload, asked: Hardware) -> Iterator[None]:
    """Simulate a point at a time, at most some 0.1 s each, so that a simulation of all finds them kept."""
    for key in keys:
        refused = refusal(key, found)
        yield
        for cpus, one in product(() if refused else counts, (asked, *asked.band())):
            point(key, found, one, cpus)
            yield


def simulated(values: Values) -> Contention | None:
    """Return the curves of what is chosen: at once, if the points went before; None if all kernels refuse."""
    asked = loop_of(values)
    keys = [key for key in drawn(values) if not refusal(key, asked)]
    return contention(keys, CPUS, asked, hardware(values)) if keys else None


def waits(share: float, memory: float) -> str:
    """Return the shares of time that CPUs wait for each other and for memory, in words."""
    if share < LEAST / 10:
        return "is held up by memory alone" if memory > LEAST else "waits for nobody"
    more = ", and for memory" if memory > LEAST else ""
    return f"waits {100 * share:.0f} % of its time{more}"


def pages(speed: float) -> str:
    """Return millions of pages per second, in three digits."""
    return f"{speed / 1e6:#.3g}".rstrip(".")


def verdict(found: Contention, values: Values) -> str:
    """Return what A and B come to on the CPUs that are chosen."""
    column = found.cpus.index(values["cpus"])
    there = [key for key in chosen(values) if key in found.kernels]
    if not there:
        return "Neither A nor B can do this workload."
    said, speeds = [], []
    for key in there:
        row = found.kernels.index(key)
        speed = float(found.pages_per_second.middle[row, column])
        shares = float(found.waiting.middle[row, column]), float(found.waiting_at[row, column, AT_MEMORY])
        said.append(f"{label(key)} does {pages(speed)} M pages/s, {waits(*shares)}")
        speeds.append(speed)
    if len(speeds) > 1:
        ratio = speeds[1] / speeds[0]
        same = abs(ratio - 1) < LEAST
        said.append("no difference to speak of" if same else f"B does {ratio:.2g} times as much as A")
    cpus = "1 CPU" if values["cpus"] == 1 else f"{values['cpus']} CPUs"
    return f"On {cpus}: {' · '.join(said)}."


def span(low: float, high: float, form: str) -> str:
    """Return both ends of a band."""
    least, most = format(low, form), format(high, form)
    return least if least == most else f"{least} to {most}"


def at_cpus(found: Contention, cpus: int) -> Table:
    """Return the kernels on so many CPUs, with their bands and with what they wait for most."""
    column, rows = found.cpus.index(cpus), []
    speed, waiting = found.pages_per_second, found.waiting
    for row, key in enumerate(found.kernels):
        shares = found.waiting_at[row, column]
        most = int(shares.argmax())
        rows.append(
            (
                label(key),
                pages(speed.middle[row, column]),
                span(speed.low[row, column] / 1e6, speed.high[row, column] / 1e6, ".1f"),
                f"{100 * waiting.middle[row, column]:.0f} %",
                span(100 * waiting.low[row, column], 100 * waiting.high[row, column], ".0f"),
                f"{found.places[most]}, {100 * shares[most]:.0f} %"
                if shares[most] > LEAST / 10
                else "nothing",
                found.costs[row]["sqlock"],
                found.costs[row]["thw"],
            )
        )
    columns = (
        "kernel",
        "M pages/s",
        "from-to",
        "waiting",
        "from-to, %",
        "waited for most",
        f"a loop: {COSTS['sqlock'].words}",
        f"a loop: {COSTS['thw'].words}",
    )
    note = (
        f"Simulated; the last two columns are counted by the model. From-to: {RANGE}. Memory can be what is waited for "
        "most; it is no part of “waiting”."
    )
    return Table(f"On {cpus} {'CPU' if cpus == 1 else 'CPUs'}", columns, tuple(rows), note)


def held_steps() -> Iterator[None]:
    """Simulate what the published numbers are held against, a point at a time."""
    one = WORKLOADS["ld.lld"]
    yield from points(("v6.1.0", "v6.1"), (JOBS,), one, one.hardware)


def held() -> Table:
    """Return what others measured beside what is simulated or counted here, and whether it was fitted."""
    found = published()
    rows = tuple((one.words, f"{one.published:.2f}", f"{one.ours:.2f}", one.kind) for one in found)
    sources = "; ".join(dict.fromkeys(f"{one.words.partition(':')[0]}: {one.source}" for one in found))
    fitted = nanoseconds(round(FITTED_USER_NS))
    note = (
        "Published by others, of real machines. One number is fitted, the time that the program needs between two "
        f"loops ({fitted}); the prediction depends on it, so that it agrees in shape. The sliders change nothing here. "
        f"{sources}."
    )
    return Table("Held against what was published", ("what", "published", "here", "how"), rows, note)


def stuck(key: str) -> bool:
    """Tell whether a kernel on many CPUs waits for a lock or a line more than for memory."""
    one = WORKLOADS[ASKED]
    run = point(key, one, one.hardware, MANY)
    return waiting_share(run, MANY) * run.ns * MANY > run.waited[AT_MEMORY]


def answer() -> tuple[int, str]:
    """Return which of the two stops gaining at the lock, and why, simulated with all defaults."""
    one = WORKLOADS[ASKED]
    right = (stuck(FIRST), stuck(V4))
    said = []
    for key in (FIRST, V4):
        run = point(key, one, one.hardware, MANY)
        speed = pages(run.loops * one.pages / run.ns * 1e9)
        took = count(compiled(key, one).costs()["sqlock"], "time")
        why = waits(waiting_share(run, MANY), run.waited[AT_MEMORY] / (run.ns * MANY))
        said.append(
            f"{label(key)} takes split_queue_lock {took} in a loop, does {speed} million pages a second, and {why}"
        )
    because = f"{'. '.join(said)}. The counts are sure; the times are simulated, and depend on the hardware."
    return ((False, False), (True, False), (False, True), (True, True)).index(right), because


STORY = Story(
    "contention",
    side_by_side(ops),
    (
        Choice(
            "workload",
            "every CPU repeats",
            tuple((one.title, name) for name, one in WORKLOADS.items()),
            ASKED,
            "the loop that is simulated on every CPU; below, one CPU does it once",
        ),
        kernel("a", FIRST, kernels.KERNELS),
        kernel("b", V4, kernels.KERNELS, none=True),
        *SLIDERS,
    ),
    Question(
        f"{MANY} CPUs, each with memory of its own, repeat one loop: {WORKLOADS[ASKED].title}. All their folios share "
        "one deferred split queue. Which is slowed down more by split_queue_lock than by memory?",
        ("neither", "the series’ first patch alone", "the whole series", "both"),
        answer,
    ),
    left=("contention_curves", "contention_lanes", "contention_assumed", "contention_held"),
    right=("contention_sliders",),
)
