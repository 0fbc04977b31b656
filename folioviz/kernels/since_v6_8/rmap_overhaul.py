"""v6.8: mappings of a folio are counted in ranges, by functions that say what maps what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import FOLIO_ENTIRE_MAPCOUNT, FOLIO_NR_PAGES_MAPPED, PAGE_MAPCOUNT
from folioviz.machine.memory import COMPOUND_MAPPED, HPAGE_PMD_NR, NR_ANON_MAPPED, NR_ANON_THPS
from folioviz.machine.primitives import (
    View,
    atomic_add_return,
    clear_page_anon_exclusive,
    lruvec_stat_add,
    set_page_anon_exclusive,
    store,
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
    from folioviz.mm.huge_memory import deferred_split_folio
    from folioviz.mm.rmap import why_not_queued


def folio_add_new_anon_rmap(m: View, folio: int, mm: int, huge: int) -> None:
    """Count the first mapping of a new folio: by a PMD, or by a PTE for each of its pages.

    Follows mm/rmap.c, v6.8: 372cbd4d5a06 ("mm: non-pmd-mappable, large folios for folio_add_new_anon_rmap()").
    """
    nr = folio_nr_pages(m, folio)
    if huge:
        store(m, FOLIO_ENTIRE_MAPCOUNT, folio, 0)
        store(m, FOLIO_NR_PAGES_MAPPED, folio, COMPOUND_MAPPED)
        folio_set_large_mapcount(m, folio, 1, mm)
        set_page_anon_exclusive(m, folio)
        __folio_mod_stat(m, nr, nr)
        folio_mod_nr_anon(m, folio, 1)
        return
    for page in range(folio, folio + nr):
        store(m, PAGE_MAPCOUNT, page, 0)
        set_page_anon_exclusive(m, page)
    if nr > 1:
        store(m, FOLIO_NR_PAGES_MAPPED, folio, nr)
        folio_set_large_mapcount(m, folio, nr, mm)
        folio_mod_nr_anon(m, folio, 1)
    __folio_mod_stat(m, nr, 0)


def folio_add_anon_rmap_ptes(m: View, folio: int, page: int, nr_pages: int, mm: int, exclusive: int) -> None:
    """Count one more PTE for each of ``nr_pages`` pages.

    Follows mm/rmap.c, v6.8: 8bd5130070fb ("mm/rmap: introduce folio_add_anon_rmap_[pte|ptes|pmd]()").
    """
    if folio_test_large(m, folio):
        nr = __folio_add_rmap_ptes(m, folio, page, nr_pages, mm)
    else:
        nr = int(atomic_add_return(m, PAGE_MAPCOUNT, page, 1) == 0)
    __folio_mod_stat(m, nr, 0)
    if exclusive:
        for i in range(page, page + nr_pages):
            set_page_anon_exclusive(m, i)


def __folio_add_rmap_ptes(m: View, folio: int, page: int, nr_pages: int, mm: int) -> int:
    """Raise the counters of a large folio page by page; return how many pages are newly mapped.

    Follows mm/rmap.c, __folio_add_rmap(), v6.8: 8bd5130070fb ("mm/rmap: introduce
    folio_add_anon_rmap_[pte|ptes|pmd]()").
    """
    nr = 0
    for i in range(page, page + nr_pages):
        first = atomic_add_return(m, PAGE_MAPCOUNT, i, 1) == 0
        if first and atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, 1) < COMPOUND_MAPPED:
            nr += 1
    folio_add_large_mapcount(m, folio, nr_pages, mm)
    return nr


def folio_add_anon_rmap_pmd(m: View, folio: int, mm: int, exclusive: int) -> None:
    """Count one more PMD mapping of a folio.

    Follows mm/rmap.c, v6.8: 8bd5130070fb ("mm/rmap: introduce folio_add_anon_rmap_[pte|ptes|pmd]()").
    """
    nr = 0
    nr_pmdmapped = 0
    if atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, 1) == 0:
        nr_pmdmapped = HPAGE_PMD_NR
        nr = nr_pmdmapped - (
            atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, COMPOUND_MAPPED) - COMPOUND_MAPPED
        )
    folio_add_large_mapcount(m, folio, 1, mm)
    __folio_mod_stat(m, nr, nr_pmdmapped)
    if exclusive:
        set_page_anon_exclusive(m, folio)


def folio_try_dup_anon_rmap_ptes(m: View, folio: int, page: int, nr_pages: int, child: int) -> None:
    """Count a child's mappings of pages that fork shares.

    Follows include/linux/rmap.h, v6.8: 61d90309b715 ("mm/rmap: introduce folio_try_dup_anon_rmap_[pte|ptes|pmd]()").
    """
    for i in range(page, page + nr_pages):
        clear_page_anon_exclusive(m, i)
        atomic_add_return(m, PAGE_MAPCOUNT, i, 1)
    if folio_test_large(m, folio):
        folio_add_large_mapcount(m, folio, nr_pages, child)


def folio_try_dup_anon_rmap_pmd(m: View, folio: int, child: int) -> None:
    """Count a child's PMD mapping of a folio that fork shares.

    Follows include/linux/rmap.h, v6.8: 61d90309b715 ("mm/rmap: introduce folio_try_dup_anon_rmap_[pte|ptes|pmd]()").
    """
    clear_page_anon_exclusive(m, folio)
    atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, 1)
    folio_add_large_mapcount(m, folio, 1, child)


def folio_remove_rmap_ptes(m: View, folio: int, page: int, nr_pages: int, mm: int) -> None:
    """Take down one PTE mapping of each of ``nr_pages`` pages.

    Follows mm/rmap.c, v6.8: b06dc281aa99 ("mm/rmap: introduce folio_remove_rmap_[pte|ptes|pmd]()").
    """
    if not folio_test_large(m, folio):
        nr = int(atomic_add_return(m, PAGE_MAPCOUNT, page, -1) < 0)
        __folio_mod_stat(m, -nr, 0)
        why_not_queued(m, folio, nr, 0, 0)
        return
    folio_sub_large_mapcount(m, folio, nr_pages, mm)
    nr = 0
    for i in range(page, page + nr_pages):
        last = atomic_add_return(m, PAGE_MAPCOUNT, i, -1) < 0
        if last and atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, -1) < COMPOUND_MAPPED:
            nr += 1
    __folio_remove_rmap(m, folio, nr, 0)


def folio_remove_rmap_pmd(m: View, folio: int, mm: int) -> None:
    """Take down one PMD mapping of a folio.

    Follows mm/rmap.c, v6.8: b06dc281aa99 ("mm/rmap: introduce folio_remove_rmap_[pte|ptes|pmd]()").
    """
    folio_sub_large_mapcount(m, folio, 1, mm)
    nr = 0
    nr_pmdmapped = 0
    if atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, -1) < 0:
        nr_pmdmapped = HPAGE_PMD_NR
        nr = nr_pmdmapped - atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, -COMPOUND_MAPPED)
    __folio_remove_rmap(m, folio, nr, nr_pmdmapped)


def __folio_remove_rmap(m: View, folio: int, nr: int, nr_pmdmapped: int) -> None:
    """Queue a folio of which ``nr`` pages were unmapped, even all of them by PTE.

    Follows mm/rmap.c, __folio_remove_rmap(), v6.8: 7dc7c5ef6463 ("mm: allow deferred splitting of arbitrary anon large
    folios").
    """
    if nr and nr != nr_pmdmapped:
        deferred_split_folio(m, folio)
    else:
        why_not_queued(m, folio, nr, nr_pmdmapped, m.folio_nr_pages_mapped[folio])
    __folio_mod_stat(m, -nr, -nr_pmdmapped)


def __folio_mod_stat(m: View, nr: int, nr_pmdmapped: int) -> None:
    """Add to the node's counters of mapped pages.

    Follows mm/rmap.c, __folio_add_anon_rmap(), v6.8: 8bd5130070fb ("mm/rmap: introduce
    folio_add_anon_rmap_[pte|ptes|pmd]()").
    """
    if nr:
        lruvec_stat_add(m, NR_ANON_MAPPED, nr)
    if nr_pmdmapped:
        lruvec_stat_add(m, NR_ANON_THPS, nr_pmdmapped)
