"""v6.17: one mremap() moves what several VMAs have in its range; the holes between them go along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import anon_vma_lock, anon_vma_unlock
from folioviz.machine.fields import VMA_ANON, VMA_FLAGS, VMA_FORK_CHILD, VMA_PGOFF
from folioviz.machine.memory import VM_LOCKED
from folioviz.machine.primitives import View, store
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
        move_vma(m, mm, start, new + start - old, after - start, 0)
        vma = find_vma(m, mm, after)
    return 0


def mremap_dontunmap(m: View, mm: int, old: int, new: int, nr: int) -> int:
    """Do what mremap_to() does with MREMAP_DONTUNMAP: the old VMAs stay, and nothing is in the range any more.

    Follows mm/mremap.c, remap_move(), v6.17: d23cb648e365 ("mm/mremap: permit mremap() move of multiple VMAs").
    """
    end = old + nr
    at = old
    vma = find_vma(m, mm, at)
    while vma >= 0 and max(at, m.vma_start[vma]) < end:
        at = max(at, m.vma_start[vma])
        after = min(end, m.vma_end[vma])
        do_munmap(m, mm, new + at - old, new + after - old)
        move_vma(m, mm, at, new + at - old, after - at, 1)
        at = after
        vma = find_vma(m, mm, at)
    return 0


def dontunmap_complete(m: View, mm: int, old: int, nr: int) -> None:
    """Unlock a VMA that stays; if nothing is left but its place, unlink its anon_vmas: that is its page offset then.

    Follows mm/mremap.c, v7.3: what MREMAP_DONTUNMAP leaves has the page offset of a VMA without pages.
    """
    vma = find_vma(m, mm, old)
    store(m, VMA_FLAGS, vma, m.vma_flags[vma] & ~VM_LOCKED)
    if m.vma_start[vma] == old and m.vma_end[vma] == old + nr:
        anon_vma_lock(m)
        store(m, VMA_ANON, vma, 0)
        store(m, VMA_FORK_CHILD, vma, 0)
        store(m, VMA_PGOFF, vma, old)
        anon_vma_unlock(m)
