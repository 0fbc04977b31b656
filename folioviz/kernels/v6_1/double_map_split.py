"""v6.1: splitting a PMD keeps the books of DoubleMap, and a split to migration entries removes 512 PTE mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    pmd_lock,
    pmd_populate,
    pmd_unlock,
    pmdp_invalidate,
    pte_lock,
    pte_unlock,
)
from folioviz.machine.fields import (
    FOLIO_DOUBLE_MAP,
    FOLIO_ENTIRE_MAPCOUNT,
    PAGE_ANON_EXCLUSIVE,
    PAGE_MAPCOUNT,
    PMD,
    PTE,
)
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    NR_ANON_THPS,
    PMD_WRITE,
    PTE_MIGRATION,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_WRITE,
    THP_SPLIT_PMD,
)
from folioviz.machine.primitives import (
    View,
    atomic_add_return,
    count_vm_event,
    folio_mark_dirty,
    lruvec_stat_add,
    page_ref_add,
    store,
)
from folioviz.mm.headers import (
    folio_nr_pages,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
)

if TYPE_CHECKING:
    from folioviz.mm.memory import pte_alloc
    from folioviz.mm.rmap import page_remove_rmap
    from folioviz.mm.swap import folio_put
    from folioviz.mm.zero_pages import __split_huge_zero_page_pmd


def __split_huge_pmd(m: View, mm: int, addr: int, freeze: int, only: int) -> None:
    """Map a huge page by 512 PTEs instead of its PMD; with ``freeze`` by 512 migration entries.

    The references and mapcounts of 512 PTEs are taken in either case; with ``freeze``
    they go again, page by page, and may queue the folio. Without it the new PTEs are clean, whatever the PMD was.
    ``only``: the folio that it must be, or -1.

    Follows mm/huge_memory.c, __split_huge_pmd_locked(), v6.1: before 96d82deb743a ("mm,thp,rmap: clean up the end of
    __split_huge_pmd_locked()", v6.2).
    """
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    folio = pmd_page(pmd)
    if not pmd_trans_huge(pmd) or (only >= 0 and folio != only):  # another CPU was faster
        pmd_unlock(m, slot)
        return
    count_vm_event(m, THP_SPLIT_PMD)
    if folio < 0:
        __split_huge_zero_page_pmd(m, mm, addr)
        return
    page_ref_add(m, folio, HPAGE_PMD_NR - 1)
    exclusive = m.page_anon_exclusive[folio]
    bits = pmd & (ENTRY_OLD | ENTRY_CLEAN) | (PTE_WRITE if pmd & PMD_WRITE else 0)
    if not pmd & ENTRY_CLEAN:
        folio_mark_dirty(m, folio)
    if freeze:
        bits |= PTE_MIGRATION
        if exclusive:
            store(m, PAGE_ANON_EXCLUSIVE, folio, 0)
            bits |= PTE_MIGRATION_EXCLUSIVE
    else:
        bits |= PTE_PRESENT | ENTRY_CLEAN
    pmdp_invalidate(m, slot)
    store(m, PMD, slot, 0)
    table = pte_alloc(m, mm, addr)
    pte_lock(m, table)
    first = pte_index(table, 0)
    for i in range(HPAGE_PMD_NR):
        if exclusive and not freeze:
            store(m, PAGE_ANON_EXCLUSIVE, folio + i, 1)
        store(m, PTE, first + i, ((folio + i) << ENTRY_SHIFT) | bits)
        atomic_add_return(m, PAGE_MAPCOUNT, folio + i, 1)
    if m.folio_entire_mapcount[folio] > 0 and not m.folio_double_map[folio]:  # another PMD stays
        store(m, FOLIO_DOUBLE_MAP, folio, 1)
        for page in range(folio, folio + HPAGE_PMD_NR):
            atomic_add_return(m, PAGE_MAPCOUNT, page, 1)
    if atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, -1) < 0:
        lruvec_stat_add(m, NR_ANON_THPS, -HPAGE_PMD_NR)
        if m.folio_double_map[folio]:
            store(m, FOLIO_DOUBLE_MAP, folio, 0)
            for page in range(folio, folio + HPAGE_PMD_NR):
                atomic_add_return(m, PAGE_MAPCOUNT, page, -1)
    pte_unlock(m, table)
    pmd_populate(m, slot)
    if freeze:
        for page in range(folio, folio + HPAGE_PMD_NR):
            page_remove_rmap(m, page, 0)
            folio_put(m, folio)
    pmd_unlock(m, slot)


def total_mapcount(m: View, folio: int) -> int:
    """Return the number of PTEs and PMDs that map a folio; the bias of DoubleMap is none.

    Follows mm/util.c, folio_mapcount(), v6.1: before cb67f4282bf9 ("mm,thp,rmap: simplify compound page mapcount
    handling", v6.2).
    """
    nr = folio_nr_pages(m, folio)
    total = int(m.folio_entire_mapcount[folio]) + 1
    for page in range(folio, folio + nr):
        total += int(m.page_mapcount[page]) + 1
    if m.folio_double_map[folio]:
        total -= nr
    return total
