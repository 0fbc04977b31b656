"""Does the series reduce contention? CPUs that fault in and unmap folios at once, simulated on chosen hardware."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from folioviz import kernels
from folioviz.contention import PARAMETERS, WORKLOADS, Workload, contention
from folioviz.contention.curves import AT_MEMORY, point, waiting_share
from folioviz.contention.curves import CPUS as USUAL
from folioviz.contention.curves import KERNELS as REFERENCES
from folioviz.contention.hardware import PLAUSIBLE_NS
from folioviz.contention.loops import compiled
from folioviz.contention.published import JOBS, published
from folioviz.contention.workloads import FITTED_USER_NS, workload
from folioviz.errors import FoliovizError
from folioviz.machine.costs import COSTS
from folioviz.readout.words import count
from folioviz.stories.parts.parts import Choice, Question, Slider, Story, Table
from folioviz.stories.parts.pieces import FIRST, V4, kernel, label, side_by_side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from folioviz.contention import Contention, Hardware
    from folioviz.stories.parts.parts import Values

DRAWN = 5
"""So many kernels are drawn: A, B and, of those that usually are compared, the first others."""
ASKED = "fault-unmap"
CPUS = (*USUAL, JOBS)
"""So many CPUs are drawn: as usual, and as many as the machine had on which ld.lld was measured."""
MANY = USUAL[-1]
OWN = "own"
"""The time in the program, or the order of the folios, is what the workload has."""
OF_ANY_ORDER = ("fault-unmap", "partial-unmap", "fork-exit")
"""Workloads whose folios may have another order; ld.lld's folio is the one that was published."""
LEAST = 0.05
"""A difference, or a share of time, that is worth a word."""
RANGE = "cache lines of {:g} to {:g} ns".format(*PLAUSIBLE_NS)
"""What a band stands for."""
ABOUT = {one.name: one for one in PARAMETERS}


def nanoseconds(ns: int) -> str:
    """Return a time as a slider shows it."""
    for unit, size in (("ms", 1_000_000), ("µs", 1_000)):
        if ns >= size:
            return f"{ns / size:g} {unit}"
    return f"{ns} ns"


def slider(name: str, about: str, title: str, options: Iterable[tuple[str, int | str]]) -> Slider:
    """Return the slider of a parameter of the hardware; it begins at the default, or at the workload's own value."""
    one, offered = ABOUT[about], tuple(options)
    first = next(value for _, value in offered if value in (OWN, one.default))
    return Slider(name, title, offered, first, one.words, source=one.source)


def times(*ns: int) -> list[tuple[str, int | str]]:
    """Return times to choose from."""
    return [(nanoseconds(one), one) for one in ns]


SLIDERS = (
    slider("near", "near_ns", "cache line, from CPU to CPU", times(20, 40, 57, 80, 100, 140)),
    slider("far", "far_ns", "cache line, from another socket", times(57, 100, 140, 200, 300, 500)),
    slider("flush", "flush_ns", "one TLB flush", times(0, 150, 500, 1000, 2000, 3000, 5000)),
    slider("queues", "queues", "split queues (one per memcg)", [(str(n), n) for n in (1, 2, 4, 8, 16, 64)]),
    slider(
        "user",
        "user_ns",
        "time in the program",
        [("workload’s", OWN), *times(0, 1_000, 10_000, 100_000, 1_000_000, 4_000_000)],
    ),
    slider(
        "memory",
        "bandwidth_gb",
        "memory bandwidth",
        [*((f"{n} GB/s", n) for n in (50, 100, 200, 300, 600, 1200)), ("no limit", 0)],
    ),
    Slider(
        "order",
        "order of the folios",
        (("workload’s", OWN), *((f"{n}", n) for n in range(2, 8))),
        OWN,
        "2 is the lowest that is ever queued; ld.lld keeps its folio of 2 MiB",
        source="chosen: order 4 is 64 KiB, of ld.lld 2 MiB as published",
    ),
    Slider(
        "cpus",
        "CPUs in sentence, lanes, table",
        tuple((str(n), n) for n in CPUS),
        16,
        "on how many CPUs the sentence, the lanes and the table look; the curves have all",
        source="chosen: there, by default, one kernel waits and the other does not",
    ),
)


def loop_of(values: Values) -> Workload:
    """Return the workload that is chosen, with folios of the order that is."""
    name, order = values["workload"], values["order"]
    return workload(name, order) if name in OF_ANY_ORDER and order != OWN else WORKLOADS[name]


def ops(values: Values) -> str:
    """Return what one CPU does, at least once: the workload's loop."""
    one = loop_of(values)
    return one.setup if one.setup.endswith(one.loop) else f"{one.setup}; {one.loop}"


def hardware(values: Values) -> Hardware:
    """Return the hardware that is chosen; what has no slider is the workload's own."""
    own = WORKLOADS[values["workload"]].hardware
    near = float(values["near"])
    return replace(
        own,
        near_ns=near,
        far_ns=max(near, float(values["far"])),
        flush_ns=float(values["flush"]),
        queues=values["queues"],
        user_ns=own.user_ns if values["user"] == OWN else float(values["user"]),
        bandwidth_gb=float(values["memory"]),
    )


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
