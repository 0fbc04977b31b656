"""v6.14: MADV_DONTNEED frees page tables that it covers wholly; since v6.16 it takes one gather for all VMAs.

Recorded on no running kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import PMD_TABLE
from folioviz.machine.primitives import View
from folioviz.mm.headers import find_vma

if TYPE_CHECKING:
    from folioviz.mm.memory import free_pte_range, unmap_page_range
    from folioviz.mm.mmu_gather import tlb_finish_mmu, tlb_gather_mmu


def madvise_dontneed(m: View, mm: int, start: int, end: int) -> None:
    """MADV_DONTNEED on ``[start, end)``: VMAs stay, page tables wholly inside go.

    Follows mm/madvise.c, madvise_dontneed_single_vma(), v6.16: 43c4cfde7e37 ("mm/madvise: batch tlb flushes for
    MADV_DONTNEED[_LOCKED]").
    """
    vma = find_vma(m, mm, start)
    if vma < 0 or m.vma_start[vma] >= end:
        return
    tlb_gather_mmu(m)
    while vma >= 0 and m.vma_start[vma] < end:
        zap_and_reclaim(m, mm, max(start, m.vma_start[vma]), min(end, m.vma_end[vma]))
        vma = m.vma_next[vma]
    tlb_finish_mmu(m)


def zap_and_reclaim(m: View, mm: int, addr: int, end: int) -> None:
    """Zap a part of one VMA and free its page tables that lie wholly in it.

    Follows mm/memory.c, zap_pte_range(), v6.14: 6375e95f381e ("mm: pgtable: reclaim empty PTE page in
    madvise(MADV_DONTNEED)").
    """
    unmap_page_range(m, mm, addr, end)
    for slot in range((addr + 511) >> 9, end >> 9):
        if m.pmd[mm * 512 + slot] & PMD_TABLE:
            free_pte_range(m, mm * 512 + slot)
