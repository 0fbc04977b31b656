"""Rebuild what was seen: operations that make it on a kernel's machine, and in what the model then differs from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.errors import OperationError
from folioviz.evidence.recordings.comparison import Difference, differences
from folioviz.evidence.recordings.fields import FOLIOS, TABLES
from folioviz.evidence.recordings.model_side import standing
from folioviz.evidence.recordings.naming import Names
from folioviz.evidence.recordings.observed import MEMORY
from folioviz.evidence.recordings.scene import Scene
from folioviz.lab import Lab
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER, PMD_HUGE, PMD_ZERO
from folioviz.machine.swap import MOST_SWAP_PAGES
from folioviz.ops.walk import mm_slot
from folioviz.rebuild.goal import goal_of
from folioviz.rebuild.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.observed import Observed
    from folioviz.ops.ops import Operation
    from folioviz.rebuild.state import State

COMPARED: Final = frozenset({TABLES, FOLIOS, "page_mapcount", "page_flags", *MEMORY})
"""What a state has, and a step before it need not be known for."""
STRUCTURE: Final = frozenset({"state", "folio", "order", "offset", "mapped by"})
"""The fields that say which page of which folio is mapped where, and how."""


class Rebuilt(NamedTuple):
    """What was seen, as operations.

    Attributes:
        ops: the operations, for an empty machine.
        differences: in what the model differs from what was seen, once they are done.
        left_out: what was seen, or is known to be missing, and is not rebuilt; in sentences.
        lab: the lab in which they were done.
        mms: process -> its id in the model.
        starts: region -> its first page in the model.
    """

    ops: tuple[Operation, ...]
    differences: tuple[Difference, ...]
    left_out: tuple[str, ...]
    lab: Lab
    mms: dict[str, int]
    starts: dict[str, int]

    @property
    def same_structure(self) -> bool:
        """Tell whether every page maps what it was seen to map, by PMD or by PTE, of a folio of that order."""
        return not any(one.field in STRUCTURE for one in self.differences)


def rebuild(state: State, kernel: str) -> Rebuilt:
    """Find operations that make a state on a kernel's machine, do them there, and compare.

    Args:
        state: what was seen.
        kernel: the key or alias of the model's kernel.

    Raises:
        KernelError: if there is no such kernel.
        LimitError: if the model has no room for the state.
    """
    lab = Lab(kernel, calls=False)
    names = {*lab.linked.names}
    swap = MOST_SWAP_PAGES if "swapon" in names else 0
    goal = goal_of(state, frozenset({*lab.kernel.orders, HPAGE_PMD_ORDER}), lab.machine.sizes.pages, swap)
    plan = Plan(goal, touches="touch_pages" in names, guards="madvise_guard" in names)
    left_out = [*goal.said]
    done = []
    for op in plan.ops:
        try:
            lab.apply(op)
            done.append(op)
        except OperationError as error:
            left_out.append(f"{op.short()}: {error}")
    found = _compare(state, lab, plan.mms, goal.starts)
    return Rebuilt(tuple(done), tuple(found), tuple(left_out), lab, plan.mms, goal.starts)


def _compare(state: State, lab: Lab, mms: dict[str, int], starts: dict[str, int]) -> Iterator[Difference]:
    """Yield the differences between what was seen and what a lab has."""
    seen = _comparable(state.observed)
    scene = Scene(lab.machine, frozenset(), state.release)
    scene.mms, scene.starts = mms, starts
    scene.pages = {name: region.pages for name, region in state.regions.items()}
    model = standing(lab.machine, scene, Names(), state.release, seen)
    tables = {name: table for name, table in model.tables.items() if name in seen.tables}
    memory = {name: sums for name, sums in model.memory.items() if name in seen.memory}
    yield from differences(seen, replace(model, tables=tables, memory=memory))
    yield from _by_pmd(state, lab, mms, starts)


def _comparable(observed: Observed) -> Observed:
    """Return what is compared of a state: nothing that a step changed."""
    fields = COMPARED if observed.fields is None else observed.fields & COMPARED
    return replace(observed, counters={}, calls={}, removals=None, fields=fields)


def _by_pmd(state: State, lab: Lab, mms: dict[str, int], starts: dict[str, int]) -> Iterator[Difference]:
    """Yield where 2 MiB are mapped by a PMD on one side only."""
    for name in state.observed.tables:
        process, _, region = name.partition(" ")
        slot, start = mm_slot(lab.machine, mms[process]), starts[region]
        shift = -start % HPAGE_PMD_NR
        for page in range(shift, state.regions[region].pages - HPAGE_PMD_NR + 1, HPAGE_PMD_NR):
            entry = int(lab.machine.pmd[slot * HPAGE_PMD_NR + (start + page) // HPAGE_PMD_NR])
            ours = bool(entry & PMD_HUGE) or entry == PMD_ZERO
            theirs = page in state.huge.get(name, ())
            if ours != theirs:
                words = ["a PMD" if by_pmd else "PTEs" for by_pmd in (theirs, ours)]
                yield Difference(f"{name} pages {page}-{page + HPAGE_PMD_NR - 1}", "mapped by", *words)
