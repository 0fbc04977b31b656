"""The naive repair of v4 3/3: compare before decrementing. Never posted; it loses a full gather."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock
from folioviz.machine.costs import ZROUND
from folioviz.machine.fields import PTE
from folioviz.machine.journal import FLUSH_FULL
from folioviz.machine.primitives import View, count, store, why
from folioviz.mm.entries import zap_nonpresent_pte
from folioviz.mm.headers import entry_page, folio_test_large, pte_index, pte_present

if TYPE_CHECKING:
    from folioviz.kernels.series.batch_zap import folio_nr_pages_cont_mapped, try_zap_anon_pte_range
    from folioviz.mm.memory import zap_pte_finish
    from folioviz.mm.mmu_gather import __tlb_remove_page, tlb_remove_tlb_entry
    from folioviz.mm.rmap import page_remove_rmap


def zap_pte_range(m: View, mm: int, pmd: int, addr: int, end: int) -> int:
    """Zap ``[addr, end)`` of one page table, batch by batch; a batch that filled the gather exactly is missed.

    Follows mm/memory.c, v4 3/3 naively repaired (never posted): compare, then decrement.
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
            addr += nr_pages
            if nr_pages < nr_pages_req:
                force_flush = 1
                break
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
