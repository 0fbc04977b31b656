"""v4 3/3: zap runs of PTEs that map consecutive pages of one large anonymous folio together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock
from folioviz.machine.costs import ZROUND
from folioviz.machine.fields import PTE
from folioviz.machine.journal import (
    BATCH_FOLIO_END,
    BATCH_HOLE,
    BATCH_OTHER_PAGE,
    BATCH_RANGE_END,
    BATCH_TABLE_END,
    FLUSH_CUT,
    FLUSH_FULL,
)
from folioviz.machine.memory import PTRS_PER_PTE
from folioviz.machine.primitives import View, count, store, why
from folioviz.mm.entries import zap_nonpresent_pte
from folioviz.mm.headers import entry_page, folio_nr_pages, folio_test_large, pte_index, pte_present

if TYPE_CHECKING:
    from folioviz.kernels.series.remove_rmap_range import folio_remove_rmap_range
    from folioviz.mm.memory import zap_pte_finish
    from folioviz.mm.mmu_gather import __tlb_remove_page, tlb_remove_tlb_entry
    from folioviz.mm.rmap import page_remove_rmap
    from folioviz.mm.swap import folio_get, folio_put


def folio_nr_pages_cont_mapped(m: View, folio: int, page: int, pmd: int, addr: int, end: int) -> int:
    """Count the PTEs from ``addr`` that map consecutive pages of a folio, at most to ``end``.

    Follows mm/memory.c, v4 3/3: mm: Batch-zap large anonymous folio PTE mappings.
    """
    if not folio_test_large(m, folio):
        return 1
    to_folio_end = folio + folio_nr_pages(m, folio) - page
    nr = min(end - addr, to_folio_end)
    for i in range(1, nr):
        pte = m.pte[pte_index(pmd, addr + i)]
        if not pte_present(pte) or entry_page(pte) != page + i:
            why(m, BATCH_OTHER_PAGE if pte else BATCH_HOLE, folio, i)
            return i
    if nr == to_folio_end:
        why(m, BATCH_FOLIO_END, folio, nr)
    else:
        why(m, BATCH_TABLE_END if (addr + nr) % PTRS_PER_PTE == 0 else BATCH_RANGE_END, folio, nr)
    return nr


def try_zap_anon_pte_range(m: View, folio: int, page: int, pmd: int, addr: int, nr_pages: int) -> int:
    """Zap up to ``nr_pages`` PTEs of one folio; return how many, fewer if the gather filled up before the last.

    ``folio_get()`` keeps the folio while ``__tlb_remove_page()`` may drop the references of its pages (s390).

    Follows mm/memory.c, v4 3/3: mm: Batch-zap large anonymous folio PTE mappings.
    """
    folio_get(m, folio)
    i = 0
    while i < nr_pages:
        store(m, PTE, pte_index(pmd, addr + i), 0)
        tlb_remove_tlb_entry(m)
        full = __tlb_remove_page(m, page + i)
        i += 1
        if full:
            why(m, FLUSH_FULL, folio, page + i - 1 - folio)
            break
    folio_remove_rmap_range(m, folio, page, i)
    folio_put(m, folio)
    return i


def zap_pte_range(m: View, mm: int, pmd: int, addr: int, end: int) -> int:
    """Zap ``[addr, end)`` of one page table, batch by batch; return where it stopped.

    As posted: the count is decremented before it is compared, so every batch looks cut short and forces a flush.

    Follows mm/memory.c, v4 3/3: mm: Batch-zap large anonymous folio PTE mappings.
    """
    pte_lock(m, pmd)
    count(m, ZROUND, 1)
    rss = 0
    force_flush = 0
    while addr < end:
        pte = m.pte[pte_index(pmd, addr)]
        if not pte_present(pte):
            rss += zap_nonpresent_pte(m, mm, pte_index(pmd, addr))
            addr += 1
            continue
        page = entry_page(pte)
        folio = m.page_folio[page]
        if folio_test_large(m, folio):
            nr_pages_req = folio_nr_pages_cont_mapped(m, folio, page, pmd, addr, end)
            nr_pages = try_zap_anon_pte_range(m, folio, page, pmd, addr, nr_pages_req)
            rss += nr_pages
            nr_pages -= 1
            addr += nr_pages
            if nr_pages < nr_pages_req:
                if nr_pages + 1 == nr_pages_req:  # all were done: the gather is not full
                    why(m, FLUSH_CUT, folio, nr_pages_req)
                force_flush = 1
                addr += 1
                break
            addr += 1
            continue
        store(m, PTE, pte_index(pmd, addr), 0)
        tlb_remove_tlb_entry(m)
        rss += 1
        addr += 1
        page_remove_rmap(m, page, 0)
        if __tlb_remove_page(m, page):
            why(m, FLUSH_FULL, folio, 0)
            force_flush = 1
            break
    zap_pte_finish(m, mm, rss, force_flush, pmd)
    return addr
