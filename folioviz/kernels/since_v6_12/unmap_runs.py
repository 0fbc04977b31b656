"""v6.16: reclaim unmaps a lazily freed folio in runs of PTEs; what goes to swap it still unmaps page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import FOLIO_FLAGS, PTE
from folioviz.machine.memory import ENTRY_CLEAN, PG_DIRTY, PG_LAZYFREE, PTE_WRITE
from folioviz.machine.primitives import View, folio_mark_dirty, page_ref_sub_and_test, store
from folioviz.mm.headers import (
    entry_page,
    folio_nr_pages,
    folio_test_swapcache,
    pmd_addr_end,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
    pte_present,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_remove_rmap_ptes
    from folioviz.kernels.since_v6_8.zap_batch import folio_pte_batch
    from folioviz.kernels.swap_slots import folio_mapcount
    from folioviz.kernels.unmap import make_swap_entry
    from folioviz.mm.huge_memory import __split_huge_pmd
    from folioviz.mm.memory import add_mm_counter


def try_to_unmap_one(m: View, folio: int, mm: int, addr: int, end: int) -> bool:
    """Replace the mappings of a folio in ``[addr, end)`` of one process, run by run; a PMD is split first.

    False if a page of a lazily freed folio was written to again, or is held: then the folio stays.

    Follows mm/rmap.c, v6.16: 354dffd29575 ("mm: support batched unmap for lazyfree large folios during reclamation").
    """
    while addr < end:
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd_trans_huge(pmd) and pmd_page(pmd) == folio:
            __split_huge_pmd(m, mm, addr, 0, folio)
            pmd = m.pmd[pmd_index(mm, addr)]
        if pmd == 0 or pmd_trans_huge(pmd):
            addr = (addr | 511) + 1
            continue
        index = pte_index(pmd, addr)
        pte_lock(m, pmd)
        page = entry_page(m.pte[index])
        if not pte_present(m.pte[index]) or m.page_folio[page] != folio:
            pte_unlock(m, pmd)
            addr += 1
            continue
        nr = folio_unmap_pte_batch(m, folio, page, index, pmd_addr_end(addr, end) - addr)
        for i in range(index, index + nr):
            if not m.pte[i] & ENTRY_CLEAN:
                folio_mark_dirty(m, folio)
        swaps = folio_test_swapcache(m, folio)
        if not swaps and (
            m.folio_flags[folio] & PG_DIRTY or m.folio_refcount[folio] != folio_mapcount(m, folio) + 1
        ):
            store(m, FOLIO_FLAGS, folio, m.folio_flags[folio] & ~PG_LAZYFREE)
            pte_unlock(m, pmd)
            return False
        for i in range(nr):
            store(m, PTE, index + i, make_swap_entry(m, page + i) if swaps else 0)
        add_mm_counter(m, mm, -nr)
        folio_remove_rmap_ptes(m, folio, page, nr, mm)
        page_ref_sub_and_test(m, folio, nr)  # reclaim itself holds one more
        pte_unlock(m, pmd)
        addr += nr
    return True


def folio_unmap_pte_batch(m: View, folio: int, page: int, index: int, nr: int) -> int:
    """Return how many of ``nr`` PTEs are unmapped together: 1 of a folio that goes to swap.

    Follows mm/rmap.c, v6.16: 354dffd29575 ("mm: support batched unmap for lazyfree large folios during reclamation").
    """
    if folio_nr_pages(m, folio) == 1 or folio_test_swapcache(m, folio):
        return 1
    return folio_pte_batch(m, folio, page, index, nr, PTE_WRITE)
