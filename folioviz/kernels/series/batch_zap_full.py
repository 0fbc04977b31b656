"""v4 3/3 with the gather's "full" returned explicitly, as v1 did. Never posted in this form."""

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
    from folioviz.kernels.series.batch_zap import folio_nr_pages_cont_mapped
    from folioviz.kernels.series.remove_rmap_range import folio_remove_rmap_range
    from folioviz.mm.memory import zap_pte_finish
    from folioviz.mm.mmu_gather import __tlb_remove_page, tlb_remove_tlb_entry
    from folioviz.mm.rmap import page_remove_rmap
    from folioviz.mm.swap import folio_get, folio_put


def try_zap_anon_pte_range(
    m: View, folio: int, page: int, pmd: int, addr: int, nr_pages: int
) -> tuple[int, bool]:
    """Zap up to ``nr_pages`` PTEs of one folio; return how many, and whether the gather is full.

    Follows mm/memory.c, v4 3/3 with v1's full (never posted): the gather's full passed on.
    """
    folio_get(m, folio)
    i = 0
    full = False
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
    return i, full


def zap_pte_range(m: View, mm: int, pmd: int, addr: int, end: int) -> int:
    """Zap ``[addr, end)`` of one page table, batch by batch; it stops if the gather is full, and only then.

    Follows mm/memory.c, v4 3/3 with v1's full (never posted): the gather's full passed on.
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
            nr_pages, full = try_zap_anon_pte_range(m, folio, page, pmd, addr, nr_pages_req)
            rss += nr_pages
            addr += nr_pages
            if full:
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
