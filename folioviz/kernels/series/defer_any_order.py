"""v4 1/3: queue any large anonymous folio, not only PMD-mappable ones."""

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
    """Take down one mapping of a page; any large folio may be queued.

    Follows mm/rmap.c, v4 1/3: mm: Allow deferred splitting of arbitrary large anon folios.
    """
    folio = m.page_folio[page]
    nr = 0
    nr_pmdmapped = 0
    mapped = 0
    if not compound:
        last = atomic_add_return(m, PAGE_MAPCOUNT, page, -1) < 0
        nr = int(last)
        if last and folio_test_large(m, folio):
            mapped = atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, -1)
            nr = int(mapped < COMPOUND_MAPPED)
    elif atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, -1) < 0:
        mapped = atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, -COMPOUND_MAPPED)
        nr_pmdmapped = HPAGE_PMD_NR
        nr = nr_pmdmapped - mapped

    if nr_pmdmapped:
        lruvec_stat_add(m, NR_ANON_THPS, -nr_pmdmapped)
    if nr:
        lruvec_stat_add(m, NR_ANON_MAPPED, -nr)
    # For a PTE nobody asks what is left: a folio that is unmapped as a whole is queued, and then freed.
    if nr and folio_test_large(m, folio) and (not compound or nr < nr_pmdmapped):
        deferred_split_folio(m, folio)
    else:
        why_not_queued(m, folio, nr, nr_pmdmapped, mapped)
