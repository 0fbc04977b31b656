"""v6.14: MADV_DONTNEED frees page tables that it covers wholly; since v6.16 it takes one gather for all VMAs.

Recorded on no running kernel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pmd_lock, pmd_unlock, pte_lock, pte_unlock
from folioviz.machine.memory import PMD_TABLE, PTRS_PER_PTE
from folioviz.machine.primitives import View
from folioviz.mm.headers import find_vma, pte_index, pte_range_none

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
    for slot in range(mm * 512 + ((addr + 511) >> 9), mm * 512 + (end >> 9)):
        pmd_lock(m, slot)
        pmd = m.pmd[slot]
        if pmd & PMD_TABLE:
            pte_lock(m, pmd)
            if pte_range_none(m, pte_index(pmd, 0), PTRS_PER_PTE):  # no fault came in between
                free_pte_range(m, slot)
            pte_unlock(m, pmd)
        pmd_unlock(m, slot)
