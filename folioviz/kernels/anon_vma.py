"""mm/rmap.c: the anon_vma of a VMA, as far as merging VMAs asks for it: whether two are the same, or one is inherited.

A number stands for an anon_vma, 0 for none. A VMA that fork made has one of its own besides those of its parent
(``vma_fork_child``); the kernel may take one there that an ancestor left behind, which no other VMA has, either.
"""

from __future__ import annotations

from folioviz.machine.concurrency import anon_vma_lock, anon_vma_unlock
from folioviz.machine.fields import NEXT_ANON_VMA, VMA_ANON, VMA_FORK_CHILD
from folioviz.machine.memory import VM_STICKY
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import find_vma


def __anon_vma_prepare(m: View, mm: int, vma: int) -> None:
    """Give a VMA an anon_vma before its first page: a neighbour's, so that they may merge later, or a new one.

    Follows mm/rmap.c, v6.8: which VMAs may share pages, as far as merging asks.
    """
    anon = find_mergeable_anon_vma(m, mm, vma)
    if anon == 0:
        anon = anon_vma_alloc(m)
    anon_vma_lock(m)
    if not m.vma_anon[vma]:  # again, now that nobody else can give it one
        store(m, VMA_ANON, vma, anon)
    anon_vma_unlock(m)


def find_mergeable_anon_vma(m: View, mm: int, vma: int) -> int:
    """Return the anon_vma of the next VMA, or of the one before, if they could be one but for mprotect(); else 0.

    Follows mm/mmap.c, v6.8: which VMAs may share pages, as far as merging asks.
    """
    after = m.vma_next[vma]
    if (
        after >= 0
        and anon_vma_compatible(m, vma, after)
        and m.vma_anon[after]
        and not m.vma_fork_child[after]
    ):
        return int(m.vma_anon[after])
    before = find_vma(m, mm, m.vma_start[vma] - 1)
    if before != vma and anon_vma_compatible(m, before, vma) and not m.vma_fork_child[before]:
        return int(m.vma_anon[before])
    return 0


def anon_vma_compatible(m: View, vma: int, after: int) -> bool:
    """Tell whether two neighbouring VMAs could be one, but for what mprotect() may change.

    Follows mm/mmap.c, v6.8: which VMAs may share pages, as far as merging asks.
    """
    nr = m.vma_end[vma] - m.vma_start[vma]
    return bool(
        m.vma_end[vma] == m.vma_start[after]
        and m.vma_account[vma] == m.vma_account[after]
        and not (m.vma_flags[vma] ^ m.vma_flags[after]) & ~VM_STICKY
        and m.vma_pgoff[vma] + nr == m.vma_pgoff[after]
    )


def anon_vma_alloc(m: View) -> int:
    """Return a new anon_vma.

    Follows mm/rmap.c, v6.8: which VMAs may share pages, as far as merging asks.
    """
    anon = m.next_anon_vma[0]
    store(m, NEXT_ANON_VMA, 0, anon + 1)
    return int(anon)


def anon_vma_clone(m: View, dst: int, src: int) -> None:
    """Link a VMA to the anon_vmas of another one of the same process.

    Follows mm/rmap.c, v6.8: which VMAs may share pages, as far as merging asks.
    """
    store(m, VMA_ANON, dst, m.vma_anon[src])
    store(m, VMA_FORK_CHILD, dst, m.vma_fork_child[src])


def anon_vma_fork(m: View, vma: int) -> None:
    """Give a child's VMA an anon_vma of its own, besides those of its parent.

    Follows mm/rmap.c, v6.8: which VMAs may share pages, as far as merging asks.
    """
    store(m, VMA_ANON, vma, anon_vma_alloc(m))
    store(m, VMA_FORK_CHILD, vma, 1)
