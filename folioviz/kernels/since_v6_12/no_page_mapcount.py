"""v6.15, CONFIG_NO_PAGE_MAPCOUNT: the pages of large folios are not counted, only averages are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import FOLIO_ENTIRE_MAPCOUNT, PAGE_MAPCOUNT
from folioviz.machine.journal import NOT_QUEUED_FLAGGED
from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.machine.primitives import (
    View,
    atomic_add_return,
    clear_page_anon_exclusive,
    set_page_anon_exclusive,
    store,
    why,
)
from folioviz.mm.headers import (
    folio_add_large_mapcount,
    folio_mod_nr_anon,
    folio_nr_pages,
    folio_set_large_mapcount,
    folio_sub_large_mapcount,
    folio_test_large,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import __folio_mod_stat
    from folioviz.kernels.since_v6_12.partially_mapped import deferred_split_folio
    from folioviz.mm.rmap import why_not_queued


def folio_add_new_anon_rmap(m: View, folio: int, mm: int, huge: int) -> None:
    """Count the first mappings of a new folio; a large one's pages are not counted.

    Follows mm/rmap.c, v6.15: 749492229e3b ("mm: stop maintaining the per-page mapcount of large folios
    (CONFIG_NO_PAGE_MAPCOUNT)").
    """
    nr = folio_nr_pages(m, folio)
    if huge:
        store(m, FOLIO_ENTIRE_MAPCOUNT, folio, 0)
        folio_set_large_mapcount(m, folio, 1, mm)
        set_page_anon_exclusive(m, folio)
        __folio_mod_stat(m, nr, nr)
        folio_mod_nr_anon(m, folio, 1)
        return
    for page in range(folio, folio + nr):
        set_page_anon_exclusive(m, page)
    if nr > 1:
        folio_set_large_mapcount(m, folio, nr, mm)
        folio_mod_nr_anon(m, folio, 1)
    else:
        store(m, PAGE_MAPCOUNT, folio, 0)
    __folio_mod_stat(m, nr, 0)


def __folio_add_rmap_ptes(m: View, folio: int, _page: int, nr_pages: int, mm: int) -> int:
    """Count PTE mappings; the whole folio is newly mapped if it had none.

    Follows mm/rmap.c, __folio_add_rmap(), v6.15: 749492229e3b ("mm: stop maintaining the per-page mapcount of large
    folios (CONFIG_NO_PAGE_MAPCOUNT)").
    """
    if folio_add_large_mapcount(m, folio, nr_pages, mm) == nr_pages:
        return int(folio_nr_pages(m, folio))
    return 0


def folio_add_anon_rmap_pmd(m: View, folio: int, mm: int, exclusive: int) -> None:
    """Count one more PMD mapping; the whole folio is newly mapped if it had none.

    Follows mm/rmap.c, __folio_add_rmap(), v6.15: 749492229e3b ("mm: stop maintaining the per-page mapcount of large
    folios (CONFIG_NO_PAGE_MAPCOUNT)").
    """
    first = atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, 1) == 0
    alone = folio_add_large_mapcount(m, folio, 1, mm) == 1
    __folio_mod_stat(m, HPAGE_PMD_NR if alone else 0, HPAGE_PMD_NR if first else 0)
    if exclusive:
        set_page_anon_exclusive(m, folio)


def folio_try_dup_anon_rmap_ptes(m: View, folio: int, page: int, nr_pages: int, child: int) -> None:
    """Count a child's mappings of pages that fork shares.

    Follows include/linux/rmap.h, v6.15: 749492229e3b ("mm: stop maintaining the per-page mapcount of large folios
    (CONFIG_NO_PAGE_MAPCOUNT)").
    """
    for i in range(page, page + nr_pages):
        clear_page_anon_exclusive(m, i)
    if folio_test_large(m, folio):
        folio_add_large_mapcount(m, folio, nr_pages, child)
    else:
        atomic_add_return(m, PAGE_MAPCOUNT, page, 1)


def folio_remove_rmap_ptes(m: View, folio: int, page: int, nr_pages: int, mm: int) -> None:
    """Take down PTE mappings; the folio is unmapped, as a whole, with its last one.

    Follows mm/rmap.c, v6.15: 749492229e3b ("mm: stop maintaining the per-page mapcount of large folios
    (CONFIG_NO_PAGE_MAPCOUNT)").
    """
    if not folio_test_large(m, folio):
        nr = int(atomic_add_return(m, PAGE_MAPCOUNT, page, -1) < 0)
        __folio_mod_stat(m, -nr, 0)
        why_not_queued(m, folio, nr, 0, 0)
        return
    mapcount = folio_sub_large_mapcount(m, folio, nr_pages, mm)
    partially = mapcount < folio_nr_pages(m, folio) and m.folio_entire_mapcount[folio] < 0
    folio_unmapped(m, folio, mapcount, int(partially), 0)


def folio_remove_rmap_pmd(m: View, folio: int, mm: int) -> None:
    """Take down one PMD mapping.

    Follows mm/rmap.c, v6.15: 749492229e3b ("mm: stop maintaining the per-page mapcount of large folios
    (CONFIG_NO_PAGE_MAPCOUNT)").
    """
    mapcount = folio_sub_large_mapcount(m, folio, 1, mm)
    last = atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, -1) < 0
    partially = last and mapcount < HPAGE_PMD_NR
    folio_unmapped(m, folio, mapcount, int(partially), HPAGE_PMD_NR if last else 0)


def folio_unmapped(m: View, folio: int, mapcount: int, partially_mapped: int, nr_pmdmapped: int) -> None:
    """Flag and queue a folio that has fewer mappings than pages; uncount it if it has none.

    Follows mm/rmap.c, __folio_remove_rmap(), v6.15: 749492229e3b ("mm: stop maintaining the per-page mapcount of large
    folios (CONFIG_NO_PAGE_MAPCOUNT)").
    """
    nr = folio_nr_pages(m, folio) if mapcount == 0 else 0
    if nr:
        why_not_queued(m, folio, nr, 0, 0)
    elif not partially_mapped:
        why_not_queued(m, folio, 0, 0, 0)
    elif m.folio_partially_mapped[folio]:
        why(m, NOT_QUEUED_FLAGGED, folio, 0)
    else:
        deferred_split_folio(m, folio, 1)
    __folio_mod_stat(m, -nr, -nr_pmdmapped)
