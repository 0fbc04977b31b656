"""mm/madvise.c: advice that a VMA keeps. MADV_DONTFORK: fork leaves it out; MADV_DOFORK: it does not.

A VMA is cut at the ends of the range, which splits a huge PMD there, and joined with neighbours that agree, as
mprotect() does; nothing that is mapped changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.advice import MADV_DOFORK, MADV_DONTFORK
from folioviz.machine.fields import VMA_FLAGS
from folioviz.machine.journal import PASSED_HOLE
from folioviz.machine.memory import ENOMEM, VM_DONTCOPY, VM_STICKY
from folioviz.machine.primitives import View, fail, store
from folioviz.mm.headers import find_vma

if TYPE_CHECKING:
    from folioviz.kernels.vma import vma_modify_flags


def madvise_dontfork(m: View, mm: int, start: int, end: int) -> int:
    """MADV_DONTFORK on ``[start, end)``; 0, or -ENOMEM if there is a hole in it.

    Follows mm/madvise.c, do_madvise(), v6.8: MADV_DONTFORK and MADV_DOFORK.
    """
    return madvise_walk_behavior(m, mm, start, end, MADV_DONTFORK)


def madvise_dofork(m: View, mm: int, start: int, end: int) -> int:
    """MADV_DOFORK on ``[start, end)``; 0, or -ENOMEM if there is a hole in it.

    Follows mm/madvise.c, do_madvise(), v6.8: MADV_DONTFORK and MADV_DOFORK.
    """
    return madvise_walk_behavior(m, mm, start, end, MADV_DOFORK)


def madvise_walk_behavior(m: View, mm: int, start: int, end: int, behavior: int) -> int:
    """Give the VMAs in ``[start, end)`` an advice; a hole is passed over, and told of by -ENOMEM at the end.

    Follows mm/madvise.c, madvise_walk_vmas(), v6.8: MADV_DONTFORK and MADV_DOFORK.
    """
    hole = -1
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] < end:
        if start < m.vma_start[vma]:
            hole = start
            start = m.vma_start[vma]
        last = min(end, m.vma_end[vma])
        madvise_vma_behavior(m, mm, vma, start, last, behavior)
        start = last
        vma = find_vma(m, mm, start) if start < end else -1
    if start < end:
        hole = start
    if hole < 0:
        return 0
    fail(m, PASSED_HOLE, hole)
    return -ENOMEM


def madvise_vma_behavior(m: View, mm: int, vma: int, start: int, end: int, behavior: int) -> None:
    """Give a part of one VMA an advice.

    Follows mm/madvise.c, v6.8: MADV_DONTFORK and MADV_DOFORK.
    """
    flags = m.vma_flags[vma] & ~VM_DONTCOPY
    if behavior == MADV_DONTFORK:
        flags |= VM_DONTCOPY
    madvise_update_vma(m, mm, vma, start, end, flags)


def madvise_update_vma(m: View, mm: int, vma: int, start: int, end: int, flags: int) -> None:
    """Give a part of a VMA other flags, unless they are what it has.

    Follows mm/madvise.c, v6.8: MADV_DONTFORK and MADV_DOFORK.
    """
    if m.vma_flags[vma] == flags:
        return
    vma = vma_modify_flags(m, mm, vma, start, end, m.vma_readonly[vma], m.vma_account[vma], flags)
    store(m, VMA_FLAGS, vma, flags | m.vma_flags[vma] & VM_STICKY)
