"""mm/madvise.c: MADV_FREE and MADV_COLD split large folios; that pages may now be reclaimed is not modelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.machine.primitives import View
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    pmd_addr_end,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_present,
)

if TYPE_CHECKING:
    from folioviz.mm.huge_memory import split_folio

LOWEST_SPLIT = 2


def madvise_free(m: View, mm: int, start: int, end: int) -> None:
    """MADV_FREE on ``[start, end)``.

    Follows mm/madvise.c, madvise_free_single_vma(), v6.8: MADV_FREE and MADV_COLD, trimmed to the splits.
    """
    madvise_walk(m, mm, start, end)


def madvise_cold(m: View, mm: int, start: int, end: int) -> None:
    """MADV_COLD on ``[start, end)``.

    Follows mm/madvise.c, v6.8: MADV_FREE and MADV_COLD, trimmed to the splits.
    """
    madvise_walk(m, mm, start, end)


def madvise_walk(m: View, mm: int, start: int, end: int) -> None:
    """Visit what is mapped in ``[start, end)``, table by table.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.8: MADV_FREE and MADV_COLD, trimmed to the splits.
    """
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] < end:
        addr = max(start, m.vma_start[vma])
        last = min(end, m.vma_end[vma])
        while addr < last:
            after = pmd_addr_end(addr, last)
            pmd = m.pmd[pmd_index(mm, addr)]
            if pmd_trans_huge(pmd) and after - addr < HPAGE_PMD_NR:
                madvise_split_folio(m, entry_page(pmd))
                pmd = m.pmd[pmd_index(mm, addr)]
            if pmd and not pmd_trans_huge(pmd):
                madvise_pte_range(m, pmd, addr, after)
            addr = after
        vma = m.vma_next[vma]


def madvise_pte_range(m: View, pmd: int, addr: int, end: int) -> None:
    """Split every large folio that PTEs of one table map.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.8: MADV_FREE and MADV_COLD, trimmed to the splits.
    """
    while addr < end:
        pte = m.pte[pte_index(pmd, addr)]
        addr += 1
        if pte_present(pte):
            madvise_split_folio(m, m.page_folio[entry_page(pte)])


def madvise_split_folio(m: View, folio: int) -> bool:
    """Split a large folio that one process maps; tell whether it was split.

    A folio of order 1, which no fault of these kernels brings, is left alone: it has no room for the queue's link.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.8: MADV_FREE and MADV_COLD, trimmed to the splits.
    """
    if m.folio_order[folio] < LOWEST_SPLIT or folio_likely_mapped_shared(m, folio):
        return False
    return split_folio(m, folio) == 0


def folio_likely_mapped_shared(m: View, folio: int) -> bool:
    """Guess from its first page whether several processes map a folio.

    None counts as one here, as MADV_COLD has it since v6.9.

    Follows include/linux/mm.h, folio_estimated_sharers(), v6.8: MADV_FREE and MADV_COLD, trimmed to the splits.
    """
    return bool(m.folio_entire_mapcount[folio] + m.page_mapcount[folio] + 2 > 1)
