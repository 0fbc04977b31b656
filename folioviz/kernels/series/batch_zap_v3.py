"""v2 and v3 3/3: as v4, but without holding the folio, and for order-0 folios too; breaks s390."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock
from folioviz.machine.costs import ZROUND
from folioviz.machine.fields import PTE
from folioviz.machine.journal import FLUSH_CUT, FLUSH_FULL
from folioviz.machine.primitives import View, count, store, why
from folioviz.mm.entries import zap_nonpresent_pte
from folioviz.mm.headers import entry_page, pte_index, pte_present

if TYPE_CHECKING:
    from folioviz.kernels.series.batch_zap import folio_nr_pages_cont_mapped
    from folioviz.kernels.series.remove_rmap_range import folio_remove_rmap_range
    from folioviz.mm.memory import zap_pte_finish
    from folioviz.mm.mmu_gather import __tlb_remove_page, tlb_remove_tlb_entry


def try_zap_anon_pte_range(m: View, folio: int, page: int, pmd: int, addr: int, nr_pages: int) -> int:
    """Zap up to ``nr_pages`` PTEs of one folio; nobody holds the folio meanwhile.

    Follows mm/memory.c, v3 3/3: mm: Batch-zap large anonymous folio PTE mappings.
    """
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
    return i


def zap_pte_range(m: View, mm: int, pmd: int, addr: int, end: int) -> int:
    """Zap ``[addr, end)`` of one page table, every anonymous folio in batches.

    Follows mm/memory.c, v3 3/3: mm: Batch-zap large anonymous folio PTE mappings.
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
    zap_pte_finish(m, mm, rss, force_flush, pmd)
    return addr
