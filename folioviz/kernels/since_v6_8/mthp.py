"""v6.8: a fault on anonymous memory may map a folio of any size that is enabled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    migration_entry_wait,
    pmd_lock,
    pmd_unlock,
    pte_lock,
    pte_unlock,
    write_by_pmd,
    write_by_pte,
)
from folioviz.machine.fields import PAGE_ZERO_FILLED, PTE
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    HPAGE_PMD_ORDER,
    PTE_MIGRATION,
    PTE_PRESENT,
    PTE_WRITE,
)
from folioviz.machine.primitives import View, page_ref_add, put_page_testzero, store
from folioviz.mm.charges import mem_cgroup_charge
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    folio_nr_pages,
    is_huge_zero_pmd,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_present,
    pte_range_none,
    pte_swap,
)

if TYPE_CHECKING:
    from folioviz.kernels.anon_vma import __anon_vma_prepare
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_new_anon_rmap
    from folioviz.kernels.swapin import do_swap_page
    from folioviz.kernels.thp_policy import thp_suitable
    from folioviz.mm.huge_memory import do_huge_pmd_anonymous_page, do_huge_pmd_wp_page
    from folioviz.mm.memory import add_mm_counter, do_wp_page, pte_alloc
    from folioviz.mm.page_alloc import alloc_pages, free_unref_page


def do_anonymous_page(m: View, mm: int, addr: int, order: int) -> None:
    """Map a new folio of 2**order pages at an empty place, each page by a PTE.

    Follows mm/memory.c, v6.8: 19eaf44954df ("mm: thp: support allocation of anonymous multi-size THP").
    """
    vma = find_vma(m, mm, addr)
    if not m.vma_anon[vma]:
        __anon_vma_prepare(m, mm, vma)
    folio = alloc_pages(m, order, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, folio, mm)
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    pmd = pte_alloc(m, mm, addr)
    pmd_unlock(m, slot)
    if pmd_trans_huge(pmd):  # another CPU was faster
        folio_put_new(m, folio)
        return
    first = pte_index(pmd, addr)
    nr = 1 << order
    pte_lock(m, pmd)
    if m.pmd[slot] != pmd or not pte_range_none(m, first, nr):
        pte_unlock(m, pmd)
        folio_put_new(m, folio)
        return
    page_ref_add(m, folio, nr - 1)
    add_mm_counter(m, mm, nr)
    folio_add_new_anon_rmap(m, folio, mm, 0)
    for i in range(nr):
        store(m, PAGE_ZERO_FILLED, folio + i, 0)
        store(m, PTE, first + i, ((folio + i) << ENTRY_SHIFT) | PTE_PRESENT | PTE_WRITE)
    pte_unlock(m, pmd)


def folio_put_new(m: View, folio: int) -> None:
    """Give back a new folio that another CPU left no place for; it was never anonymous, so that none is counted out.

    Follows mm/memory.c, do_anonymous_page(), v6.8: 19eaf44954df ("mm: thp: support allocation of anonymous multi-size
    THP").
    """
    if put_page_testzero(m, folio):
        free_unref_page(m, folio)


def alloc_anon_order(m: View, mm: int, addr: int) -> int:
    """Return the order of the largest folio that a fault may map by PTEs.

    Follows mm/memory.c, alloc_anon_folio(), v6.8: 19eaf44954df ("mm: thp: support allocation of anonymous multi-size
    THP").
    """
    order = HPAGE_PMD_ORDER - 1
    while order > 0 and not thp_suitable(m, mm, addr, order):
        order -= 1
    return order


def handle_mm_fault(m: View, mm: int, addr: int) -> None:
    """Write to a page: fault in what the enabled sizes allow, make it writable, or copy it.

    Whatever the fault brought is cleared; the write itself, behind it, fills one page and makes its entry accessed
    and dirty.
    Follows mm/memory.c, v6.8: 19eaf44954df ("mm: thp: support allocation of anonymous multi-size THP").
    """
    slot = pmd_index(mm, addr)
    page = -1
    while page < 0:  # once, unless another CPU takes the page away before it is written to
        __handle_mm_fault(m, mm, addr)
        pmd = m.pmd[slot]
        if pmd_trans_huge(pmd):
            page = write_by_pmd(m, slot, addr)
        elif pmd:
            page = write_by_pte(m, pte_index(pmd, addr))
    store(m, PAGE_ZERO_FILLED, page, 0)


def __handle_mm_fault(m: View, mm: int, addr: int) -> None:
    """Do what a write needs, before the data is written.

    Follows mm/memory.c, v6.8: 19eaf44954df ("mm: thp: support allocation of anonymous multi-size THP").
    """
    pmd = m.pmd[pmd_index(mm, addr)]
    if pmd == 0 and thp_suitable(m, mm, addr, HPAGE_PMD_ORDER):
        do_huge_pmd_anonymous_page(m, mm, addr & ~511)
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd_trans_huge(pmd) and not is_huge_zero_pmd(pmd):  # else another CPU has read first
            folio_zero_user(m, entry_page(pmd))
        return
    if pmd_trans_huge(pmd):
        if do_huge_pmd_wp_page(m, mm, addr):
            return
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd_trans_huge(pmd):
            return
    index = pte_index(pmd, addr)
    pte = m.pte[index] if pmd else 0
    if pte == 0:
        order = alloc_anon_order(m, mm, addr)
        do_anonymous_page(m, mm, addr & ~((1 << order) - 1), order)
        if order:
            pte = m.pte[pte_index(m.pmd[pmd_index(mm, addr)], addr)]
            if pte_present(pte):
                folio_zero_user(m, m.page_folio[entry_page(pte)])
    elif pte & PTE_MIGRATION:
        migration_entry_wait(m, index)
    elif pte_swap(pte):
        do_swap_page(m, mm, addr, 1)
    elif not pte & PTE_WRITE:
        pte_lock(m, pmd)
        if m.pte[index] == pte:
            do_wp_page(m, mm, addr, index)
        else:
            pte_unlock(m, pmd)


def folio_zero_user(m: View, folio: int) -> None:
    """Fill a new folio with zeros, as clear_huge_page() did before v6.11.

    Only a write does so here: what the operations ``fault`` and ``faultpmd`` bring counts as written by the program.
    Follows mm/memory.c, clear_huge_page(), v6.8: 19eaf44954df ("mm: thp: support allocation of anonymous multi-size
    THP").
    """
    for page in range(folio, folio + folio_nr_pages(m, folio)):
        store(m, PAGE_ZERO_FILLED, page, 1)


def zero_pages(m: View, folio: int, page: int, nr: int) -> None:
    """Fill ``nr`` pages of a folio with zeros, from its page ``page`` on: a program's doing, not the kernel's.

    Folioviz's own.
    """
    for i in range(folio + page, folio + page + nr):
        store(m, PAGE_ZERO_FILLED, i, 1)
