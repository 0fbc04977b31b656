"""v6.17: one mremap() moves what several VMAs have in its range; the holes between them go along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.primitives import View
from folioviz.mm.headers import find_vma

if TYPE_CHECKING:
    from folioviz.kernels.vma import move_vma
    from folioviz.mm.mmap import do_munmap


def mremap_to(m: View, mm: int, old: int, new: int, nr: int) -> int:
    """Move ``nr`` pages from ``old``, which a VMA has, to ``new``, VMA by VMA: each one's place is unmapped before it.

    Follows mm/mremap.c, remap_move(), v6.17: d23cb648e365 ("mm/mremap: permit mremap() move of multiple VMAs").
    """
    end = old + nr
    vma = find_vma(m, mm, old)
    while vma >= 0 and m.vma_start[vma] < end:
        start = max(old, m.vma_start[vma])
        after = min(end, m.vma_end[vma])
        do_munmap(m, mm, new + start - old, new + after - old)
        move_vma(m, mm, start, new + start - old, after - start)
        vma = find_vma(m, mm, after)
    return 0
