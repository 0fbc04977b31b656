"""v6.9: zapping and fork take runs of PTEs that map consecutive pages of one large folio together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock
from folioviz.machine.costs import ZROUND
from folioviz.machine.fields import PTE
from folioviz.machine.journal import (
    BATCH_DIRTY,
    BATCH_FOLIO_END,
    BATCH_HOLE,
    BATCH_OTHER_PAGE,
    BATCH_RANGE_END,
    BATCH_TABLE_END,
    BATCH_WRITABLE,
    FLUSH_FULL,
)
from folioviz.machine.memory import ENTRY_CLEAN, PTE_GUARD, PTRS_PER_PTE
from folioviz.machine.primitives import View, count, store, why
from folioviz.mm.entries import zap_nonpresent_pte
from folioviz.mm.headers import entry_page, folio_nr_pages, folio_test_large, pte_index, pte_present

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.gather_runs import __tlb_remove_folio_pages
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_remove_rmap_ptes
    from folioviz.mm.memory import zap_pte_finish
    from folioviz.mm.mmu_gather import tlb_remove_tlb_entry


def folio_pte_batch(m: View, folio: int, page: int, index: int, max_nr: int, respect: int) -> int:
    """Count the PTEs from ``index`` that map consecutive pages of a folio, at most ``max_nr``.

    Write, young and dirty bits may differ within a run, but for those in ``respect``: ENTRY_CLEAN or PTE_WRITE.

    Follows mm/memory.c, v6.9: f8d937761d65 ("mm/memory: optimize fork() with PTE-mapped THP").
    """
    if not folio_test_large(m, folio):
        return 1
    to_folio_end = folio + folio_nr_pages(m, folio) - page
    nr = min(max_nr, to_folio_end)
    for i in range(1, nr):
        pte = m.pte[index + i]
        if not pte_present(pte) or entry_page(pte) != page + i:
            why(m, BATCH_OTHER_PAGE if pte & ~PTE_GUARD else BATCH_HOLE, folio, i)
            return i
        if (pte ^ m.pte[index]) & respect:
            why(m, BATCH_DIRTY if respect == ENTRY_CLEAN else BATCH_WRITABLE, folio, i)
            return i
    if nr == to_folio_end:
        why(m, BATCH_FOLIO_END, folio, nr)
    else:
        why(m, BATCH_TABLE_END if (index + nr) % PTRS_PER_PTE == 0 else BATCH_RANGE_END, folio, nr)
    return nr


def zap_pte_range(m: View, mm: int, pmd: int, addr: int, end: int) -> int:
    """Zap ``[addr, end)`` of one page table, run by run; return where it stopped.

    Follows mm/memory.c, v6.9: 10ebac4f95e7 ("mm/memory: optimize unmap/zap with PTE-mapped THP").
    """
    pte_lock(m, pmd)
    count(m, ZROUND, 1)
    rss = 0
    force_flush = 0
    while addr < end:
        index = pte_index(pmd, addr)
        pte = m.pte[index]
        nr = 1
        if pte_present(pte):
            page = entry_page(pte)
            nr = folio_pte_batch(m, m.page_folio[page], page, index, end - addr, 0)
            rss += nr
            force_flush = int(zap_present_ptes(m, mm, page, index, nr))
        else:
            rss += zap_nonpresent_pte(m, mm, index)
        addr += nr
        if force_flush:
            break
    zap_pte_finish(m, mm, rss, force_flush, pmd)
    return addr


def zap_present_ptes(m: View, mm: int, page: int, index: int, nr: int) -> bool:
    """Zap a run: clear its PTEs, take its mappings down, hand it to the gather; true if that is full.

    Follows mm/memory.c, v6.9: 10ebac4f95e7 ("mm/memory: optimize unmap/zap with PTE-mapped THP").
    """
    folio = m.page_folio[page]
    for i in range(nr):
        store(m, PTE, index + i, 0)
    tlb_remove_tlb_entry(m)
    folio_remove_rmap_ptes(m, folio, page, nr, mm)
    full = __tlb_remove_folio_pages(m, page, nr)
    if full:
        why(m, FLUSH_FULL, folio, page + nr - 1 - folio)
    return full
