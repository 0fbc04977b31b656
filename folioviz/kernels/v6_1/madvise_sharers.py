"""v6.1.y: MADV_FREE looks at all mappings of a PMD-mapped huge page, or at its first page; MADV_COLD at the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.primitives import View

if TYPE_CHECKING:
    from folioviz.mm.rmap import total_mapcount


def madvise_shared(m: View, folio: int, page: int, free: int, pmd: int) -> bool:
    """Tell whether a huge page that is visited at one of its pages counts as shared.

    Follows mm/huge_memory.c, madvise_free_huge_pmd(), v6.1: before 07e8c82b5eff ("madvise: convert
    madvise_cold_or_pageout_pte_range() to use folios", v6.3).
    Follows mm/madvise.c, madvise_free_pte_range(), v6.5: 0e0e9bd5f7b9 ("madvise:madvise_free_pte_range(): don't use
    mapcount() against large folio for sharing check").
    """
    if free and pmd:
        return bool(total_mapcount(m, folio) != 1)
    return bool(page_mapcount(m, folio if free else page) != 1)


def page_mapcount(m: View, page: int) -> int:
    """Return how many PTEs and PMDs map one page of a huge page.

    Follows mm/util.c, __page_mapcount(), v6.1: before cb67f4282bf9 ("mm,thp,rmap: simplify compound page mapcount
    handling", v6.2).
    """
    folio = m.page_folio[page]
    return int(m.page_mapcount[page] + 1 + m.folio_entire_mapcount[folio] + 1 - m.folio_double_map[folio])
