"""v6.1: a new anonymous page is small or PMD-mapped, and its first mapping is counted by page_add_new_anon_rmap().

No fault maps a large folio by PTEs: a fault of any order maps one page here (the registry says which orders there are,
:attr:`Kernel.orders`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pmd_lock, pmd_unlock, pte_lock, pte_unlock
from folioviz.machine.fields import (
    FOLIO_ENTIRE_MAPCOUNT,
    PAGE_ANON_EXCLUSIVE,
    PAGE_MAPCOUNT,
    PMD,
    PTE,
)
from folioviz.machine.journal import COPIED_PINNED
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    NR_ANON_MAPPED,
    NR_ANON_THPS,
    PMD_HUGE,
    PMD_WRITE,
    PTE_PRESENT,
    PTE_WRITE,
)
from folioviz.machine.primitives import View, lruvec_stat_add, store, why
from folioviz.mm.charges import mem_cgroup_charge
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    folio_nr_pages,
    folio_test_swapcache,
    free_swap_cache,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_zero,
)

if TYPE_CHECKING:
    from folioviz.kernels.anon_vma import __anon_vma_prepare
    from folioviz.mm.khugepaged import collapse_write_bit
    from folioviz.mm.memory import add_mm_counter, pte_alloc
    from folioviz.mm.page_alloc import alloc_pages
    from folioviz.mm.rmap import page_remove_rmap
    from folioviz.mm.swap import folio_get, folio_put


def page_add_new_anon_rmap(m: View, page: int, compound: int) -> None:
    """Count the first mapping of a new page, by a PTE or, if it is compound, by a PMD.

    Follows mm/rmap.c, v6.1: before 4d510f3da4c2 ("mm: add folio_add_new_anon_rmap()", v6.3).
    """
    nr = folio_nr_pages(m, page)
    if compound:
        store(m, FOLIO_ENTIRE_MAPCOUNT, page, 0)
        lruvec_stat_add(m, NR_ANON_THPS, nr)
    else:
        store(m, PAGE_MAPCOUNT, page, 0)
    lruvec_stat_add(m, NR_ANON_MAPPED, nr)
    store(m, PAGE_ANON_EXCLUSIVE, page, 1)


def do_huge_pmd_anonymous_page(m: View, mm: int, addr: int) -> None:
    """Map a new huge page by one PMD.

    Follows mm/huge_memory.c, v6.1: before 4d510f3da4c2 ("mm: add folio_add_new_anon_rmap()", v6.3).
    """
    vma = find_vma(m, mm, addr)
    if not m.vma_anon[vma]:
        __anon_vma_prepare(m, mm, vma)
    page = alloc_pages(m, HPAGE_PMD_ORDER, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, page, mm)
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    if m.pmd[slot]:  # another CPU was faster
        pmd_unlock(m, slot)
        folio_put(m, page)
        return
    page_add_new_anon_rmap(m, page, 1)
    store(m, PMD, slot, (page << ENTRY_SHIFT) | PMD_HUGE | PMD_WRITE)
    add_mm_counter(m, mm, HPAGE_PMD_NR)
    pmd_unlock(m, slot)


def do_anonymous_page(m: View, mm: int, addr: int, _order: int) -> None:
    """Map a new page of order 0 at an empty place.

    Follows mm/memory.c, v6.1: before 4d510f3da4c2 ("mm: add folio_add_new_anon_rmap()", v6.3).
    """
    vma = find_vma(m, mm, addr)
    if not m.vma_anon[vma]:
        __anon_vma_prepare(m, mm, vma)
    page = alloc_pages(m, 0, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, page, mm)
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    pmd = pte_alloc(m, mm, addr)
    pmd_unlock(m, slot)
    if pmd_trans_huge(pmd):  # another CPU was faster
        folio_put(m, page)
        return
    index = pte_index(pmd, addr)
    pte_lock(m, pmd)
    if m.pmd[slot] != pmd or m.pte[index]:
        pte_unlock(m, pmd)
        folio_put(m, page)
        return
    add_mm_counter(m, mm, 1)
    page_add_new_anon_rmap(m, page, 0)
    store(m, PTE, index, (page << ENTRY_SHIFT) | PTE_PRESENT | PTE_WRITE)
    pte_unlock(m, pmd)


def wp_page_copy(m: View, mm: int, addr: int, index: int) -> None:
    """Map a new page instead of a shared one or of the zero page; drop the mapping's and the caller's references.

    The caller holds the PTL; it is released.

    Follows mm/memory.c, v6.1: before 4d510f3da4c2 ("mm: add folio_add_new_anon_rmap()", v6.3).
    """
    pte, pmd = m.pte[index], m.pmd[pmd_index(mm, addr)]
    page = entry_page(pte)
    pte_unlock(m, pmd)
    vma = find_vma(m, mm, addr)
    if not m.vma_anon[vma]:
        __anon_vma_prepare(m, mm, vma)
    new = alloc_pages(m, 0, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, new, mm)
    pte_lock(m, pmd)
    if m.pte[index] != pte:  # another CPU was faster
        pte_unlock(m, pmd)
        folio_put(m, new)
        if not pte_zero(pte):
            folio_put(m, m.page_folio[page])
        return
    page_add_new_anon_rmap(m, new, 0)
    store(m, PTE, index, (new << ENTRY_SHIFT) | PTE_PRESENT | PTE_WRITE)
    if pte_zero(pte):
        add_mm_counter(m, mm, 1)
        pte_unlock(m, pmd)
        return
    folio = m.page_folio[page]
    page_remove_rmap(m, page, 0)
    pte_unlock(m, pmd)
    if folio_test_swapcache(m, folio):
        free_swap_cache(m, folio)
    folio_put(m, folio)
    folio_put(m, folio)


def copy_present_page(m: View, page: int, src: int, dst: int, child: int) -> None:
    """Give a child a copy of its own of a page that is pinned, instead of the mapping that the caller holds.

    Follows mm/memory.c, v6.1: before 4d510f3da4c2 ("mm: add folio_add_new_anon_rmap()", v6.3).
    """
    folio = m.page_folio[page]
    why(m, COPIED_PINNED, folio, page - folio)
    folio_put(m, folio)
    new = alloc_pages(m, 0, m.folio_index[folio] + page - folio)
    mem_cgroup_charge(m, new, child)
    folio_get(m, folio)
    folio_put(m, folio)
    page_add_new_anon_rmap(m, new, 0)
    store(m, PTE, dst, (new << ENTRY_SHIFT) | (m.pte[src] & PTE_WRITE) | PTE_PRESENT)


def map_anon_folio_pmd(m: View, _mm: int, vma: int, slot: int, folio: int) -> None:
    """Map the new page of a collapse by one PMD, writable if its VMA is.

    Follows mm/khugepaged.c, collapse_huge_page(), v6.1: before 4d510f3da4c2 ("mm: add folio_add_new_anon_rmap()",
    v6.3).
    """
    page_add_new_anon_rmap(m, folio, 1)
    store(m, PMD, slot, (folio << ENTRY_SHIFT) | PMD_HUGE | collapse_write_bit(m, vma, PMD_WRITE))
