"""What the model's page tables shall be: a state in the model's addresses, folios numbered from 0."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.errors import LimitError
from folioviz.evidence.recordings.nearest import BUILT_SO
from folioviz.evidence.recordings.observed import (
    ABSENT,
    FOLIO,
    GUARDED,
    MAPCOUNT,
    OFFSET,
    ORDER,
    PRESENT,
    STATE,
    SWAPPED,
    ZERO_PAGE,
    empty,
)
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER, MAX_MMS, NR_VPNS
from folioviz.readout.words import count
from folioviz.rebuild.places import places
from folioviz.rebuild.state import Vma

if TYPE_CHECKING:
    from folioviz.rebuild.state import State

NOTHING: Final = -1
"""No folio."""
SCRATCH: Final = 32 * HPAGE_PMD_NR
"""Pages of scratch memory that there are at least; folios of each order begin at a 2 MiB boundary of their own."""
MOST_OTHERS: Final = 4
"""Processes of the model that stand for those that were not seen."""


@dataclass(slots=True)
class Goal:
    """What shall be; arrays have one element per page of address space, one array per process.

    Attributes:
        top: the first page behind all regions; scratch begins there.
        starts: region -> its first page.
        said: what is left out, in sentences.
        processes: the processes' names.
        order: of each folio.
        home: of each folio the page at which a fault would have brought it, NOTHING if there is no such place.
        others: folio -> for each of its pages how often it is mapped by processes that were not seen.
        folio: what each page maps, NOTHING if nothing; int64.
        offset: which page of the folio.
        huge: whether a PMD maps its 2 MiB, one element per 2 MiB.
        zero: whether it maps the zero page, the small one or the huge one.
        swapped: whether the small folio there is to be swapped out.
        inside: whether it is in a VMA.
        guarded: whether it has a guard marker.
        vmas: process -> its VMAs as (first, end, Vma).
    """

    top: int
    starts: dict[str, int]
    said: list[str]
    processes: list[str] = field(default_factory=list)
    order: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    home: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    others: dict[int, np.ndarray] = field(default_factory=dict)
    folio: list[np.ndarray] = field(default_factory=list)
    offset: list[np.ndarray] = field(default_factory=list)
    huge: list[np.ndarray] = field(default_factory=list)
    zero: list[np.ndarray] = field(default_factory=list)
    swapped: list[np.ndarray] = field(default_factory=list)
    inside: list[np.ndarray] = field(default_factory=list)
    guarded: list[np.ndarray] = field(default_factory=list)
    vmas: list[list[tuple[int, int, Vma]]] = field(default_factory=list)

    def add(self, process: str, size: int) -> None:
        """Add a process with ``size`` pages of address space, in which nothing is."""
        self.processes.append(process)
        self.folio.append(np.full(size, NOTHING))
        self.offset.append(np.zeros(size, int))
        self.huge.append(np.zeros(size // HPAGE_PMD_NR, bool))
        self.zero.append(np.zeros(size, bool))
        self.swapped.append(np.zeros(size, bool))
        self.inside.append(np.zeros(size, bool))
        self.guarded.append(np.zeros(size, bool))
        self.vmas.append([])


def goal_of(state: State, orders: frozenset[int], pages: int, swap: int) -> Goal:
    """Return what a kernel's page tables shall be.

    Args:
        state: what was seen.
        orders: the orders of folios that the kernel can bring.
        pages: how many the machine has.
        swap: how many of swap space the kernel can have.

    Raises:
        LimitError: if the model has no room for it.
    """
    starts, top = places(state.regions)
    processes = [*state.processes]
    if len(processes) > MAX_MMS:
        raise LimitError.of("the number of processes", len(processes), f"at most {MAX_MMS}")
    goal = Goal(top, starts, [*state.unread])
    need = _pages_of(state)
    if need > pages:
        raise LimitError.of("the pages of the folios", need, f"at most {pages}; look at a part of them")
    for process in processes:
        goal.add(process, min(top + 2 * need // HPAGE_PMD_NR * HPAGE_PMD_NR + SCRATCH, NR_VPNS))
    ids: dict[tuple[int, int], int] = {}
    for number, process in enumerate(processes):
        for region in state.regions:
            _put(goal, state, number, f"{process} {region}", ids)
    _take_swapped(goal, state, min(swap, pages - need), ids)
    goal.order = np.array([order for _, order in ids], int)
    unmapped = len(state.observed.folios.keys() - {name for name, _ in ids})
    if unmapped:
        goal.said.append(f"{count(unmapped, 'folio')} of which no page table maps a page")
    _leave_merged(goal)
    _leave_orders(goal, orders)
    _find_homes(goal)
    if not state.release.name.endswith(BUILT_SO):
        _count_others(goal, state, ids)
    return goal


def _pages_of(state: State) -> int:
    """Return how many pages the folios have."""
    parts = [
        np.unique(table[table[:, STATE] == PRESENT][:, [FOLIO, ORDER]], axis=0)
        for table in state.observed.tables.values()
    ]
    every = np.unique(np.concatenate([*parts, np.zeros((0, 2), int)]), axis=0)
    return int((1 << every[:, 1]).sum())


def _put(goal: Goal, state: State, number: int, name: str, ids: dict[tuple[int, int], int]) -> None:
    """Put one region of a process into its arrays."""
    table = state.observed.tables.get(name)
    region = name.partition(" ")[2]
    start, pages = goal.starts[region], state.regions[region].pages
    spans = state.vmas.get(name)
    if spans is None:
        memory = state.observed.memory.get(name, {})
        there = table is not None and (memory.get("vmas", 0) > 0 or not state.observed.tells("vmas"))
        spans = (Vma(0, pages),) if there and pages else ()
    for vma in spans:
        goal.inside[number][start + vma.start : start + vma.end] = True
        goal.vmas[number].append((start + vma.start, start + vma.end, vma))
    if table is None:
        return
    here = slice(start, start + len(table))
    goal.guarded[number][here] = table[:, STATE] == GUARDED
    goal.zero[number][here] = table[:, STATE] == ZERO_PAGE
    present = np.flatnonzero(table[:, STATE] == PRESENT)
    goal.inside[number][start + np.flatnonzero(table[:, STATE] != ABSENT)] = True
    keys, back = np.unique(table[present][:, [FOLIO, ORDER]], axis=0, return_inverse=True)
    numbers = np.array([ids.setdefault((folio, order), len(ids)) for folio, order in keys.tolist()], int)
    goal.folio[number][start + present] = numbers[back.reshape(-1)]
    goal.offset[number][start + present] = table[present, OFFSET]
    for page in state.huge.get(name, ()):
        goal.huge[number][(start + page) // HPAGE_PMD_NR] = True


def _take_swapped(goal: Goal, state: State, most: int, ids: dict[tuple[int, int], int]) -> None:
    """Let a small folio of its own stand for each page that is swapped out; not if there is no room for all of them."""
    tables = {
        name: np.flatnonzero(table[:, STATE] == SWAPPED) for name, table in state.observed.tables.items()
    }
    fit = sum(len(pages) for pages in tables.values()) <= most
    for name, pages in tables.items():
        process, _, region = name.partition(" ")
        if pages.size and not fit:
            goal.said.append(f"{count(len(pages), 'page')} of {name}: swapped out")
        elif pages.size:
            number, at = goal.processes.index(process), goal.starts[region] + pages
            goal.swapped[number][at] = True
            goal.folio[number][at] = [ids.setdefault((-1 - len(ids), 0), len(ids)) for _ in pages]


def _leave_merged(goal: Goal) -> None:
    """Leave out what KSM has merged: a page that one process maps twice."""
    for number, process in enumerate(goal.processes):
        here = np.flatnonzero(goal.folio[number] >= 0)
        key = goal.folio[number][here] << HPAGE_PMD_ORDER | goal.offset[number][here]
        _, back, times = np.unique(key, return_inverse=True, return_counts=True)
        merged = here[times[back.reshape(-1)] > 1]
        if merged.size:
            goal.folio[number][merged] = NOTHING
            goal.said.append(f"{count(merged.size, 'page')} of {process}: merged by KSM")


def _leave_orders(goal: Goal, orders: frozenset[int]) -> None:
    """Let single pages stand for folios of orders that the kernel does not have."""
    lacking = sorted({*goal.order.tolist()} - orders)
    for order in lacking:
        times = int((goal.order == order).sum())
        goal.said.append(
            f"{count(times, 'folio')} of order {order}: the kernel has none, and single pages stand for them"
        )
    number = len(goal.order)
    first = np.full(number + 1, NOTHING)
    for one in np.flatnonzero(np.isin(goal.order, lacking)).tolist():
        first[one] = number
        number += 1 << int(goal.order[one])
    for folio, offset in zip(goal.folio, goal.offset, strict=True):
        single = first[folio] >= 0
        folio[single] = first[folio[single]] + offset[single]
        offset[single] = 0
    goal.order = np.append(goal.order, np.zeros(number - len(goal.order), int))


def _find_homes(goal: Goal) -> None:
    """Find out where faults would have brought the folios: where most of their pages lie as their order asks for."""
    goal.home = np.full(len(goal.order), NOTHING)
    found = []
    for folio, offset in zip(goal.folio, goal.offset, strict=True):
        here = np.flatnonzero(folio >= 0)
        found.append(np.stack([folio[here], here - offset[here]], axis=1))
    pairs = np.concatenate(found) if found else np.zeros((0, 2), int)
    pairs = pairs[pairs[:, 1] % (1 << goal.order[pairs[:, 0]]) == 0]
    keys, times = np.unique(pairs, axis=0, return_counts=True)
    best = np.argsort(times, kind="stable")
    goal.home[keys[best, 0]] = keys[best, 1]


def _count_others(goal: Goal, state: State, ids: dict[tuple[int, int], int]) -> None:
    """Count how often pages are mapped by processes that were not seen: what the counts say more than was seen."""
    *first, size = np.concatenate([[0], np.cumsum(1 << goal.order)]).tolist()
    base = np.array(first, int)
    told, seen = np.zeros(size, int), np.zeros(size, int)
    for number, process in enumerate(goal.processes):
        here = np.flatnonzero(goal.folio[number] >= 0)
        np.add.at(seen, base[goal.folio[number][here]] + goal.offset[number][here], 1)
        for region, start in goal.starts.items():
            table = state.observed.tables.get(f"{process} {region}", empty(0))
            span = slice(start, start + len(table))
            there = goal.folio[number][span] >= 0
            told[base[goal.folio[number][span][there]] + goal.offset[number][span][there]] = table[
                there, MAPCOUNT
            ]
    for (name, order), folio in ids.items():
        pages = state.observed.folios.get(name, {}).get("kpagecount")
        if isinstance(pages, tuple) and pages and goal.home[folio] != NOTHING:
            counts, values = np.array(pages, int).T
            told[base[folio] : base[folio] + (1 << order)] = np.repeat(values, counts)
    more = np.maximum(told - seen, 0)
    for folio in np.unique(base.searchsorted(np.flatnonzero(more), "right") - 1).tolist():
        pages = more[base[folio] : base[folio] + (1 << int(goal.order[folio]))]
        goal.others[folio] = np.minimum(pages, MOST_OTHERS)
    if goal.others:
        most = int(more.max())
        stands = (
            "processes of the model's own stand"
            if min(most, MOST_OTHERS) > 1
            else "a process of the model's own stands"
        )
        goal.said.append(
            f"who else maps {count(int((more > 0).sum()), 'page')}, up to {count(most, 'time')} each: {stands} for them"
        )
