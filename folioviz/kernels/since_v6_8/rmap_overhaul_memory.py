"""v6.8: fork and zap, still PTE by PTE, say which process maps what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.costs import ZROUND
from folioviz.machine.fields import PAGE_ZERO_FILLED, PTE
from folioviz.machine.journal import COPIED_PINNED, FLUSH_FULL
from folioviz.machine.memory import ENTRY_SHIFT, PTE_PRESENT, PTE_WRITE
from folioviz.machine.primitives import View, count, pte_mkold, store, why
from folioviz.mm.charges import mem_cgroup_charge
from folioviz.mm.entries import copy_nonpresent_pte, zap_nonpresent_pte
from folioviz.mm.headers import entry_page, folio_needs_cow_for_dma, pte_index, pte_present

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import (
        folio_add_new_anon_rmap,
        folio_remove_rmap_ptes,
        folio_try_dup_anon_rmap_ptes,
    )
    from folioviz.mm.memory import add_mm_counter, zap_pte_finish
    from folioviz.mm.mmu_gather import __tlb_remove_page, tlb_remove_tlb_entry
    from folioviz.mm.page_alloc import alloc_pages
    from folioviz.mm.swap import folio_get, folio_put


def copy_pte_range(m: View, src: int, dst: int, addr: int, end: int, child: int) -> None:
    """Share the PTEs of one page table with a child, one by one.

    Follows mm/memory.c, v6.8: 08e7795e2444 ("mm/memory: page_try_dup_anon_rmap() -> folio_try_dup_anon_rmap_pte()").
    """
    rss = 0
    pte_lock(m, dst)
    pte_lock(m, src)
    for index in range(pte_index(src, addr), pte_index(src, addr) + end - addr):
        to = index - pte_index(src, 0) + pte_index(dst, 0)
        if pte_present(m.pte[index]):
            copy_present_pte(m, index, to, child)
            rss += 1
        else:
            rss += copy_nonpresent_pte(m, index, to)
    pte_unlock(m, src)
    add_mm_counter(m, child, rss)
    pte_unlock(m, dst)


def copy_present_pte(m: View, src: int, dst: int, child: int) -> None:
    """Share one mapped page with a child.

    Follows mm/memory.c, v6.8: 08e7795e2444 ("mm/memory: page_try_dup_anon_rmap() -> folio_try_dup_anon_rmap_pte()").
    """
    page = entry_page(m.pte[src])
    folio = m.page_folio[page]
    folio_get(m, folio)
    if folio_needs_cow_for_dma(m, folio, page, 1):
        copy_present_page(m, page, src, dst, child)
        return
    folio_try_dup_anon_rmap_ptes(m, folio, page, 1, child)
    pte = m.pte[src] & ~PTE_WRITE
    store(m, PTE, src, pte)
    store(m, PTE, dst, pte_mkold(m, pte))


def copy_present_page(m: View, page: int, src: int, dst: int, child: int) -> None:
    """Give a child a copy of its own of a page that is pinned, instead of the mapping that the caller holds.

    The first attempt finds no page for it: it is let go, the page is allocated without the PTL, and it is tried again.

    Follows mm/memory.c, v6.8: 08e7795e2444 ("mm/memory: page_try_dup_anon_rmap() -> folio_try_dup_anon_rmap_pte()").
    """
    folio = m.page_folio[page]
    why(m, COPIED_PINNED, folio, page - folio)
    folio_put(m, folio)
    new = alloc_pages(m, 0, m.folio_index[folio] + page - folio)
    mem_cgroup_charge(m, new, child)
    store(m, PAGE_ZERO_FILLED, new, m.page_zero_filled[page])
    folio_get(m, folio)
    folio_put(m, folio)
    folio_add_new_anon_rmap(m, new, child, 0)
    store(m, PTE, dst, (new << ENTRY_SHIFT) | (m.pte[src] & PTE_WRITE) | PTE_PRESENT)


def zap_pte_range(m: View, mm: int, pmd: int, addr: int, end: int) -> int:
    """Zap ``[addr, end)`` of one page table, page by page; return where it stopped.

    Follows mm/memory.c, v6.8: c46265030b0f ("mm/memory: page_remove_rmap() -> folio_remove_rmap_pte()").
    """
    pte_lock(m, pmd)
    count(m, ZROUND, 1)
    rss = 0
    force_flush = 0
    while addr < end:
        index = pte_index(pmd, addr)
        pte = m.pte[index]
        addr += 1
        if not pte_present(pte):
            rss += zap_nonpresent_pte(m, mm, index)
            continue
        page = entry_page(pte)
        folio = m.page_folio[page]
        store(m, PTE, index, 0)
        tlb_remove_tlb_entry(m)
        rss += 1
        folio_remove_rmap_ptes(m, folio, page, 1, mm)
        if __tlb_remove_page(m, page):
            why(m, FLUSH_FULL, folio, page - folio)
            force_flush = 1
            break
    zap_pte_finish(m, mm, rss, force_flush, pmd)
    return addr
