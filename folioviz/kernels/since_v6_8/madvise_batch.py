"""v6.10: MADV_FREE and MADV_COLD leave a folio whole if they cover all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.primitives import View
from folioviz.mm.headers import entry_page, folio_nr_pages, folio_test_large, pte_index, pte_present

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.madvise_split import madvise_split_folio
    from folioviz.kernels.since_v6_8.zap_batch import folio_pte_batch


def madvise_pte_range(m: View, pmd: int, addr: int, end: int) -> None:
    """Split the large folios of which PTEs of ``[addr, end)`` map a part only.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.10: dce7d10be4bb ("mm/madvise: optimize lazyfreeing with mTHP in
    madvise_free").
    Follows mm/madvise.c, madvise_cold_or_pageout_pte_range(), v6.10: 3931b871c494 ("mm: madvise: avoid split during
    MADV_PAGEOUT and MADV_COLD").
    """
    while addr < end:
        index = pte_index(pmd, addr)
        pte = m.pte[index]
        nr = 1
        if pte_present(pte):
            page = entry_page(pte)
            folio = m.page_folio[page]
            if folio_test_large(m, folio):
                nr = folio_pte_batch(m, folio, page, index, end - addr)
                if nr < folio_nr_pages(m, folio):
                    madvise_split_folio(m, folio)
        addr += nr


def folio_likely_mapped_shared(m: View, folio: int) -> bool:
    """Guess from all mappings, then from the first page, whether several processes map a folio.

    Follows include/linux/mm.h, v6.10: eefb9b2725e3 ("mm: improve folio_likely_mapped_shared() using the mapcount of
    large folios").
    """
    mapcount = m.folio_large_mapcount[folio] + 1
    if mapcount <= 1:
        return False
    if m.folio_entire_mapcount[folio] >= 0 or mapcount > folio_nr_pages(m, folio):
        return True
    return bool(m.page_mapcount[folio] > 0)
