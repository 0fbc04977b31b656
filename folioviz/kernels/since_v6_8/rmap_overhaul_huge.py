"""v6.8: PMD mappings are counted by functions of their own, and a PMD split maps its 512 pages in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    folio_lock,
    folio_try_get,
    folio_trylock,
    folio_unlock,
    page_ref_inc,
    pmd_lock,
    pmd_populate,
    pmd_unlock,
    pmdp_invalidate,
    pte_lock,
    pte_unlock,
)
from folioviz.machine.fields import PAGE_ZERO_FILLED, PMD, PTE
from folioviz.machine.journal import COPIED_HUGE, REUSED_EXCLUSIVE, REUSED_LAST, SPLIT_DONE
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    PMD_HUGE,
    PMD_WRITE,
    PTE_MIGRATION,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_WRITE,
    THP_SPLIT_PAGE,
    THP_SPLIT_PMD,
)
from folioviz.machine.primitives import (
    View,
    clear_page_anon_exclusive,
    count_vm_event,
    folio_mark_dirty,
    page_ref_add,
    pte_mkold,
    set_page_anon_exclusive,
    store,
    why,
)
from folioviz.mm.charges import mem_cgroup_charge
from folioviz.mm.headers import (
    do_huge_zero_wp_pmd,
    entry_page,
    find_vma,
    folio_needs_cow_for_dma,
    folio_nr_pages,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
)

if TYPE_CHECKING:
    from folioviz.kernels.anon_vma import __anon_vma_prepare
    from folioviz.kernels.since_v6_8.mthp import folio_put_new
    from folioviz.kernels.since_v6_8.rmap_overhaul import (
        folio_add_anon_rmap_ptes,
        folio_add_new_anon_rmap,
        folio_remove_rmap_pmd,
        folio_remove_rmap_ptes,
        folio_try_dup_anon_rmap_pmd,
    )
    from folioviz.kernels.since_v6_8.rmap_overhaul_migrate import remove_migration_ptes
    from folioviz.mm.khugepaged import collapse_write_bit
    from folioviz.mm.memory import add_mm_counter, pte_alloc
    from folioviz.mm.mmu_gather import __tlb_remove_page, tlb_flush_mmu, tlb_remove_tlb_entry
    from folioviz.mm.page_alloc import alloc_pages, split_page_ids
    from folioviz.mm.swap import folio_get, folio_put
    from folioviz.mm.zero_pages import __split_huge_zero_page_pmd


def do_huge_pmd_anonymous_page(m: View, mm: int, addr: int) -> None:
    """Map a new order-9 folio by one PMD.

    Follows mm/huge_memory.c, v6.8: as released; the model passes on which process maps.
    """
    if __do_huge_pmd_anonymous_page(m, mm, addr) >= 0:
        pmd_unlock(m, pmd_index(mm, addr))


def __do_huge_pmd_anonymous_page(m: View, mm: int, addr: int) -> int:
    """Allocate the folio, map it, and return it with the PMD's lock held; -1 if another CPU was faster.

    Follows mm/huge_memory.c, v6.8: as released; the model passes on which process maps.
    """
    vma = find_vma(m, mm, addr)
    if not m.vma_anon[vma]:
        __anon_vma_prepare(m, mm, vma)
    folio = alloc_pages(m, HPAGE_PMD_ORDER, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, folio, mm)
    for page in range(folio, folio + HPAGE_PMD_NR):
        store(m, PAGE_ZERO_FILLED, page, 0)
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    if m.pmd[slot]:  # another CPU was faster
        pmd_unlock(m, slot)
        folio_put_new(m, folio)
        return -1
    folio_add_new_anon_rmap(m, folio, mm, 1)
    store(m, PMD, slot, (folio << ENTRY_SHIFT) | PMD_HUGE | PMD_WRITE)
    add_mm_counter(m, mm, HPAGE_PMD_NR)
    return int(folio)


def do_huge_pmd_wp_page(m: View, mm: int, addr: int) -> bool:
    """Write to a huge page: reuse it and return true, or split the PMD and return false.

    Follows mm/huge_memory.c, v6.8: as released; the model passes on which process maps.
    """
    slot = pmd_index(mm, addr)
    pmd = m.pmd[slot]
    if not pmd_trans_huge(pmd):
        return False
    if pmd & PMD_WRITE or (pmd_page(pmd) < 0 and do_huge_zero_wp_pmd(m, mm, addr)):
        return True
    if pmd_page(pmd) < 0:
        __split_huge_pmd(m, mm, addr, 0, -1)
        return False
    folio = entry_page(pmd)
    pmd_lock(m, slot)
    if m.pmd[slot] != pmd:  # another CPU was faster
        pmd_unlock(m, slot)
        return True
    exclusive = bool(m.page_anon_exclusive[folio])
    if not exclusive and not folio_trylock(m, folio):  # who has it may not wait for the PMD's lock
        folio_try_get(m, folio)
        pmd_unlock(m, slot)
        folio_lock(m, folio)
        pmd_lock(m, slot)
        same = bool(m.pmd[slot] == pmd)
        if not same:
            pmd_unlock(m, slot)
            folio_unlock(m, folio)
        folio_put(m, folio)
        if not same:
            return True
    if exclusive:
        why(m, REUSED_EXCLUSIVE, folio, 0)
    elif m.folio_refcount[folio] == 1:
        set_page_anon_exclusive(m, folio)
        why(m, REUSED_LAST, folio, 0)
    else:
        why(m, COPIED_HUGE, folio, m.folio_refcount[folio])
        folio_unlock(m, folio)
        pmd_unlock(m, slot)
        __split_huge_pmd(m, mm, addr, 0, -1)
        return False
    if not exclusive:
        folio_unlock(m, folio)
    store(m, PMD, slot, pmd | PMD_WRITE)
    pmd_unlock(m, slot)
    return True


def copy_huge_pmd(m: View, mm: int, child: int, addr: int) -> None:
    """Share a huge page with a child, read-only on both sides.

    Follows mm/huge_memory.c, v6.8: 96c772c25c89 ("mm/huge_memory: page_try_dup_anon_rmap() ->
    folio_try_dup_anon_rmap_pmd()").
    """
    slot, to = pmd_index(mm, addr), pmd_index(child, addr)
    pmd_lock(m, to)
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    if pmd_page(pmd) < 0:  # the huge zero page, which nothing counts
        store(m, PMD, to, pmd)
    if pmd_page(pmd) < 0 or not pmd_trans_huge(pmd):  # the latter if another CPU has split it
        pmd_unlock(m, slot)
        pmd_unlock(m, to)
        return
    folio = entry_page(pmd)
    folio_get(m, folio)
    if folio_needs_cow_for_dma(m, folio, folio, 1):  # its pages are copied one by one
        folio_put(m, folio)
        pmd_unlock(m, slot)
        pmd_unlock(m, to)
        __split_huge_pmd(m, mm, addr, 0, -1)
        return
    folio_try_dup_anon_rmap_pmd(m, folio, child)
    add_mm_counter(m, child, HPAGE_PMD_NR)
    store(m, PMD, slot, pmd & ~PMD_WRITE)
    store(m, PMD, to, pte_mkold(m, pmd & ~PMD_WRITE))
    pmd_unlock(m, slot)
    pmd_unlock(m, to)


def zap_huge_pmd(m: View, mm: int, addr: int) -> None:
    """Zap a huge page that the range covers wholly.

    Follows mm/huge_memory.c, v6.8: a8e61d584eda ("mm/huge_memory: page_remove_rmap() -> folio_remove_rmap_pmd()").
    """
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    if not pmd_trans_huge(m.pmd[slot]):  # another CPU has split or zapped it
        pmd_unlock(m, slot)
        return
    folio = pmd_page(m.pmd[slot])
    store(m, PMD, slot, 0)
    tlb_remove_tlb_entry(m)
    if folio >= 0:  # else it is the huge zero page
        folio_remove_rmap_pmd(m, folio, mm)
        add_mm_counter(m, mm, -HPAGE_PMD_NR)
    pmd_unlock(m, slot)
    if folio >= 0 and __tlb_remove_page(m, folio):
        tlb_flush_mmu(m)


def __split_huge_pmd(m: View, mm: int, addr: int, freeze: int, only: int) -> None:
    """Map a huge page by 512 PTEs instead of its PMD; with ``freeze`` by 512 migration entries.

    ``only``: the folio that it must be, or -1.
    Follows mm/huge_memory.c, __split_huge_pmd_locked(), v6.8: 91b2978a3480 ("mm/huge_memory: batch rmap operations in
    __split_huge_pmd_locked()").
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
    exclusive = m.page_anon_exclusive[folio]
    bits = pmd & (ENTRY_OLD | ENTRY_CLEAN) | (PTE_WRITE if pmd & PMD_WRITE else 0)
    if not pmd & ENTRY_CLEAN:
        folio_mark_dirty(m, folio)
    pmdp_invalidate(m, slot)
    store(m, PMD, slot, 0)
    table = pte_alloc(m, mm, addr)
    pte_lock(m, table)
    first = pte_index(table, 0)
    if freeze:
        bits |= PTE_MIGRATION | (PTE_MIGRATION_EXCLUSIVE if exclusive else 0)
        clear_page_anon_exclusive(m, folio)
    else:
        bits |= PTE_PRESENT
        page_ref_add(m, folio, HPAGE_PMD_NR - 1)
        folio_add_anon_rmap_ptes(m, folio, folio, HPAGE_PMD_NR, mm, exclusive)
    for i in range(HPAGE_PMD_NR):
        store(m, PTE, first + i, ((folio + i) << ENTRY_SHIFT) | bits)
    folio_remove_rmap_pmd(m, folio, mm)
    if freeze:
        folio_put(m, folio)
    pte_unlock(m, table)
    pmd_populate(m, slot)
    pmd_unlock(m, slot)


def __split_huge_page(m: View, folio: int, order: int) -> None:
    """Make a frozen, unmapped folio 2**order small ones, map them again, let the unmapped tails go.

    Follows mm/huge_memory.c, v6.8: as released; the model passes on which process maps.
    """
    nr = folio_nr_pages(m, folio)
    why(m, SPLIT_DONE, folio, nr)
    count_vm_event(m, THP_SPLIT_PAGE)
    split_page_ids(m, folio, nr, order)
    page_ref_inc(m, folio)
    for page in range(folio, folio + nr):
        remove_migration_ptes(m, page, page, 0)
    for page in range(folio + 1, folio + nr):
        folio_put(m, page)


def remap_page(m: View, folio: int) -> None:
    """Map a folio again that could not be split.

    Follows mm/huge_memory.c, v6.8: as released; the model passes on which process maps.
    """
    remove_migration_ptes(m, folio, folio, 0)


def map_anon_folio_pmd(m: View, mm: int, vma: int, slot: int, folio: int) -> None:
    """Map the new folio of a collapse by one PMD, writable if its VMA is.

    Follows mm/khugepaged.c, collapse_huge_page(), v6.8: as released; the model passes on which process maps.
    """
    folio_add_new_anon_rmap(m, folio, mm, 1)
    store(m, PMD, slot, (folio << ENTRY_SHIFT) | PMD_HUGE | collapse_write_bit(m, vma, PMD_WRITE))


def collapse_remove_rmap(m: View, mm: int, folio: int, page: int, nr: int) -> None:
    """Take down the mappings of pages that a collapse has copied.

    Follows mm/khugepaged.c, __collapse_huge_page_copy_succeeded(), v6.8: as released; the model passes on which process
    maps.
    """
    folio_remove_rmap_ptes(m, folio, page, nr, mm)
