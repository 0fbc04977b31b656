"""mm/mremap.c: moving mappings to another address; no counter of any folio changes.

Only the places of entries change, so that references and mapcounts stay. A folio may come to lie across two page
tables, where no fault would put it: from then on no run of its PTEs is the whole of it.

Locks: mmap_lock for writing, and the PTLs of both tables, in either order, since mmap_lock keeps others out. The
anon_vma's lock is held where a walk of the rmap could miss a page on its way: the walk goes up, so where pages go down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    anon_vma_lock,
    anon_vma_unlock,
    pmd_lock,
    pmd_unlock,
    pte_lock,
    pte_unlock,
)
from folioviz.machine.fields import PMD, PTE, VMA_ANON
from folioviz.machine.journal import NOT_MOVED
from folioviz.machine.memory import EFAULT, HPAGE_PMD_NR
from folioviz.machine.primitives import View, fail, store
from folioviz.mm.headers import find_vma, pmd_index, pmd_trans_huge, pte_index

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.huge_memory import __split_huge_pmd
    from folioviz.mm.memory import pte_alloc
    from folioviz.mm.mmap import do_munmap, insert_vma


def mremap_to(m: View, mm: int, old: int, new: int, nr: int) -> int:
    """Move ``nr`` pages from ``old`` to ``new``, where what is mapped goes first; -EFAULT if a VMA ends before."""
    do_munmap(m, mm, new, new + nr)
    vma = find_vma(m, mm, old)
    after = m.vma_end[vma] if vma >= 0 and m.vma_start[vma] <= old else old
    if after < old + nr:
        fail(m, NOT_MOVED, after)
        return -EFAULT
    move_vma(m, mm, old, new, nr, 0)
    return 0


def mremap_dontunmap(m: View, mm: int, old: int, new: int, nr: int) -> int:
    """Do what mremap_to() does with MREMAP_DONTUNMAP: the old VMA stays, and nothing is in the range any more."""
    do_munmap(m, mm, new, new + nr)
    vma = find_vma(m, mm, old)
    after = m.vma_end[vma] if vma >= 0 and m.vma_start[vma] <= old else old
    if after < old + nr:
        fail(m, NOT_MOVED, after)
        return -EFAULT
    move_vma(m, mm, old, new, nr, 1)
    return 0


def move_vma(m: View, mm: int, old: int, new: int, nr: int, dontunmap: int) -> None:
    """Make the new VMA, move the page tables, unmap the old range unless that is to stay."""
    vma = find_vma(m, mm, old)
    anon_vma_lock(m)
    insert_vma(m, mm, new, new + nr, m.vma_pgoff[vma] + old - m.vma_start[vma], m.vma_anon[vma])
    anon_vma_unlock(m)
    move_page_tables(m, mm, old, new, nr)
    if dontunmap:
        dontunmap_complete(m, mm, old, nr)
    else:
        do_munmap(m, mm, old, old + nr)


def dontunmap_complete(m: View, mm: int, old: int, nr: int) -> None:
    """Unlink the anon_vma of a VMA of which nothing is left but its place; one that was moved in part keeps it."""
    vma = find_vma(m, mm, old)
    if m.vma_start[vma] == old and m.vma_end[vma] == old + nr:
        store(m, VMA_ANON, vma, 0)


def move_page_tables(m: View, mm: int, old: int, new: int, nr: int) -> None:
    """Move what is mapped at ``old`` to ``new``: whole PMD entries where both sides allow it, else PTEs."""
    end = old + nr
    while old < end:
        extent = min(HPAGE_PMD_NR - (old & 511), HPAGE_PMD_NR - (new & 511), end - old)
        pmd = m.pmd[pmd_index(mm, old)]
        if pmd:
            slot, to = pmd_index(mm, old), pmd_index(mm, new)
            if extent == HPAGE_PMD_NR and m.pmd[to] == 0:
                anon_vma_lock(m)
                pmd_lock(m, slot)  # of both: they lie in one table
                pmd = m.pmd[slot]
                store(m, PMD, slot, 0)
                store(m, PMD, to, pmd)
                pmd_unlock(m, slot)
                anon_vma_unlock(m)
            else:
                if pmd_trans_huge(pmd):
                    __split_huge_pmd(m, mm, old, 0, -1)
                pmd_lock(m, to)
                table = pte_alloc(m, mm, new)
                pmd_unlock(m, to)
                move_ptes(m, m.pmd[slot], table, old, new, extent)
        old += extent
        new += extent


def move_ptes(m: View, src: int, dst: int, old: int, new: int, nr: int) -> None:
    """Move ``nr`` PTEs from one page table to another."""
    if new < old:
        anon_vma_lock(m)
    pte_lock(m, src)
    if dst != src:
        pte_lock(m, dst)
    for i in range(nr):
        pte = m.pte[pte_index(src, old + i)]
        if pte:
            store(m, PTE, pte_index(src, old + i), 0)
            store(m, PTE, pte_index(dst, new + i), pte)
    if dst != src:
        pte_unlock(m, dst)
    pte_unlock(m, src)
    if new < old:
        anon_vma_unlock(m)
