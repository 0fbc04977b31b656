"""What does each patch change? Its functions beside those that they replace, and a scenario with and without it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz.files import scenario
from folioviz.lab import Lab
from folioviz.machine.journal import WHY
from folioviz.stories.parts.parts import Cell, Choice, Question, Story, Table
from folioviz.stories.parts.pieces import BASE, FIRST, SECOND, SERIES, V4, cost_name, label
from folioviz.stories.parts.results import told
from folioviz.stories.parts.sources import changes

if TYPE_CHECKING:
    import numpy as np

    from folioviz.files.scenario import Scenario
    from folioviz.stories.parts.parts import Values

MOST_OPS = 20
COSTS = ("sqlock", "qadd", "qdel", "nrpm", "lru", "rget", "thw")
PAIRS = {"1": (BASE, FIRST), "2": (FIRST, SECOND), "3": (SECOND, V4), "all": (BASE, V4)}
"""What the choice of a patch compares: without it, and with it."""

PATCH = Choice(
    "patch",
    "patch",
    (
        ("1/3 any large folio may be queued", "1"),
        ("2/3 rmap removal of a range", "2"),
        ("3/3 zap in batches", "3"),
        ("all three", "all"),
    ),
    "1",
    "A is the kernel without it, B with it; each patch stands on those before",
)


@lru_cache(maxsize=1)
def small() -> dict[str, Scenario]:
    """Return the scenarios of the library that are small, and about these kernels."""
    known = scenario.library().items()
    return {
        name: found
        for name, found in known
        if len(found.ops) <= MOST_OPS and set(found.kernels) <= set(SERIES)
    }


CASE = Choice(
    "case",
    "scenario",
    tuple((found.title.partition(":")[0], name) for name, found in small().items()),
    "whole-folio",
    "what is done, under the kernel without the patch and with it",
)


def make(values: Values) -> Scenario:
    """Return the scenario, under the kernels without and with the patch."""
    return scenario.replace(small()[values["case"]], kernels=PAIRS[values["patch"]])


class Total(NamedTuple):
    """What a scenario does under a kernel: costs, folios left queued, whether it hits a bug, writes per operation."""

    costs: dict[str, int]
    queued: int
    bug: bool
    writes: tuple[int, ...]


@lru_cache(maxsize=128)
def total(case: str, key: str) -> Total:
    """Run a scenario of the library under a kernel, to its end or to the first bug."""
    found = small()[case]
    lab = Lab(key, found.mmu_gather)
    writes = []
    for place, op in enumerate(found.ops):
        lab.apply(op)
        writes.append(written(lab.rows(place)))
        if lab.machine.bugs():
            break
    costs = lab.costs()
    return Total(costs, costs["qadd"] - costs["qdel"], bool(lab.machine.bugs()), tuple(writes))


def written(rows: np.ndarray) -> int:
    """Return a hash of what journal rows leave in memory; a write that changes nothing does not count."""
    changed = rows[(rows[:, 0] < WHY) & (rows[:, 1] >= 0) & (rows[:, 2] != rows[:, 3])]
    return hash(frozenset(dict(zip(changed[:, 1].tolist(), changed[:, 3].tolist(), strict=True)).items()))


def cost_cell(case: str, key: str, name: str) -> Cell | int:
    """Return a cost of a scenario; marked if the kernel hits a bug on the way."""
    found = total(case, key)
    return Cell(f"{found.costs[name]}, then a bug", mark="bad") if found.bug else found.costs[name]


def effect(case: str) -> Table:
    """Return what a scenario costs under each kernel of the series."""
    rows = [
        (
            label(key),
            *(cost_cell(case, key, name) for name in COSTS),
            "–" if total(case, key).bug else total(case, key).queued,
        )
        for key in SERIES
    ]
    columns = ("kernel", *map(cost_name, COSTS), "still queued at the end")
    return Table(f"The whole scenario: {small()[case].title}", columns, tuple(rows))


def made_of() -> Table:
    """Return what each patch is made of, read from the registry's modules."""
    rows = []
    for old, new in list(PAIRS.values())[:3]:
        found = changes(old, new)
        lines = sum(len(change.after) for change in found)
        names = [[one.name for one in found if (not one.before) == fresh] for fresh in (False, True)]
        rows.append((label(new), *(", ".join(some) or "–" for some in names), lines))
    columns = ("kernel", "functions replaced", "functions added", "lines of Python")
    return Table(
        "What each patch is made of, here",
        columns,
        tuple(rows),
        "Read from folioviz’s own modules, now: Python, not the patches’ C; docstrings and comments are left out.",
        told(-1, what="lines of Python, "),
    )


def every_case() -> Table:
    """Return how often each scenario takes split_queue_lock, kernel by kernel."""
    rows = tuple((name, *(cost_cell(name, key, "sqlock") for key in SERIES)) for name in small())
    locks = {key: sum(total(name, key).costs["sqlock"] for name in small()) for key in SERIES}
    columns = ("scenario", *map(label, SERIES))
    together = "together, " + "; ".join(f"{label(key)}: {number}" for key, number in locks.items())
    caption = f"{cost_name('sqlock')}, scenario by scenario"
    return Table(caption, columns, rows, result=lambda _: together)


def numbers(values: Values) -> tuple[Table, ...]:
    """Return the chosen scenario's costs, what the patches are made of, and split_queue_lock in all scenarios."""
    return (effect(values["case"]), made_of(), every_case())


GUESSES = ("in none of them", "where a whole folio goes", "in all of them")


def answer() -> tuple[int, str]:
    """Return where 2/3 without 3/3 changes any state, and what it does change."""
    state, cost = 0, 0
    names: set[str] = set()
    for case in small():
        without, with_it = total(case, FIRST), total(case, SECOND)
        state += without.writes != with_it.writes
        differing = {name for name, value in without.costs.items() if with_it.costs[name] != value}
        cost += bool(differing)
        names |= differing
    right = 0 if not state else 2 if state == len(small()) else 1
    said = ", ".join(cost_name(name) for name in sorted(names))
    return right, (
        f"In {state} of {len(small())}. Pages still go one by one: when the last one goes and the new test says "
        f"no, the folio is on the queue since its first. Only a cost changes, in {cost} of them: {said}, because "
        "the new function writes that counter even if no page has lost its last mapping."
    )


STORY = Story(
    "three-patches",
    make,
    (PATCH, CASE),
    Question(
        "2/3 adds folio_remove_rmap_range(), and a folio is only queued if some of it is still mapped. Without 3/3, "
        "page by page: in how many of the small scenarios of the library does 2/3 change which folios are queued, or "
        "anything else that a machine holds?",
        GUESSES,
        answer,
        case={"patch": "2"},
    ),
    numbers,
    left=("patches", "folios", "transport", "condition"),
    right=("costs", "queue"),
)
