"""v6.16: MADV_FREE takes one gather for all VMAs; the others still take one for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.primitives import View

if TYPE_CHECKING:
    from folioviz.kernels.madvise import ADVICE_FREE, madvise_walk_vmas, walk_page_range
    from folioviz.mm.mmu_gather import tlb_finish_mmu, tlb_gather_mmu


def madvise_free(m: View, mm: int, start: int, end: int) -> int:
    """MADV_FREE on ``[start, end)``; 0, or -ENOMEM if there is a hole in it.

    Follows mm/madvise.c, do_madvise(), v6.16: mm/madvise: batch tlb flushes for MADV_FREE.
    """
    tlb_gather_mmu(m)
    error = madvise_walk_vmas(m, mm, start, end, ADVICE_FREE)
    tlb_finish_mmu(m)
    return error


def madvise_single_vma(m: View, mm: int, addr: int, end: int, advice: int) -> None:
    """Visit a part of one VMA; MADV_COLD and MADV_PAGEOUT in a gather of its own.

    Follows mm/madvise.c, madvise_free_single_vma(), v6.16: mm/madvise: batch tlb flushes for MADV_FREE.
    """
    if advice == ADVICE_FREE:
        walk_page_range(m, mm, addr, end, advice)
        return
    tlb_gather_mmu(m)
    walk_page_range(m, mm, addr, end, advice)
    tlb_finish_mmu(m)
