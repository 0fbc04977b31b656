"""v6.10: khugepaged asks of a whole folio, not of a page of it, whether others may map it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.primitives import View
from folioviz.mm.headers import folio_nr_pages, folio_test_large

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.large_mapcount import folio_mapcount


def collapse_shared(m: View, page: int) -> bool:
    """Guess whether several processes map the folio of a page: more mappings than pages, or two of the first, say so.

    Follows mm/khugepaged.c, hpage_collapse_scan_pmd(), v6.10: 1bafe96e89f0 ("mm/khugepaged: replace page_mapcount()
    check by folio_likely_mapped_shared()").
    """
    folio = m.page_folio[page]
    mapcount = folio_mapcount(m, folio)
    if mapcount <= 1 or not folio_test_large(m, folio):
        return bool(mapcount > 1)
    twice = m.folio_entire_mapcount[folio] >= 0 or mapcount > folio_nr_pages(m, folio)
    return bool(twice or m.page_mapcount[folio] > 0)
