"""v6.10: MADV_FREE and MADV_COLD leave a folio whole if they cover all of it, and go on behind one that stays whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_try_get, folio_trylock, folio_unlock, pte_lock, pte_unlock
from folioviz.machine.memory import LOWEST_QUEUED_ORDER
from folioviz.machine.primitives import View
from folioviz.mm.headers import entry_page, folio_nr_pages, pte_index, pte_present

if TYPE_CHECKING:
    from folioviz.kernels.madvise import ADVICE_FREE, madvise_ptes
    from folioviz.kernels.since_v6_8.estimated_sharers import madvise_shared
    from folioviz.kernels.since_v6_8.zap_batch import folio_pte_batch
    from folioviz.mm.huge_memory import split_huge_page_to_list
    from folioviz.mm.swap import folio_put


def madvise_pte_range(m: View, pmd: int, addr: int, end: int, advice: int) -> None:
    """Visit the PTEs of one table, run by run; a folio of which a run is a part only is split and visited again.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.10: dce7d10be4bb ("mm/madvise: optimize lazyfreeing with mTHP in
    madvise_free").
    Follows mm/madvise.c, madvise_cold_or_pageout_pte_range(), v6.10: 3931b871c494 ("mm: madvise: avoid split during
    MADV_PAGEOUT and MADV_COLD").
    """
    pte_lock(m, pmd)
    while addr < end:
        index = pte_index(pmd, addr)
        nr = 1
        if pte_present(m.pte[index]):
            page = entry_page(m.pte[index])
            folio = m.page_folio[page]
            nr = folio_pte_batch(m, folio, page, index, end - addr, 0)
            if nr == folio_nr_pages(m, folio):
                madvise_ptes(m, folio, index, nr, advice)
            elif (
                m.folio_order[folio] >= LOWEST_QUEUED_ORDER
                and not madvise_shared(m, folio, page, int(advice == ADVICE_FREE), 0)
                and folio_trylock(m, folio)
            ):
                folio_try_get(m, folio)
                pte_unlock(m, pmd)
                nr = 0 if split_huge_page_to_list(m, folio, 0) == 0 else nr
                folio_unlock(m, folio)
                folio_put(m, folio)
                pte_lock(m, pmd)
        addr += nr
    pte_unlock(m, pmd)


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
