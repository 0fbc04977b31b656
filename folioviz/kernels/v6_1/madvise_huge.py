"""v6.1: MADV_FREE and MADV_COLD split a huge page that they cover in part, or that PTEs map, unless it is shared.

That pages may now be reclaimed is not modelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.machine.primitives import View
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    folio_test_large,
    pmd_addr_end,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_present,
)

if TYPE_CHECKING:
    from folioviz.mm.huge_memory import split_folio, total_mapcount


def madvise_free(m: View, mm: int, start: int, end: int) -> None:
    """MADV_FREE on ``[start, end)``.

    Follows mm/madvise.c, madvise_free_single_vma(), v6.1: before 98b211d6415f ("madvise: convert
    madvise_free_pte_range() to use a folio", v6.3).
    """
    madvise_walk(m, mm, start, end, 1)


def madvise_cold(m: View, mm: int, start: int, end: int) -> None:
    """MADV_COLD on ``[start, end)``.

    Follows mm/madvise.c, v6.1: before 07e8c82b5eff ("madvise: convert madvise_cold_or_pageout_pte_range() to use
    folios", v6.3).
    """
    madvise_walk(m, mm, start, end, 0)


def madvise_walk(m: View, mm: int, start: int, end: int, free: int) -> None:
    """Visit what is mapped in ``[start, end)``, table by table.

    A huge page under a PMD is shared for MADV_FREE if anything else maps any of it, for MADV_COLD if it maps the head.

    Follows mm/madvise.c, madvise_cold_or_pageout_pte_range(), v6.1: before 07e8c82b5eff ("madvise: convert
    madvise_cold_or_pageout_pte_range() to use folios", v6.3).
    """
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] < end:
        addr = max(start, m.vma_start[vma])
        last = min(end, m.vma_end[vma])
        while addr < last:
            after = pmd_addr_end(addr, last)
            slot = pmd_index(mm, addr)
            if pmd_trans_huge(m.pmd[slot]) and after - addr < HPAGE_PMD_NR:
                page = entry_page(m.pmd[slot])
                if not free or total_mapcount(m, page) == 1:
                    madvise_split_page(m, page)
            pmd = m.pmd[slot]
            if pmd and not pmd_trans_huge(pmd):
                madvise_pte_range(m, pmd, addr, after)
            addr = after
        vma = m.vma_next[vma]


def madvise_pte_range(m: View, pmd: int, addr: int, end: int) -> None:
    """Split the huge pages that PTEs of one table map; what cannot be split ends the walk.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.1: before 98b211d6415f ("madvise: convert
    madvise_free_pte_range() to use a folio", v6.3).
    """
    while addr < end:
        pte = m.pte[pte_index(pmd, addr)]
        addr += 1
        if pte_present(pte) and not madvise_split_page(m, entry_page(pte)):
            return


def madvise_split_page(m: View, page: int) -> bool:
    """Split the huge page that a page belongs to, if nobody else maps the page; tell whether it is a small one now.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.1: before 98b211d6415f ("madvise: convert
    madvise_free_pte_range() to use a folio", v6.3).
    """
    folio = m.page_folio[page]
    if not folio_test_large(m, folio):
        return True
    return page_mapcount(m, page) == 1 and split_folio(m, folio) == 0


def page_mapcount(m: View, page: int) -> int:
    """Return how many PTEs and PMDs map one page of a huge page.

    Follows mm/util.c, __page_mapcount(), v6.1: before cb67f4282bf9 ("mm,thp,rmap: simplify compound page mapcount
    handling", v6.2).
    """
    folio = m.page_folio[page]
    return int(m.page_mapcount[page] + 1 + m.folio_entire_mapcount[folio] + 1 - m.folio_double_map[folio])
