"""v6.10: a large folio counts all of its mappings in one place.

The functions' names are those of v6.15; v6.10 has their atomics where they are called.
"""

from __future__ import annotations

from folioviz.machine.fields import FOLIO_LARGE_MAPCOUNT
from folioviz.machine.primitives import View, atomic_add_return, store
from folioviz.mm.headers import folio_cache_ref_count, folio_test_large


def folio_set_large_mapcount(m: View, folio: int, mapcount: int, _mm: int) -> None:
    """Begin to count a new folio's mappings.

    Follows mm/rmap.c, folio_add_new_anon_rmap(), v6.10: 05c5323b2a34 ("mm: track mapcount of large folios in single
    value").
    """
    store(m, FOLIO_LARGE_MAPCOUNT, folio, mapcount - 1)


def folio_add_large_mapcount(m: View, folio: int, nr: int, _mm: int) -> None:
    """Count ``nr`` mappings more.

    Follows mm/rmap.c, __folio_add_rmap(), v6.10: 05c5323b2a34 ("mm: track mapcount of large folios in single value").
    """
    atomic_add_return(m, FOLIO_LARGE_MAPCOUNT, folio, nr)


def folio_sub_large_mapcount(m: View, folio: int, nr: int, _mm: int) -> None:
    """Count ``nr`` mappings less.

    Follows mm/rmap.c, __folio_remove_rmap(), v6.10: 05c5323b2a34 ("mm: track mapcount of large folios in single
    value").
    """
    atomic_add_return(m, FOLIO_LARGE_MAPCOUNT, folio, -nr)


def folio_large_mapcount(m: View, folio: int) -> int:
    """Return the number of PTEs and PMDs that map a folio, without looking at its pages.

    Follows include/linux/mm.h, folio_large_mapcount(), v6.10: 05c5323b2a34 ("mm: track mapcount of large folios in
    single value").
    """
    return int(m.folio_large_mapcount[folio]) + 1


def folio_mapcount(m: View, folio: int) -> int:
    """Return the number of PTEs and PMDs that map a folio, without looking at the pages of a large one.

    Follows include/linux/mm.h, v6.10: 05c5323b2a34 ("mm: track mapcount of large folios in single value").
    """
    if folio_test_large(m, folio):
        return int(m.folio_large_mapcount[folio] + 1)
    return int(m.page_mapcount[folio] + 1)


def is_refcount_suitable(m: View, folio: int) -> bool:
    """Tell whether all references are its mappings' and the swap cache's, without looking at a large folio's pages.

    Follows mm/khugepaged.c, v6.10: 05c5323b2a34 ("mm: track mapcount of large folios in single value").
    """
    return bool(m.folio_refcount[folio] == folio_mapcount(m, folio) + folio_cache_ref_count(m, folio))
