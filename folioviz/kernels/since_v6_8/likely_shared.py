"""v6.9: a folio whose first page nobody maps does not count as shared any more."""

from __future__ import annotations

from folioviz.machine.primitives import View


def madvise_shared(m: View, folio: int, _page: int, _free: int, _pmd: int) -> bool:
    """Guess whether others map a folio, too.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.9: ebb34f78d72c ("mm: convert folio_estimated_sharers() to
    folio_likely_mapped_shared()").
    """
    return folio_likely_mapped_shared(m, folio)


def folio_likely_mapped_shared(m: View, folio: int) -> bool:
    """Guess from its first page whether several processes map a folio.

    Follows include/linux/mm.h, v6.9: ebb34f78d72c ("mm: convert folio_estimated_sharers() to
    folio_likely_mapped_shared()").
    """
    return bool(m.folio_entire_mapcount[folio] + m.page_mapcount[folio] + 2 > 1)
