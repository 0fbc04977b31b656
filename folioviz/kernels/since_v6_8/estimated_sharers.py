"""v6.8: whether several processes map a folio is guessed from its first page; none counts as many."""

from __future__ import annotations

from folioviz.machine.primitives import View


def madvise_shared(m: View, folio: int, _page: int, _free: int, _pmd: int) -> bool:
    """Guess from a folio's first page whether others map it; if nobody maps that page, it counts as shared, too.

    Follows include/linux/mm.h, folio_estimated_sharers(), v6.8: MADV_FREE and MADV_COLD ask for one sharer.
    """
    return bool(m.folio_entire_mapcount[folio] + m.page_mapcount[folio] + 2 != 1)
