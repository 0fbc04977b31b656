"""Folios and processes of a lab, read again only as far as the journal rows between two looks have changed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal
from folioviz.machine.fields import (
    FIELDS,
    FOLIO_ORDER,
    MM_RSS,
    OF_FOLIO,
    OF_PAGE,
    PTE,
    TLB_BATCH_COUNT,
    VMA_READONLY,
)
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    PMD_TABLE,
    PMD_ZERO,
    PTE_GUARD,
    PTE_PRESENT,
    PTE_ZERO,
    PTRS_PER_PTE,
)
from folioviz.readout import marks, state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from folioviz.lab import Lab
    from folioviz.machine.memory import Machine

MAX_ROWS = 256
"""More rows than this are not followed: everything is read again."""

CELLS = [row.number for row in OF_PAGE]
COUNTED = [row.number for row in OF_FOLIO if row.number != FOLIO_ORDER]
GATHER = {row.number for row in FIELDS if row.by in {"gather", "batch"}} | {TLB_BATCH_COUNT}
UNSEEN = {row.number for row in FIELDS if row.by in {"vmstat", "event", "mthp", "machine"}} | {VMA_READONLY}
"""Fields of which neither a folio nor a process, as a reader sees them, shows anything."""
FOLLOWED = {*CELLS, *COUNTED, PTE, MM_RSS} | GATHER | UNSEEN
"""Fields whose changes are followed; a write to any other means that everything is read again."""


class Gone(NamedTuple):
    """A folio that was there when the operation began and is not now."""

    id: int
    order: int


class Footprint(NamedTuple):
    """What tells whether a folio has changed: its counters, and the sums of its pages' mapcounts and marks."""

    counters: Mapping[int, int]
    queue_place: int
    mapcounts: int
    exclusives: int
    zeros: int

    @property
    def order(self) -> int:
        """Return the folio's order."""
        return self.counters[FOLIO_ORDER]


