"""Every law that holds between operations, each with the place in the kernel that relies on it.

The kernel asserts some of them (VM_BUG_ON, bad_page()) and silently needs the others. Each law compares whole arrays
with what is counted in page tables and on lists, so that all can be checked after every operation of a test. They do
not hold any more once a bug of the kernel itself has fired (:meth:`folioviz.machine.memory.Machine.bugs`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np

from folioviz.laws.census import (
    PARTS,
    Census,
    chain,
    require,
    require_least,
    require_most,
    require_once,
    require_one,
    spread,
)
from folioviz.laws.cgroups import OF_CGROUPS
from folioviz.laws.some_kernels import OF_RIGHTS, OF_SOME_KERNELS
from folioviz.laws.swap import OF_SWAP
from folioviz.machine.fields import FIELDS, FOLIO_ID
from folioviz.machine.memory import (
    COMPOUND_MAPPED,
    COMPOUND_PAGELIST,
    FOLIO_LIST,
    FREE_AREA,
    GUP_PIN_COUNTING_BIAS,
    HPAGE_PMD_NR,
    LIST_MM,
    LIST_PAGE,
    LOWEST_QUEUED_ORDER,
    MAX_MMS,
    MAX_ORDER,
    MM_LIST,
    NR_ANON_MAPPED,
    NR_ANON_THPS,
    NR_VPNS,
    PAGES_TO_FREE,
    PMD_WRITE,
    PTE_WRITE,
    PTRS_PER_PTE,
    SCAN_LIST,
    Machine,
    Sizes,
)

AT_REST: Final = [row for row in FIELDS if row.by == "folio" and not row.some and row.number != FOLIO_ID]
"""The fields of a folio that are idle on a page that is not the head of a live folio."""


def _lists(c: Census) -> None:
    # A node is on one list or alone (list_add() of a listed node, lib/list_debug.c).
    alone = np.flatnonzero(c.m.list_next == np.arange(c.m.list_next.size))
    heads = [head for head, found in c.lists.items() if found.size]
    require_once("node {} is on a list or alone", c.m.list_next.size, alone, heads, *c.lists.values())
    for head in (SCAN_LIST, PAGES_TO_FREE, FOLIO_LIST, COMPOUND_PAGELIST):
        require("length of list {}, used within an operation only", [head], c.lists[head].size, 0)


def _split_queue(c: Census) -> None:
    # Large folios wait, unlocked, and are counted (deferred_split_folio(), mm/huge_memory.c).
    heads = c.queued
    good = (c.m.folio_id[heads] > 0) & (c.m.folio_order[heads] >= LOWEST_QUEUED_ORDER)
    require_one("a live folio of order 2 or more on the split queue at page {}", heads, good)
    require("split_queue_len", 0, c.m.split_queue_len, heads.size)
    require("split_queue_lock", 0, c.m.split_queue_lock, 0)


def _buddy(c: Census) -> None:
    # A page is free or in a folio (__free_one_page(), mm/page_alloc.c).
    order = np.full(c.m.sizes.pages, -1)
    for i in range(MAX_ORDER + 1):
        order[c.lists[FREE_AREA + i] - LIST_PAGE] = i
    require("order of the free block at page {}", np.arange(order.size), c.m.page_buddy, order)
    blocks = np.flatnonzero(order >= 0)
    nr_pages = 1 << order[blocks]
    require("offset of the free block at page {}", blocks, blocks % nr_pages, 0)
    require_once("page {} is in a free block or a folio", order.size, spread(blocks, nr_pages), c.pages)
    require("NR_FREE_PAGES", 0, c.m.nr_free_pages, nr_pages.sum())


def _compound(c: Census) -> None:
    # Pages know their head, only heads carry a folio's fields (prep_compound_page(), free_pages_prepare()).
    pages = np.arange(c.m.sizes.pages)
    head = pages.copy()
    head[c.pages] = np.repeat(c.heads, c.nr_pages)
    require("compound_head() of page {}", pages, c.m.page_folio, head)
    rest = np.delete(pages, c.heads)
    for row in AT_REST:
        require(row.label + " at page {}, no folio's head", rest, getattr(c.m, row.name)[rest], row.idle)
    free = np.delete(pages, c.pages)
    require("AnonExclusive of free page {}", free, c.m.page_anon_exclusive[free], 0)
    ids, users = np.unique(c.m.folio_id[c.heads], return_counts=True)
    require("folios with id {}", ids, users, 1)
    require_least("id of folio at page {}", c.heads, c.m.folio_id[c.heads], 1)
    require_most("id of folio at page {}", c.heads, c.m.folio_id[c.heads], c.m.next_folio_id - 1)


def _mapcounts(c: Census) -> None:
    # The counters begin at -1: _mapcount + 1 PTEs, _entire_mapcount + 1 PMDs (page_remove_rmap(), mm/rmap.c).
    want = c.ptes - 1
    if c.m.folio_double_map.size:  # and one for all the PMDs together (PG_double_map, v6.1)
        want += c.m.folio_double_map[c.m.page_folio]
    if "page_mapcount" in c.m.drops:  # CONFIG_NO_PAGE_MAPCOUNT
        want[c.m.folio_order[c.m.page_folio] > 0] = -1
    require("_mapcount of page {}", np.arange(c.ptes.size), c.m.page_mapcount, want)
    entire = c.m.folio_entire_mapcount[c.heads]
    require("_entire_mapcount of folio at page {}", c.heads, entire, c.pmds[c.heads] - 1)


def _nr_pages_mapped(c: Census) -> None:
    # Pages with PTEs, plus a bit for a PMD (COMPOUND_MAPPED, mm/internal.h), and what the node makes of them.
    mapped, entire = c.per_folio(c.ptes > 0), c.pmds[c.heads] > 0
    kept = (c.nr_pages > 1) & ("folio_nr_pages_mapped" not in c.m.drops)
    want = np.where(kept, mapped + COMPOUND_MAPPED * entire, 0)
    require("_nr_pages_mapped of folio at page {}", c.heads, c.m.folio_nr_pages_mapped[c.heads], want)
    # CONFIG_NO_PAGE_MAPCOUNT counts a folio of which anything is mapped (__folio_add_rmap(), mm/rmap.c).
    whole = entire | (mapped > 0) if "page_mapcount" in c.m.drops else entire
    require("NR_ANON_MAPPED", [0], c.m.vmstat[NR_ANON_MAPPED], np.where(whole, c.nr_pages, mapped).sum())
    require("NR_ANON_THPS", [0], c.m.vmstat[NR_ANON_THPS], HPAGE_PMD_NR * entire.sum())


def _refcounts(c: Census) -> None:
    # Every PTE, PMD, get and page of the swap cache holds one reference, a FOLL_PIN of a page 1024 (can_split_folio()).
    pinned = c.m.folio_pincount[c.heads].astype(np.int64)
    pinned *= np.where(c.m.folio_order[c.heads], 1, GUP_PIN_COUNTING_BIAS)
    want = c.per_folio(c.ptes) + c.pmds[c.heads] + c.m.folio_pins[c.heads] + c.cached + pinned
    require("refcount of folio at page {}", c.heads, c.m.folio_refcount[c.heads], want)
    require_least("references due to folio at page {}", c.heads, want, 1)


def _anon_exclusive(c: Census) -> None:
    # One mapping at most, and whatever is writable is exclusive (PG_anon_exclusive, linux/page-flags.h).
    pages = np.flatnonzero(c.m.page_anon_exclusive)
    require_most("mappings of exclusive page {}", pages, c.ptes[pages] + c.pmds[c.m.page_folio[pages]], 1)
    writable = np.concatenate([c.pte_page[c.pte & PTE_WRITE > 0], c.pmd_page[c.pmd & PMD_WRITE > 0]])
    require("AnonExclusive of writable page {}", writable, c.m.page_anon_exclusive[writable], 1)


def _anonpages(c: Census) -> None:
    # MM_ANONPAGES is what is mapped (check_mm(), kernel/fork.c).
    ptes, pmds = (np.bincount(vpn // NR_VPNS, minlength=MAX_MMS) for vpn in (c.pte_vpn, c.pmd_vpn))
    require("MM_ANONPAGES of process slot {}", np.arange(MAX_MMS), c.m.mm_rss, ptes + HPAGE_PMD_NR * pmds)


def _processes(c: Census) -> None:
    # A slot is listed or empty; fork appends (kernel/fork.c).
    listed, dead = c.lists[MM_LIST] - LIST_MM, np.flatnonzero(c.m.mm_id == 0)
    require_once("process slot {} is listed or empty", MAX_MMS, listed, dead)
    ids = np.append(0, c.m.mm_id[listed])
    require_least("id of process slot {}, listed as created", listed, ids[1:], ids[:-1] + 1)
    require_most("id of process slot {}", listed, ids[1:], c.m.next_mm_id - 1)
    require("first VMA of empty process slot {}", dead, c.m.mm_mmap[dead], -1)


def _empty_slots(c: Census) -> None:
    # Whoever ended left no mapping behind (check_mm(), kernel/fork.c).
    dead = np.flatnonzero(c.m.mm_id == 0)
    entries = np.bincount(c.slots // PTRS_PER_PTE, minlength=MAX_MMS)
    require("PMD entries of empty process slot {}", dead, entries[dead], 0)


def _vmas(c: Census) -> None:
    # Sorted, disjoint, not empty (validate_mm(), mm/mmap.c).
    require_once("VMA {} is in use or free", c.m.sizes.vmas, c.vmas, c.free_vmas)
    start, end = c.m.vma_start[c.vmas], c.m.vma_end[c.vmas]
    require_least("start of VMA {}", c.vmas, start, 0)
    require_least("end of VMA {}", c.vmas, end, start + 1)
    require_most("end of VMA {}", c.vmas, end, NR_VPNS)
    before = (c.end[:-1] - c.start[1:]) + start[1:]  # of another process it is not above 0
    require_least("start of VMA {}, behind another", c.vmas[1:], start[1:], before)


def _place(c: Census, name: str, vpn: np.ndarray, nr: int) -> np.ndarray:
    # Return the place in c.vmas of the VMA around each mapping of ``nr`` pages.
    place = np.minimum(np.searchsorted(c.end, vpn, side="right"), c.end.size - 1)
    inside = c.start[place] <= vpn if c.end.size else np.zeros(vpn.size, bool)
    require_one("a VMA around the " + name + " at {}", vpn, inside)
    require_one("a VMA around the end of the " + name + " at {}", vpn, vpn + nr <= c.end[place])
    return np.asarray(place)


def _rmap(c: Census) -> None:
    # Whatever is mapped is where a walk of its folio's anon_vma looks for it (vma_address(), mm/internal.h).
    mapped = ("PTE", c.pte_vpn, 1, c.pte_page), ("PMD", c.pmd_vpn, HPAGE_PMD_NR, c.pmd_page)
    for name, vpn, nr, page in mapped:
        place = _place(c, name, vpn, nr)
        vma, head = c.vmas[place], c.m.page_folio[page]
        require_one("an anon_vma for the " + name + " at {}", vpn, c.m.vma_anon[vma] > 0)
        index = c.m.vma_pgoff[vma] + vpn - c.start[place]
        require("page offset of the " + name + " at {}", vpn, c.m.folio_index[head] + page - head, index)
    _place(c, "zero PTE", c.zero_vpn, 1)
    _place(c, "swap entry", c.swap_vpn, 1)


def _page_tables(c: Census) -> None:
    # A table has one owner and a VMA over its 2 MiB (free_pgtables(), mm/memory.c); a free one is empty.
    free = chain(c.m.free_pte_table.item(), c.m.pte_table_next.tolist())
    require_once("page table {} is in use or free", c.m.sizes.tables, c.tables, free)
    if np.count_nonzero(c.m.pte) != c.entries.size:  # some are not in the tables that are in use
        entries = np.count_nonzero(c.m.pte.reshape(-1, PTRS_PER_PTE)[free], axis=1)
        require("PTEs in free page table {}", free, entries, 0)
    vpn = c.table_slots * PTRS_PER_PTE
    after = np.append(c.start, MAX_MMS * NR_VPNS)[np.searchsorted(c.end, vpn, side="right")]
    require_one("a VMA over the page table at {}", vpn, after < vpn + PTRS_PER_PTE)


def _gather(c: Census) -> None:
    # Nothing waits and no flush is due (tlb_finish_mmu(), mm/mmu_gather.c).
    for field in ("tlb_active", "tlb_batch_count", "tlb_batch_nr", "tlb_cleared"):
        values = getattr(c.m, field)
        require(field + "[{}]", np.arange(values.size), values, 0)


OF_STRUCTURE: Final = (
    _lists,
    _split_queue,
    _buddy,
    _compound,
    _anonpages,
    _processes,
    _empty_slots,
    _vmas,
    _rmap,
    _page_tables,
    _gather,
)
OF_COUNTERS: Final = (_mapcounts, _nr_pages_mapped, _refcounts, _anon_exclusive)


LAWS: Final = (*PARTS, *OF_STRUCTURE, *OF_CGROUPS, *OF_RIGHTS, *OF_COUNTERS, *OF_SOME_KERNELS, *OF_SWAP)
"""In the order in which they are checked: first what must hold so that anything can be counted."""


class _Noted:
    """A machine that notes which of its fields are read."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.read.add(name)
        return getattr(self.machine, name)


def reads(machine: Machine) -> tuple[frozenset[str], ...]:
    """Return the names of all that each of :data:`LAWS` reads of a machine in which all hold; it is always the same.

    Raises:
        InvariantError: if one does not hold.
    """
    found = []
    for law in LAWS:
        noted: Any = _Noted(machine)
        law(Census(noted))
        found.append(frozenset(noted.read))
    return tuple(found)


@lru_cache(maxsize=64)
def _reads(keeps: frozenset[str], drops: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Return the same of every machine of a kernel."""
    return reads(Machine(Sizes(HPAGE_PMD_NR, 1, 1), keeps, drops))


def check(machine: Machine, changed: frozenset[str] | None = None) -> None:
    """Check every law between two operations; some milliseconds.

    Args:
        machine: whose.
        changed: the names of the fields that differ from a machine in which every law holds, if there is one; what
            reads none of them holds here, too, and is left out.

    Raises:
        InvariantError: naming the first law that does not hold, the thing and the values.
    """
    census = Census(machine)
    for law, read in zip(LAWS, _reads(machine.keeps, machine.drops), strict=True):
        if changed is None or not read.isdisjoint(changed):
            law(census)
