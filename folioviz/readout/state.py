"""What a machine holds now, in the words of a reader: folios, processes, the queue, the gather.

Everything is copied out of the machine, so a value stays true when the machine moves on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine.fields import (
    FOLIO_DOUBLE_MAP,
    FOLIO_ENTIRE_MAPCOUNT,
    FOLIO_LARGE_MAPCOUNT,
    FOLIO_MM_ID_0,
    FOLIO_MM_ID_1,
    FOLIO_MM_ID_MAPCOUNT_0,
    FOLIO_MM_ID_MAPCOUNT_1,
    FOLIO_MM_IDS_SHARED,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_ORDER,
    FOLIO_PARTIALLY_MAPPED,
    FOLIO_PINS,
    FOLIO_REFCOUNT,
    FOLIO_SWAP,
    PAGE_MAPCOUNT,
)
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    PMD_HUGE,
    PMD_MIGRATION,
    PMD_WRITE,
    PTE_MIGRATION,
    PTE_PRESENT,
    PTE_WRITE,
    PTRS_PER_PTE,
    SCAN_LIST,
    Machine,
)
from folioviz.mm.headers import batch_slot, is_huge_zero_pmd
from folioviz.ops.walk import listed, live_folios, live_mms, queues

if TYPE_CHECKING:
    from collections.abc import Mapping


class Vma(NamedTuple):
    """A VMA: pages ``[start, end)``, its page offset, and whether anything was ever faulted in."""

    start: int
    end: int
    pgoff: int
    anon: bool


class Process(NamedTuple):
    """A live process. ``maps`` is what :func:`mappings` returns for it."""

    id: int
    slot: int
    rss: int
    vmas: tuple[Vma, ...]
    maps: np.ndarray


class Folio(NamedTuple):
    """A live folio.

    Attributes:
        id: 1, 2, 3, ... in order of creation.
        head: its first page's number.
        counters: by field number the raw values of all that its kernel maintains of it (``machine.counters_of``).
        mapcount: raw ``_mapcount`` of each page, int32 of shape (2**order,).
        anon_exclusive: AnonExclusive of each page, int32 of shape (2**order,).
        ptes: PTEs that point at its pages now; each holds a reference, whether or not its mapcount is up yet.
        pmds: PMDs that point at it now; each holds a reference, too.
        gather_refs: references that wait in the mmu_gather.
        queue_place: place on its deferred split queue, from 1; 0 if it is not on it.
        scanned: whether the shrinker holds it on its private list.
        zero_filled: pages that hold nothing but zeros, int32 of shape (2**order,) or empty if that is not kept.
        counts_pages: whether the kernel counts its pages' mappings; if not, ``mapcount`` is from the page tables.
    """

    id: int
    head: int
    counters: Mapping[int, int]
    mapcount: np.ndarray
    anon_exclusive: np.ndarray
    ptes: int
    pmds: int
    gather_refs: int
    queue_place: int
    scanned: bool
    zero_filled: np.ndarray
    counts_pages: bool

    @property
    def order(self) -> int:
        """Return its order: it has 2**order pages."""
        return self.counters[FOLIO_ORDER]

    @property
    def refcount(self) -> int:
        """Return the number of all references."""
        return self.counters[FOLIO_REFCOUNT]

    @property
    def entire_mapcount(self) -> int:
        """Return the raw ``_entire_mapcount``: -1 is no PMD mapping, and for order 0."""
        return self.counters[FOLIO_ENTIRE_MAPCOUNT]

    @property
    def nr_pages_mapped(self) -> int:
        """Return the raw ``_nr_pages_mapped``, with COMPOUND_MAPPED; 0 for order 0 and where it is not maintained."""
        return self.counters.get(FOLIO_NR_PAGES_MAPPED, 0)

    @property
    def counts_nr(self) -> bool:
        """Tell whether the kernel maintains ``_nr_pages_mapped``."""
        return FOLIO_NR_PAGES_MAPPED in self.counters

    @property
    def large_mapcount(self) -> int | None:
        """Return the raw ``_large_mapcount``, -1 is no mapping; None where the kernel does not keep it."""
        return self.counters.get(FOLIO_LARGE_MAPCOUNT)

    @property
    def flagged(self) -> int | None:
        """Return PG_partially_mapped; None where the kernel does not keep it."""
        return self.counters.get(FOLIO_PARTIALLY_MAPPED)

    @property
    def double_map(self) -> int | None:
        """Return PG_double_map (v6.1); None where the kernel does not keep it."""
        return self.counters.get(FOLIO_DOUBLE_MAP)

    @property
    def pins(self) -> int:
        """Return the number of references that ``get`` took."""
        return self.counters[FOLIO_PINS]

    @property
    def owners(self) -> tuple[tuple[int, int], ...] | None:
        """Return (process id, mappings) of the slots that are taken; None where the kernel does not keep them."""
        if FOLIO_MM_ID_0 not in self.counters:
            return None
        slots = (FOLIO_MM_ID_0, FOLIO_MM_ID_MAPCOUNT_0), (FOLIO_MM_ID_1, FOLIO_MM_ID_MAPCOUNT_1)
        return tuple(
            (self.counters[mm], self.counters[count] + 1) for mm, count in slots if self.counters[mm]
        )

    @property
    def maybe_shared(self) -> int | None:
        """Return FOLIO_MM_IDS_SHARED: whether others than the owners may map it; None without owners."""
        return self.counters.get(FOLIO_MM_IDS_SHARED)

    @property
    def pages_mapped(self) -> int:
        """Return how many of its pages are mapped at all."""
        return self.mapcount.size if self.entire_mapcount >= 0 else int(np.count_nonzero(self.mapcount >= 0))

    @property
    def zeros_freed(self) -> int:
        """Return how many mapped, zero-filled pages a split would free: v6.12 does so, which has the flag, too."""
        mapped = (self.mapcount >= 0) | (self.entire_mapcount >= 0)
        zero = (self.zero_filled != 0) & mapped[: self.zero_filled.size]
        return int(zero.sum()) if self.flagged is not None else 0

    @property
    def total_mapcount(self) -> int:
        """Return how many mappings its mapcounts say there are (total_mapcount(), include/linux/mm.h, v6.5)."""
        if self.large_mapcount is not None and self.order:
            return self.large_mapcount + 1
        twice = self.mapcount.size if self.double_map else 0
        return int(self.mapcount.sum()) + self.mapcount.size + self.entire_mapcount + 1 - twice

    @property
    def cache_refs(self) -> int:
        """Return the references of the swap cache: one for each page of a folio that is in it."""
        return self.mapcount.size if self.counters.get(FOLIO_SWAP, -1) >= 0 else 0

    @property
    def other_refs(self) -> int:
        """Return the references that nothing else here accounts for: a running function holds them."""
        return self.refcount - self.ptes - self.pmds - self.gather_refs - self.pins - self.cache_refs

    @property
    def counted(self) -> int:
        """Return how many of its pages are mapped as its counters have it, which is :attr:`pages_mapped` at rest.

        A batch writes ``_nr_pages_mapped`` once, after all mapcounts. The kernel goes by it, or by ``_large_mapcount``
        if pages have no mapcounts (__folio_remove_rmap(), mm/rmap.c, v7.3).
        """
        if self.counts_nr and self.order:
            return min(self.nr_pages_mapped, self.mapcount.size)
        under_way = not self.counts_pages and self.total_mapcount != self.ptes + self.pmds
        return min(self.total_mapcount, self.mapcount.size) if under_way else self.pages_mapped

    @property
    def partially_mapped(self) -> bool:
        """Tell whether some of its pages are mapped and some are not, as its counters have it."""
        return 0 < self.counted < self.mapcount.size


def gather_pages(machine: Machine) -> np.ndarray:
    """Return the pages that wait in the mmu_gather, in order, int32 of shape (n,)."""
    parts = [
        np.arange(batch_slot(batch), batch_slot(batch) + int(machine.tlb_batch_nr[batch]))
        for batch in range(int(machine.tlb_batch_count[0]) + 1)
    ]
    slots = np.concatenate(parts)
    if not machine.tlb_nr.size:
        return machine.tlb_page[slots]
    runs = machine.tlb_nr[slots]  # a run's second slot counts nothing
    first = np.repeat(machine.tlb_page[slots], runs)
    return np.asarray(first + np.arange(first.size) - np.repeat(np.cumsum(runs) - runs, runs), np.int32)


def folios(machine: Machine) -> list[Folio]:
    """Return the live folios in order of their ids; O(pages)."""
    places = {head: place for heads in queues(machine).values() for place, head in enumerate(heads, start=1)}
    scanned = set(listed(machine, SCAN_LIST))
    pages = machine.sizes.pages
    waiting = np.bincount(machine.page_folio[gather_pages(machine)], minlength=pages)
    ptes = machine.pte[np.flatnonzero(machine.pte & PTE_PRESENT)] >> ENTRY_SHIFT
    of_pages = np.bincount(ptes, minlength=pages)
    by_pte = np.bincount(machine.page_folio[ptes], minlength=pages)
    huge = machine.pmd[(machine.pmd & (PMD_HUGE | PMD_MIGRATION)) == PMD_HUGE]
    by_pmd = np.bincount(huge >> ENTRY_SHIFT, minlength=pages)
    found = []
    for head in live_folios(machine).tolist():
        counters = machine.counters_of(head)
        order = counters[FOLIO_ORDER]
        own = slice(head, head + (1 << order))
        counts_pages = not order or machine.maintains(PAGE_MAPCOUNT)
        found.append(
            Folio(
                int(machine.folio_id[head]),
                head,
                counters,
                machine.page_mapcount[own].copy() if counts_pages else (of_pages[own] - 1).astype(np.int32),
                machine.page_anon_exclusive[own].copy(),
                int(by_pte[head]),
                int(by_pmd[head]),
                int(waiting[head]),
                places.get(head, 0),
                head in scanned,
                machine.page_zero_filled[own].copy(),
                counts_pages,
            )
        )
    return found


def mappings(machine: Machine, mm: int) -> np.ndarray:
    """Return what a process maps, by address: int64 of shape (n, 5) of vpn, page, writable, huge, migration.

    A huge page is one row, its page the head; ``mm`` is the process's slot.
    """
    slots = np.flatnonzero(machine.pmd[mm * 512 : mm * 512 + 512]).tolist()
    parts = [mapped_by(machine, int(machine.pmd[mm * 512 + slot]), slot) for slot in slots]
    return np.concatenate([np.empty((0, 5), np.int64), *parts])


def mapped_by(machine: Machine, pmd: int, slot: int) -> np.ndarray:
    """Return what one PMD entry maps, as rows of :func:`mappings`."""
    if pmd & PMD_HUGE:
        may, moves = bool(pmd & PMD_WRITE), bool(pmd & PMD_MIGRATION)
        return np.array([[slot * 512, pmd >> ENTRY_SHIFT, may, 1, moves]])
    if is_huge_zero_pmd(pmd):
        return np.empty((0, 5), np.int64)
    first = (pmd >> ENTRY_SHIFT) * PTRS_PER_PTE
    entries = machine.pte[first : first + PTRS_PER_PTE]
    used = np.flatnonzero(entries & (PTE_PRESENT | PTE_MIGRATION))
    rows = np.zeros((used.size, 5), np.int64)
    rows[:, 0] = slot * 512 + used
    rows[:, 1] = entries[used] >> ENTRY_SHIFT
    rows[:, 2] = (entries[used] & PTE_WRITE) != 0
    rows[:, 4] = (entries[used] & PTE_MIGRATION) != 0
    return rows


def vmas(machine: Machine, mm: int) -> tuple[Vma, ...]:
    """Return the VMAs of a process, by address; ``mm`` is its slot."""
    found = []
    vma = int(machine.mm_mmap[mm])
    while vma >= 0:
        start, end = int(machine.vma_start[vma]), int(machine.vma_end[vma])
        found.append(Vma(start, end, int(machine.vma_pgoff[vma]), bool(machine.vma_anon[vma])))
        vma = int(machine.vma_next[vma])
    return tuple(found)


def processes(machine: Machine) -> list[Process]:
    """Return the live processes in order of creation."""
    return [
        Process(int(machine.mm_id[mm]), mm, int(machine.mm_rss[mm]), vmas(machine, mm), mappings(machine, mm))
        for mm in live_mms(machine)
    ]