class Snapshot:
    """What was read last. What did not change is the same object as before, so that views may compare with ``is``."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._seen: tuple[object, int, int] = (None, 0, 0)
        self._folios: list[state.Folio] = []
        self._processes: list[state.Process] = []
        self._parts: dict[tuple[int, int], np.ndarray] = {}
        self._prints: dict[int, tuple[state.Folio, Footprint]] = {}

    def changed(self, began: Mapping[int, Footprint]) -> frozenset[int]:
        """Return the ids of the folios whose footprint is not what it was."""
        found = set()
        for folio in self._folios:
            kept = self._prints.get(folio.id)
            if kept is None or kept[0] is not folio:
                kept = self._prints[folio.id] = (folio, footprint(folio))
            if began.get(folio.id) != kept[1]:
                found.add(folio.id)
        return frozenset(found)

    def read(self, lab: Lab, version: int) -> tuple[tuple[state.Folio, ...], tuple[state.Process, ...]]:
        """Return the live folios and processes at a lab's cursor; ``version`` tells one history from another."""
        seen, self._seen = self._seen, (lab, version, lab.cursor)
        near = seen[:2] == self._seen[:2] and abs(seen[2] - lab.cursor) <= MAX_ROWS
        if not (near and self._follow(lab, seen[2])):
            self._folios = state.folios(lab.machine)
            self._processes = state.processes(lab.machine)
            self._parts, self._prints = {}, {}
        return tuple(self._folios), tuple(self._processes)

    def _follow(self, lab: Lab, cursor: int) -> bool:
        """Follow the rows between the last look and now; tell whether all could be followed."""
        machine = lab.machine
        rows = lab.journal[min(cursor, lab.cursor) : max(cursor, lab.cursor)]
        rows = rows[(rows[:, 0] < journal.WHY) & (rows[:, 1] != journal.NOWHERE)]
        fields = machine.fields_of(rows[:, 1])
        kinds = set(fields.tolist())
        if not kinds <= FOLLOWED:
            return False
        places = rows[:, 1] - np.array(machine.base)[fields]
        heads = set(places[np.isin(fields, COUNTED)].tolist())
        heads |= set(machine.page_folio[places[np.isin(fields, CELLS)]].tolist())
        references: dict[int, list[tuple[int, int]]] = {head: [] for head in heads}
        entries = rows[fields == PTE]
        for _, _, old, new in entries.tolist():
            for value, sign in ((old, -1), (new, 1)):
                if value & PTE_PRESENT:
                    page = value >> ENTRY_SHIFT
                    more = sign if cursor < lab.cursor else -sign
                    references.setdefault(int(machine.page_folio[page]), []).append((page, more))
        at = {folio.head: place for place, folio in enumerate(self._folios)}
        if not references.keys() <= at.keys():
            return False
        for head, ptes in references.items():
            self._folios[at[head]] = fresh(machine, self._folios[at[head]], ptes)
        if kinds & GATHER:
            self._gathered(machine)
        if entries.size:
            self._map(machine, set((places[fields == PTE] // PTRS_PER_PTE).tolist()))
        if MM_RSS in kinds:
            self._processes = [one._replace(rss=int(machine.mm_rss[one.slot])) for one in self._processes]
        return True

    def _gathered(self, machine: Machine) -> None:
        """Count again which folios wait in the mmu_gather."""
        heads, counts = np.unique(machine.page_folio[state.gather_pages(machine)], return_counts=True)
        waiting = dict(zip(heads.tolist(), counts.tolist(), strict=True))
        for place, folio in enumerate(self._folios):
            refs = waiting.get(folio.head, 0)
            if refs != folio.gather_refs:
                self._folios[place] = folio._replace(gather_refs=refs)

    def _map(self, machine: Machine, tables: set[int]) -> None:
        """Read again the entries of page tables."""
        for place, process in enumerate(self._processes):
            pmds = machine.pmd[process.slot * 512 : process.slot * 512 + 512]
            slots = np.flatnonzero(pmds).tolist()
            mine = [
                slot for slot in slots if pmds[slot] & PMD_TABLE and int(pmds[slot]) >> ENTRY_SHIFT in tables
            ]
            if not mine:
                continue
            for slot in slots:
                if slot in mine or (process.slot, slot) not in self._parts:
                    self._parts[process.slot, slot] = state.mapped_by(machine, int(pmds[slot]), slot)
            maps = np.concatenate([self._parts[process.slot, slot] for slot in slots])
            self._processes[place] = process._replace(maps=maps)


def footprint(folio: state.Folio) -> Footprint:
    """Return the footprint of a folio."""
    return Footprint(
        folio.counters,
        folio.queue_place,
        int(folio.mapcount.sum()),
        int(folio.anon_exclusive.sum()),
        int(folio.zero_filled.sum()),
    )


def fresh(machine: Machine, folio: state.Folio, ptes: list[tuple[int, int]]) -> state.Folio:
    """Return a folio with its counters as they are now; ``ptes`` says by how many more PTEs its pages are mapped."""
    head = folio.head
    own = slice(head, head + folio.mapcount.size)
    mapcount = machine.page_mapcount[own].copy() if folio.counts_pages else folio.mapcount.copy()
    if not folio.counts_pages:
        for page, more in ptes:
            mapcount[page - head] += more
    return folio._replace(
        counters=machine.counters_of(head),
        mapcount=mapcount,
        anon_exclusive=machine.page_anon_exclusive[own].copy(),
        zero_filled=machine.page_zero_filled[own].copy(),
        ptes=folio.ptes + sum(more for _, more in ptes),
    )


def zeros(machine: Machine, processes: Iterable[state.Process]) -> dict[int, np.ndarray]:
    """Return where each process maps a zero page; O(entries of page tables)."""
    if not np.any(machine.pte & PTE_ZERO) and not np.any(machine.pmd == PMD_ZERO):
        return {}
    found = {process.id: marks.zero_ptes(machine, process.slot) for process in processes}
    return {mm: vpns for mm, vpns in found.items() if vpns.size}


def guards(machine: Machine, processes: Iterable[state.Process]) -> dict[int, np.ndarray]:
    """Return where each process has guard markers; O(entries of page tables)."""
    if not np.any(machine.pte == PTE_GUARD):
        return {}
    found = {process.id: marks.guard_ptes(machine, process.slot) for process in processes}
    return {mm: vpns for mm, vpns in found.items() if vpns.size}


def swapped(machine: Machine, processes: Iterable[state.Process]) -> dict[int, np.ndarray]:
    """Return where each process has swap entries; O(entries of page tables) if there are any."""
    if not machine.swap_map.any():
        return {}
    found = {process.id: marks.swap_ptes(machine, process.slot) for process in processes}
    return {mm: vpns for mm, vpns in found.items() if vpns.size}
