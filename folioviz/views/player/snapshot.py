"""Folios and processes of a lab, read again only as far as the journal rows between two looks have changed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal
from folioviz.machine.fields import (
    FOLIO_ORDER,
    MAX_PTES_NONE,
    MM_RSS,
    MTHP_STAT,
    NR_FREE_PAGES,
    PTE,
    SHRINK_UNDERUSED,
    SPLIT_QUEUE_LEN,
    SPLIT_QUEUE_LOCK,
    THP_ENABLED,
    THP_UNDERUSED_SPLIT_PAGE,
    TLB_ACTIVE,
    TLB_BATCH_COUNT,
    TLB_BATCH_NR,
    TLB_CLEARED,
    TLB_NR,
    TLB_PAGE,
    VM_EVENT,
    VMA_READONLY,
    VMSTAT,
)
from folioviz.machine.memory import ENTRY_SHIFT, PMD_HUGE, PTE_PRESENT, PTRS_PER_PTE
from folioviz.readout import state
from folioviz.views.player.changes import COUNTERS, OF_PAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.machine.memory import Machine
    from folioviz.views.player.track import Track

MAX_ROWS = 256
"""More rows than this are not followed: everything is read again."""

OF_PAGE = set(OF_PAGES)
OF_FOLIO = set(COUNTERS) - {FOLIO_ORDER}
GATHER = {TLB_PAGE, TLB_NR, TLB_BATCH_NR, TLB_BATCH_COUNT}
ELSEWHERE = {
    VMSTAT,
    VM_EVENT,
    SPLIT_QUEUE_LEN,
    SPLIT_QUEUE_LOCK,
    TLB_ACTIVE,
    TLB_CLEARED,
    MM_RSS,
    NR_FREE_PAGES,
    VMA_READONLY,
    MTHP_STAT,
    THP_UNDERUSED_SPLIT_PAGE,
    MAX_PTES_NONE,
    SHRINK_UNDERUSED,
    THP_ENABLED,
}
FOLLOWED = OF_PAGE | OF_FOLIO | GATHER | ELSEWHERE | {PTE}
"""Fields whose changes are followed; a write to any other means that everything is read again."""


class Footprint(NamedTuple):
    """What tells whether a folio has changed: its counters, and the sums of its pages' mapcounts and marks.

    ``kept`` is what only some kernels keep.
    """

    order: int
    refcount: int
    entire_mapcount: int
    nr_pages_mapped: int
    pins: int
    queue_place: int
    mapcounts: int
    exclusives: int
    kept: tuple[object, ...]


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

    def read(self, track: Track) -> tuple[tuple[state.Folio, ...], tuple[state.Process, ...]]:
        """Return the live folios and processes at a track's cursor."""
        lab = track.lab
        seen, self._seen = self._seen, (lab, track.version, lab.cursor)
        near = seen[:2] == self._seen[:2] and abs(seen[2] - lab.cursor) <= MAX_ROWS
        if not (near and self._follow(track, seen[2])):
            self._folios = state.folios(lab.machine)
            self._processes = state.processes(lab.machine)
            self._parts, self._prints = {}, {}
        return tuple(self._folios), tuple(self._processes)

    def _follow(self, track: Track, cursor: int) -> bool:
        """Follow the rows between the last look and now; tell whether all could be followed."""
        lab = track.lab
        machine = lab.machine
        rows = lab.journal[min(cursor, lab.cursor) : max(cursor, lab.cursor)]
        rows = rows[(rows[:, 0] < journal.WHY) & (rows[:, 1] != journal.NOWHERE)]
        fields = np.searchsorted(machine.base, rows[:, 1], side="right") - 1
        kinds = set(fields.tolist())
        if not kinds <= FOLLOWED:
            return False
        places = rows[:, 1] - np.array(machine.base)[fields]
        heads = set(places[np.isin(fields, list(OF_FOLIO))].tolist())
        heads |= set(machine.page_folio[places[np.isin(fields, list(OF_PAGE))]].tolist())
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
                slot
                for slot in slots
                if not pmds[slot] & PMD_HUGE and int(pmds[slot]) >> ENTRY_SHIFT in tables
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
        folio.order,
        folio.refcount,
        folio.entire_mapcount,
        folio.nr_pages_mapped,
        folio.pins,
        folio.queue_place,
        int(folio.mapcount.sum()),
        int(folio.anon_exclusive.sum()),
        (
            folio.large_mapcount,
            folio.flagged,
            folio.owners,
            folio.maybe_shared,
            folio.double_map,
            int(folio.zero_filled.sum()),
        ),
    )


def fresh(machine: Machine, folio: state.Folio, ptes: list[tuple[int, int]]) -> state.Folio:
    """Return a folio with its counters as they are now; ``ptes`` says by how many more PTEs its pages are mapped."""
    head = folio.head
    own = slice(head, head + folio.mapcount.size)
    mapcount = machine.page_mapcount[own].copy() if folio.counts_pages else folio.mapcount.copy()
    if not folio.counts_pages:
        for page, more in ptes:
            mapcount[page - head] += more
    now = folio._replace(
        refcount=int(machine.folio_refcount[head]),
        entire_mapcount=int(machine.folio_entire_mapcount[head]),
        nr_pages_mapped=int(machine.folio_nr_pages_mapped[head]),
        pins=int(machine.folio_pins[head]),
        mapcount=mapcount,
        anon_exclusive=machine.page_anon_exclusive[own].copy(),
        ptes=folio.ptes + sum(more for _, more in ptes),
    )
    if folio.large_mapcount is not None:
        now = now._replace(large_mapcount=int(machine.folio_large_mapcount[head]))
    if folio.flagged is not None:
        now = now._replace(flagged=int(machine.folio_partially_mapped[head]))
    if folio.double_map is not None:
        now = now._replace(double_map=int(machine.folio_double_map[head]))
    if folio.zero_filled.size:
        now = now._replace(zero_filled=machine.page_zero_filled[own].copy())
    return now if folio.owners is None else _owned(machine, now)


def _owned(machine: Machine, folio: state.Folio) -> state.Folio:
    """Return a folio with its owner slots as they are now."""
    slots = (
        (machine.folio_mm_id_0, machine.folio_mm_id_mapcount_0),
        (machine.folio_mm_id_1, machine.folio_mm_id_mapcount_1),
    )
    taken = [(int(ids[folio.head]), int(counts[folio.head]) + 1) for ids, counts in slots]
    return folio._replace(
        owners=tuple((mm, mappings) for mm, mappings in taken if mm),
        maybe_shared=int(machine.folio_mm_ids_shared[folio.head]),
    )
