"""v6.12: a range updates _nr_pages_mapped once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import FOLIO_NR_PAGES_MAPPED, PAGE_MAPCOUNT
from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.machine.primitives import View, atomic_add_return
from folioviz.mm.headers import folio_add_large_mapcount, folio_sub_large_mapcount, folio_test_large

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import __folio_mod_stat, __folio_remove_rmap
    from folioviz.mm.rmap import why_not_queued


def __folio_add_rmap_ptes(m: View, folio: int, page: int, nr_pages: int, mm: int) -> int:
    """Raise the counters of a large folio; return how many pages are newly mapped.

    Follows mm/rmap.c, __folio_add_rmap(), v6.12: 43c9074e6f09 ("mm/rmap: minimize folio->_nr_pages_mapped updates when
    batching PTE (un)mapping").
    """
    nr = 0
    for i in range(page, page + nr_pages):
        nr += int(atomic_add_return(m, PAGE_MAPCOUNT, i, 1) == 0)
    if nr and atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, nr) >= COMPOUND_MAPPED:
        nr = 0
    folio_add_large_mapcount(m, folio, nr_pages, mm)
    return nr


def folio_remove_rmap_ptes(m: View, folio: int, page: int, nr_pages: int, mm: int) -> None:
    """Take down one PTE mapping of each of ``nr_pages`` pages.

    Follows mm/rmap.c, v6.12: 43c9074e6f09 ("mm/rmap: minimize folio->_nr_pages_mapped updates when batching PTE
    (un)mapping").
    """
    if not folio_test_large(m, folio):
        nr = int(atomic_add_return(m, PAGE_MAPCOUNT, page, -1) < 0)
        __folio_mod_stat(m, -nr, 0)
        why_not_queued(m, folio, nr, 0, 0)
        return
    folio_sub_large_mapcount(m, folio, nr_pages, mm)
    nr = 0
    for i in range(page, page + nr_pages):
        nr += int(atomic_add_return(m, PAGE_MAPCOUNT, i, -1) < 0)
    if nr and atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, -nr) >= COMPOUND_MAPPED:
        nr = 0
    __folio_remove_rmap(m, folio, nr, 0)
