"""mm/rmap.c: who maps a page, counted.

A page counts the PTEs that map it (``_mapcount``); a large folio counts the PMDs that map all of it
(``_entire_mapcount``) and how many of its pages a PTE maps (``_nr_pages_mapped``). The last of these tells without a
look at any page whether something was unmapped while something else still is mapped: such a folio is worth splitting,
and goes on the deferred split queue.

Locks: every function here runs under the PTL of the entry that comes or goes, and split_queue_lock nests inside it.
Two processes that map a folio hold different PTLs, so the counters are atomic, and each decision is made from the value
that an atomic returned. Whoever calls try_to_migrate() and remove_migration_ptes() holds the anon_vma's lock. Not
modelled: that each anon_vma has one of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import (
    FOLIO_ENTIRE_MAPCOUNT,
    FOLIO_NR_PAGES_MAPPED,
    PAGE_ANON_EXCLUSIVE,
    PAGE_MAPCOUNT,
    PTE,
)
from folioviz.machine.journal import (
    NOT_QUEUED_ORDER,
    NOT_QUEUED_PMD_MAPPED,
    NOT_QUEUED_SMALL,
    NOT_QUEUED_STILL_MAPPED,
    NOT_QUEUED_UNMAPPED,
)
from folioviz.machine.memory import (
    COMPOUND_MAPPED,
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    LIST_MM,
    MM_LIST,
    NR_ANON_MAPPED,
    NR_ANON_THPS,
    PTE_MIGRATION,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_WRITE,
)
from folioviz.machine.primitives import (
    View,
    atomic_add_return,
    folio_mark_dirty,
    lruvec_stat_add,
    page_ref_add,
    store,
    why,
)
from folioviz.mm.headers import (
    entry_page,
    folio_nr_pages,
    folio_test_large,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
    pte_present,
)

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.huge_memory import __split_huge_pmd, deferred_split_folio
    from folioviz.mm.swap import folio_put


def page_dup_anon_rmap(m: View, page: int, compound: int) -> None:
    """Count one more mapping of a page that fork shares (include/linux/rmap.h, page_try_dup_anon_rmap)."""
    if m.page_anon_exclusive[page]:
        store(m, PAGE_ANON_EXCLUSIVE, page, 0)
    if compound:
        atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, page, 1)
    else:
        atomic_add_return(m, PAGE_MAPCOUNT, page, 1)


def page_add_anon_rmap(m: View, page: int, exclusive: int) -> None:
    """Count one more PTE that maps a page."""
    folio = m.page_folio[page]
    first = atomic_add_return(m, PAGE_MAPCOUNT, page, 1) == 0
    nr = int(first)
    if first and folio_test_large(m, folio):
        # Under a PMD all pages are counted as mapped already, so that one PTE more is nothing new.
        nr = int(atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, 1) < COMPOUND_MAPPED)
    if nr:
        lruvec_stat_add(m, NR_ANON_MAPPED, nr)
    if first and exclusive:
        store(m, PAGE_ANON_EXCLUSIVE, page, 1)


def folio_add_new_anon_rmap(m: View, folio: int, huge: int) -> None:
    """Count the first mapping of a new folio: by a PMD, or by a PTE for each of its pages.

    v6.5-rc3 itself knows order 0 and PMD-mapped folios only; several PTEs follow the companion series
    for large anonymous folios (July 2023), which the deferred-split series prepares.
    """
    nr = folio_nr_pages(m, folio)
    if huge:
        store(m, FOLIO_ENTIRE_MAPCOUNT, folio, 0)
        store(m, FOLIO_NR_PAGES_MAPPED, folio, COMPOUND_MAPPED)
        lruvec_stat_add(m, NR_ANON_THPS, nr)
        store(m, PAGE_ANON_EXCLUSIVE, folio, 1)  # of the head only: it speaks for all pages under the PMD
    else:
        for page in range(folio, folio + nr):
            store(m, PAGE_MAPCOUNT, page, 0)
            store(m, PAGE_ANON_EXCLUSIVE, page, 1)
        if nr > 1:
            store(m, FOLIO_NR_PAGES_MAPPED, folio, nr)
    lruvec_stat_add(m, NR_ANON_MAPPED, nr)


def page_remove_rmap(m: View, page: int, compound: int) -> None:
    """Take down one mapping of a page.

    For a PTE nobody asks what is left: also a folio that is unmapped as a whole is queued, and then freed.
    """
    folio = m.page_folio[page]
    nr = 0
    nr_pmdmapped = 0
    mapped = 0
    if not compound:
        last = atomic_add_return(m, PAGE_MAPCOUNT, page, -1) < 0
        nr = int(last)
        if last and folio_test_large(m, folio):
            mapped = atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, -1)
            nr = int(mapped < COMPOUND_MAPPED)
    elif atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, -1) < 0:
        mapped = atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, -COMPOUND_MAPPED)
        nr_pmdmapped = HPAGE_PMD_NR
        nr = nr_pmdmapped - mapped

    if nr_pmdmapped:
        lruvec_stat_add(m, NR_ANON_THPS, -nr_pmdmapped)
    if nr:
        lruvec_stat_add(m, NR_ANON_MAPPED, -nr)
    if nr and m.folio_order[folio] >= HPAGE_PMD_ORDER and (not compound or nr < nr_pmdmapped):
        deferred_split_folio(m, folio)
    else:
        why_not_queued(m, folio, nr, nr_pmdmapped, mapped)


def total_mapcount(m: View, folio: int) -> int:
    """Return the number of PTEs and PMDs that map a folio."""
    total = int(m.folio_entire_mapcount[folio]) + 1
    for page in range(folio, folio + folio_nr_pages(m, folio)):
        total += int(m.page_mapcount[page]) + 1
    return total


def why_not_queued(m: View, folio: int, nr: int, nr_pmdmapped: int, mapped: int) -> None:
    """Journal why taking down a mapping did not queue the folio (folioviz's own; the kernel just goes on)."""
    if not folio_test_large(m, folio):
        why(m, NOT_QUEUED_SMALL, folio, 0)
    elif nr and (mapped == 0 or nr == nr_pmdmapped):
        why(m, NOT_QUEUED_UNMAPPED, folio, nr)
    elif nr:
        why(m, NOT_QUEUED_ORDER, folio, m.folio_order[folio])
    elif mapped >= COMPOUND_MAPPED:
        why(m, NOT_QUEUED_PMD_MAPPED, folio, mapped - COMPOUND_MAPPED)
    else:
        why(m, NOT_QUEUED_STILL_MAPPED, folio, 0)


def try_to_migrate(m: View, folio: int, flags: int) -> None:
    """Replace every mapping of a folio by a migration entry, process by process, VMA by VMA.

    ``flags`` is TTU_SPLIT_HUGE_PMD from a split, 0 from a migration.
    """
    node = m.list_next[MM_LIST]
    while node != MM_LIST:
        mm = node - LIST_MM
        vma = m.mm_mmap[mm]
        while vma >= 0:
            first = m.vma_start[vma] + m.folio_index[folio] - m.vma_pgoff[vma]
            start = max(m.vma_start[vma], first)
            end = min(m.vma_end[vma], first + folio_nr_pages(m, folio))
            if m.vma_anon[vma] and start < end:
                try_to_migrate_one(m, folio, mm, start, end, flags)
            vma = m.vma_next[vma]
        node = m.list_next[node]


def try_to_migrate_one(m: View, folio: int, mm: int, addr: int, end: int, _flags: int) -> None:
    """Replace the mappings of a folio in ``[addr, end)`` of one process by migration entries."""
    while addr < end:
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd == 0:
            addr = (addr | 511) + 1
            continue
        if pmd_trans_huge(pmd):
            if pmd_page(pmd) == folio:
                __split_huge_pmd(m, mm, addr, 1, folio)
            addr = (addr | 511) + 1
            continue
        index = pte_index(pmd, addr)
        pte_lock(m, pmd)
        pte = m.pte[index]
        page = entry_page(pte)
        addr += 1
        if not pte_present(pte) or m.page_folio[page] != folio:
            pte_unlock(m, pmd)
            continue
        if not pte & ENTRY_CLEAN:
            folio_mark_dirty(m, folio)
        entry = (page << ENTRY_SHIFT) | PTE_MIGRATION | (pte & (PTE_WRITE | ENTRY_OLD | ENTRY_CLEAN))
        if m.page_anon_exclusive[page]:
            store(m, PAGE_ANON_EXCLUSIVE, page, 0)
            entry |= PTE_MIGRATION_EXCLUSIVE
        store(m, PTE, index, entry)
        page_remove_rmap(m, page, 0)  # page by page: a folio mapped wholly is queued by its own split
        folio_put(m, folio)
        pte_unlock(m, pmd)


def remove_migration_ptes(m: View, index: int, page: int) -> None:
    """Map a page again wherever a migration entry waits for it (mm/migrate.c); ``index`` is its page offset."""
    node = m.list_next[MM_LIST]
    while node != MM_LIST:
        mm = node - LIST_MM
        vma = m.mm_mmap[mm]
        while vma >= 0:
            addr = m.vma_start[vma] + index - m.vma_pgoff[vma]
            if m.vma_start[vma] <= addr < m.vma_end[vma]:
                pmd = m.pmd[pmd_index(mm, addr)]
                if pmd and not pmd_trans_huge(pmd):
                    pte_lock(m, pmd)
                    remove_migration_pte(m, pte_index(pmd, addr), page)
                    pte_unlock(m, pmd)
            vma = m.vma_next[vma]
        node = m.list_next[node]


def remap_page(m: View, folio: int) -> None:
    """Map a folio again that could not be split (mm/huge_memory.c)."""
    for page in range(folio, folio + folio_nr_pages(m, folio)):
        remove_migration_ptes(m, m.folio_index[folio] + page - folio, page)


def remove_migration_pte(m: View, index: int, page: int) -> None:
    """Turn one migration entry for ``page``, if that is what the PTE holds, back into a mapping."""
    pte = m.pte[index]
    if not pte & PTE_MIGRATION or entry_page(pte) != page:
        return
    page_ref_add(m, m.page_folio[page], 1)
    exclusive = int(pte & (PTE_WRITE | PTE_MIGRATION_EXCLUSIVE) != 0)
    page_add_anon_rmap(m, page, exclusive)
    store(m, PTE, index, (page << ENTRY_SHIFT) | PTE_PRESENT | (pte & (PTE_WRITE | ENTRY_OLD | ENTRY_CLEAN)))
