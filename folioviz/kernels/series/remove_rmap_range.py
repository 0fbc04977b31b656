"""v4 2/3: take down several PTE mappings of a folio at once; queue only what is still mapped somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import FOLIO_ENTIRE_MAPCOUNT, FOLIO_NR_PAGES_MAPPED, PAGE_MAPCOUNT
from folioviz.machine.memory import COMPOUND_MAPPED, HPAGE_PMD_NR, NR_ANON_MAPPED, NR_ANON_THPS
from folioviz.machine.primitives import View, atomic_add_return, lruvec_stat_add
from folioviz.mm.headers import folio_test_large

if TYPE_CHECKING:
    from folioviz.mm.huge_memory import deferred_split_folio
    from folioviz.mm.rmap import why_not_queued


def page_remove_rmap(m: View, page: int, compound: int) -> None:
    """Take down one mapping of a page; a PTE's is a range of one.

    Follows mm/rmap.c, v4 2/3: mm: Implement folio_remove_rmap_range().
    """
    folio = m.page_folio[page]
    if not compound:
        folio_remove_rmap_range(m, folio, page, 1)
        return
    nr_mapped = m.folio_nr_pages_mapped[folio]
    nr_unmapped = 0
    nr_pmdmapped = 0
    if atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, -1) < 0:
        nr_mapped = atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, -COMPOUND_MAPPED)
        nr_pmdmapped = HPAGE_PMD_NR
        nr_unmapped = nr_pmdmapped - nr_mapped
    __remove_rmap_finish(m, folio, nr_mapped, nr_unmapped, nr_pmdmapped)


def folio_remove_rmap_range(m: View, folio: int, page: int, nr: int) -> None:
    """Take down one PTE mapping of each of ``nr`` pages from ``page``.

    Follows mm/rmap.c, v4 2/3: mm: Implement folio_remove_rmap_range().
    """
    nr_unmapped = 0
    for i in range(page, page + nr):
        if atomic_add_return(m, PAGE_MAPCOUNT, i, -1) < 0:
            nr_unmapped += 1
    nr_mapped = 0
    if folio_test_large(m, folio):
        nr_mapped = atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, -nr_unmapped)
        if nr_mapped >= COMPOUND_MAPPED:
            nr_unmapped = 0
    __remove_rmap_finish(m, folio, nr_mapped, nr_unmapped, 0)


def __remove_rmap_finish(m: View, folio: int, nr_mapped: int, nr_unmapped: int, nr_pmdmapped: int) -> None:
    """Account for pages that lost their last mapping; queue the folio if others keep theirs.

    Follows mm/rmap.c, v4 2/3: mm: Implement folio_remove_rmap_range().
    """
    if nr_pmdmapped:
        lruvec_stat_add(m, NR_ANON_THPS, -nr_pmdmapped)
    if nr_unmapped:
        lruvec_stat_add(m, NR_ANON_MAPPED, -nr_unmapped)
    if nr_unmapped and nr_mapped:
        deferred_split_folio(m, folio)
    else:
        why_not_queued(m, folio, nr_unmapped, nr_pmdmapped, nr_mapped)
