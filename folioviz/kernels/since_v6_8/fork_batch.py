"""v6.9: fork shares a run of PTEs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import PAGE_ZERO_FILLED, PTE
from folioviz.machine.journal import COPIED_PINNED
from folioviz.machine.memory import ENTRY_CLEAN, ENTRY_SHIFT, PTE_PRESENT, PTE_WRITE
from folioviz.machine.primitives import View, page_ref_add, page_ref_sub_and_test, pte_mkold, store, why
from folioviz.mm.charges import mem_cgroup_charge
from folioviz.mm.entries import copy_nonpresent_pte
from folioviz.mm.headers import entry_page, folio_needs_cow_for_dma, pte_index, pte_present

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import (
        folio_add_new_anon_rmap,
        folio_try_dup_anon_rmap_ptes,
    )
    from folioviz.kernels.since_v6_8.zap_batch import folio_pte_batch
    from folioviz.mm.memory import add_mm_counter
    from folioviz.mm.page_alloc import alloc_pages


def copy_pte_range(m: View, src: int, dst: int, addr: int, end: int, child: int) -> None:
    """Share the PTEs of one page table with a child, run by run.

    Follows mm/memory.c, v6.9: f8d937761d65 ("mm/memory: optimize fork() with PTE-mapped THP").
    """
    rss = 0
    pte_lock(m, dst)
    pte_lock(m, src)
    index = pte_index(src, addr)
    after = index + end - addr
    to = pte_index(dst, addr)
    while index < after:
        pte = m.pte[index]
        nr = 1
        if pte_present(pte):
            page = entry_page(pte)
            folio = m.page_folio[page]
            nr = folio_pte_batch(m, folio, page, index, after - index, ENTRY_CLEAN)
            if folio_needs_cow_for_dma(m, folio, page, nr):
                nr = copy_pinned_pte(m, page, index, to, nr, child)
            else:
                copy_present_ptes(m, page, index, to, nr, child)
            rss += nr
        else:
            rss += copy_nonpresent_pte(m, index, to)
        index += nr
        to += nr
    pte_unlock(m, src)
    add_mm_counter(m, child, rss)
    pte_unlock(m, dst)


def copy_pinned_pte(m: View, page: int, src: int, dst: int, nr: int, child: int) -> int:
    """Copy or share one page of a run that holds a pinned page; return 1: the run is tried again behind it.

    Follows mm/memory.c, copy_present_ptes(), v6.9: f8d937761d65 ("mm/memory: optimize fork() with PTE-mapped THP").
    """
    folio = m.page_folio[page]
    page_ref_add(m, folio, nr)
    if not folio_needs_cow_for_dma(m, folio, page, 1):
        page_ref_sub_and_test(m, folio, nr)
        copy_present_ptes(m, page, src, dst, 1, child)
        return 1
    why(m, COPIED_PINNED, folio, page - folio)
    page_ref_sub_and_test(m, folio, nr)
    new = alloc_pages(m, 0, m.folio_index[folio] + page - folio)
    mem_cgroup_charge(m, new, child)
    store(m, PAGE_ZERO_FILLED, new, m.page_zero_filled[page])
    page_ref_add(m, folio, 1)
    page_ref_sub_and_test(m, folio, 1)
    folio_add_new_anon_rmap(m, new, child, 0)
    store(m, PTE, dst, (new << ENTRY_SHIFT) | (m.pte[src] & PTE_WRITE) | PTE_PRESENT)
    return 1


def copy_present_ptes(m: View, page: int, src: int, dst: int, nr: int, child: int) -> None:
    """Share a run of one folio's pages with a child, its references in one go.

    Follows mm/memory.c, v6.9: f8d937761d65 ("mm/memory: optimize fork() with PTE-mapped THP").
    """
    folio = m.page_folio[page]
    page_ref_add(m, folio, nr)
    folio_try_dup_anon_rmap_ptes(m, folio, page, nr, child)
    for i in range(nr):
        pte = m.pte[src + i] & ~PTE_WRITE
        store(m, PTE, src + i, pte)
        store(m, PTE, dst + i, pte_mkold(m, pte))
