"""v6.10: a large folio counts all of its mappings in one place.

The functions' names are those of v6.15; v6.10 has their atomics where they are called.
"""

from __future__ import annotations

from folioviz.machine.fields import FOLIO_LARGE_MAPCOUNT
from folioviz.machine.primitives import View, atomic_add_return, store


def folio_set_large_mapcount(m: View, folio: int, mapcount: int, _mm: int) -> None:
    """Begin to count a new folio's mappings (mm/rmap.c, v6.10)."""
    store(m, FOLIO_LARGE_MAPCOUNT, folio, mapcount - 1)


def folio_add_large_mapcount(m: View, folio: int, nr: int, _mm: int) -> None:
    """Count ``nr`` mappings more (include/linux/rmap.h, v6.10)."""
    atomic_add_return(m, FOLIO_LARGE_MAPCOUNT, folio, nr)


def folio_sub_large_mapcount(m: View, folio: int, nr: int, _mm: int) -> None:
    """Count ``nr`` mappings less (mm/rmap.c, v6.10)."""
    atomic_add_return(m, FOLIO_LARGE_MAPCOUNT, folio, -nr)


def folio_large_mapcount(m: View, folio: int) -> int:
    """Return the number of PTEs and PMDs that map a folio, without looking at its pages (folio_mapcount(), v6.10)."""
    return int(m.folio_large_mapcount[folio]) + 1
