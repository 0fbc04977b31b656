"""mm/mmap.c, since v6.12 mm/vma.c: a VMA is cut where a part of it changes, and joined with neighbours that agree.

Only what changes a VMA's rights or flags joins VMAs here: those of two mmap() calls, and what mremap() moved, stay as
they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import anon_vma_lock, anon_vma_unlock
from folioviz.machine.fields import (
    MM_MMAP,
    VMA_ACCOUNT,
    VMA_ANON,
    VMA_END,
    VMA_FLAGS,
    VMA_FORK_CHILD,
    VMA_NEXT,
    VMA_PGOFF,
    VMA_READONLY,
    VMA_START,
)
from folioviz.machine.memory import LIST_MM, MM_LIST, VM_DONTCOPY, VM_LOCKED, VM_STICKY
from folioviz.machine.primitives import View, store
from folioviz.mm.charges import mem_cgroup_fork
from folioviz.mm.headers import find_vma

if TYPE_CHECKING:
    from folioviz.kernels.anon_vma import anon_vma_clone, anon_vma_fork
    from folioviz.mm.memory import copy_page_range
    from folioviz.mm.mmap import do_munmap, insert_vma, mm_alloc, vm_area_free, vma_adjust_trans_huge
    from folioviz.mm.mremap import move_page_tables


def vm_area_dup(m: View, mm: int, vma: int, start: int, end: int, pgoff: int) -> int:
    """Return a new VMA of a process, over another range, with the flags of a VMA, and no anon_vma.

    Follows kernel/fork.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    new = insert_vma(m, mm, start, end, pgoff, 0)
    store(m, VMA_READONLY, new, m.vma_readonly[vma])
    store(m, VMA_ACCOUNT, new, m.vma_account[vma])
    store(m, VMA_FLAGS, new, m.vma_flags[vma])
    store(m, VMA_FORK_CHILD, new, 0)
    return new


def mmap_region(m: View, mm: int, start: int, end: int) -> None:
    """Make a writable VMA over ``[start, end)``; its page offset is its address.

    Follows mm/mmap.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    new = insert_vma(m, mm, start, end, start, 0)
    store(m, VMA_READONLY, new, 0)
    store(m, VMA_ACCOUNT, new, 1)
    store(m, VMA_FLAGS, new, 0)
    store(m, VMA_FORK_CHILD, new, 0)


def __split_vma(m: View, mm: int, vma: int, addr: int) -> None:
    """Cut a VMA in two at an address inside it; a huge PMD there is split.

    Follows mm/mmap.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    vma_adjust_trans_huge(m, mm, addr)
    end = m.vma_end[vma]
    anon_vma_lock(m)
    store(m, VMA_END, vma, addr)
    new = vm_area_dup(m, mm, vma, addr, end, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    anon_vma_clone(m, new, vma)
    anon_vma_unlock(m)


def dup_mmap(m: View, mm: int) -> int:
    """Fork: copy a process's VMAs, but for those that say not to, and share their pages; return the child's id.

    Follows kernel/fork.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    anon_vma_lock(m)
    child_id = mm_alloc(m)
    child = m.list_prev[MM_LIST] - LIST_MM
    mem_cgroup_fork(m, mm, child)
    anon_vma_unlock(m)
    vma = m.mm_mmap[mm]
    while vma >= 0:
        if not m.vma_flags[vma] & VM_DONTCOPY:
            start, end = m.vma_start[vma], m.vma_end[vma]
            anon_vma_lock(m)
            new = vm_area_dup(m, child, vma, start, end, m.vma_pgoff[vma])
            store(m, VMA_FLAGS, new, m.vma_flags[new] & ~VM_LOCKED)
            if m.vma_anon[vma]:
                anon_vma_fork(m, new)
            anon_vma_unlock(m)
            if m.vma_anon[vma]:
                copy_page_range(m, mm, child, start, end)
        vma = m.vma_next[vma]
    return child_id


def move_vma(m: View, mm: int, old: int, new: int, nr: int, dontunmap: int) -> None:
    """Make the new VMA, move the page tables, unmap the old range unless that is to stay.

    What has no page yet gets a new page offset.

    Follows mm/mremap.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    vma = find_vma(m, mm, old)
    pgoff = m.vma_pgoff[vma] + old - m.vma_start[vma] if m.vma_anon[vma] else new
    anon_vma_lock(m)
    moved = vm_area_dup(m, mm, vma, new, new + nr, pgoff)
    anon_vma_clone(m, moved, vma)
    anon_vma_unlock(m)
    move_page_tables(m, mm, old, new, nr)
    if dontunmap:
        dontunmap_complete(m, mm, old, nr)
    else:
        do_munmap(m, mm, old, old + nr)


def dontunmap_complete(m: View, mm: int, old: int, nr: int) -> None:
    """Unlock a VMA that stays; unlink its anon_vmas if nothing is left but its place, not if a part was moved.

    Follows mm/mremap.c, move_vma(), v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    vma = find_vma(m, mm, old)
    store(m, VMA_FLAGS, vma, m.vma_flags[vma] & ~VM_LOCKED)
    if m.vma_start[vma] == old and m.vma_end[vma] == old + nr:
        anon_vma_lock(m)
        store(m, VMA_ANON, vma, 0)
        store(m, VMA_FORK_CHILD, vma, 0)
        anon_vma_unlock(m)


def vma_modify_flags(
    m: View, mm: int, vma: int, start: int, end: int, readonly: int, account: int, flags: int
) -> int:
    """Return a VMA for a part of one that gets other flags: a neighbour that takes it in, or the part, cut out.

    Follows mm/mmap.c, vma_modify(), v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    merged = vma_merge(m, mm, vma, start, end, readonly, account, flags)
    if merged >= 0:
        return merged
    if m.vma_start[vma] < start:
        __split_vma(m, mm, vma, start)
        vma = m.vma_next[vma]
    if end < m.vma_end[vma]:
        __split_vma(m, mm, vma, end)
    return vma


def vma_merge(
    m: View, mm: int, vma: int, start: int, end: int, readonly: int, account: int, flags: int
) -> int:
    """Let the VMA before ``[start, end)``, or the one behind, or both, take in that part of a VMA; -1 if none can.

    Follows mm/mmap.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    prev = find_vma(m, mm, start - 1) if start == m.vma_start[vma] else vma
    after = m.vma_next[vma] if end == m.vma_end[vma] else -1
    pgoff = m.vma_pgoff[vma] + start - m.vma_start[vma]
    left = bool(
        prev != vma
        and m.vma_pgoff[prev] + start - m.vma_start[prev] == pgoff
        and can_vma_merge(m, prev, vma, readonly, account, flags)
    )
    right = bool(
        after >= 0
        and m.vma_start[after] == end
        and m.vma_pgoff[after] == pgoff + end - start
        and can_vma_merge(m, after, vma, readonly, account, flags)
    )
    if left and right and m.vma_anon[prev] and m.vma_anon[after] and m.vma_anon[prev] != m.vma_anon[after]:
        right = False
    if left or right:
        anon_vma_lock(m)
    if left:
        dup_anon_vma(m, prev, after if right and m.vma_anon[after] else vma)
        store(m, VMA_FLAGS, prev, m.vma_flags[prev] | m.vma_flags[vma] & VM_STICKY)
        vma_expand(m, mm, prev, vma, end)
        if right:
            store(m, VMA_FLAGS, prev, m.vma_flags[prev] | m.vma_flags[after] & VM_STICKY)
            vma_expand(m, mm, prev, after, m.vma_end[after])
        anon_vma_unlock(m)
        return int(prev)
    if right:
        dup_anon_vma(m, after, vma)
        store(m, VMA_FLAGS, after, m.vma_flags[after] | m.vma_flags[vma] & VM_STICKY)
        vma_expand_down(m, mm, after, vma, start)
        anon_vma_unlock(m)
        return int(after)
    return -1


def can_vma_merge(m: View, neighbour: int, vma: int, readonly: int, account: int, flags: int) -> bool:
    """Tell whether a VMA may take in a part of its neighbour, which gets these flags.

    Follows mm/mmap.c, can_vma_merge_before(), v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    if m.vma_readonly[neighbour] != readonly or m.vma_account[neighbour] != account:
        return False
    if (m.vma_flags[neighbour] ^ flags) & ~VM_STICKY:
        return False
    return is_mergeable_anon_vma(m, neighbour, vma)


def is_mergeable_anon_vma(m: View, neighbour: int, vma: int) -> bool:
    """Tell whether the anon_vmas allow it: they are the same, or the neighbour alone has one, and no others.

    Follows mm/mmap.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    if m.vma_anon[vma] == m.vma_anon[neighbour]:
        return True
    return bool(m.vma_anon[vma] == 0 and not m.vma_fork_child[neighbour])


def dup_anon_vma(m: View, dst: int, src: int) -> None:
    """Link a VMA that has no anon_vma to those of one whose pages it takes in.

    Follows mm/mmap.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    if m.vma_anon[src] and m.vma_anon[dst] == 0:
        anon_vma_clone(m, dst, src)


def vma_expand(m: View, mm: int, vma: int, after: int, end: int) -> None:
    """Let a VMA take in the next one up to ``end``; a huge PMD that this cuts is split.

    Follows mm/mmap.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    if end < m.vma_end[after]:
        vma_adjust_trans_huge(m, mm, end)
        store(m, VMA_PGOFF, after, m.vma_pgoff[after] + end - m.vma_start[after])
        store(m, VMA_START, after, end)
    else:
        store(m, VMA_NEXT, vma, m.vma_next[after])
        vm_area_free(m, after)
    store(m, VMA_END, vma, end)


def vma_expand_down(m: View, mm: int, vma: int, before: int, start: int) -> None:
    """Let a VMA take in the one before from ``start`` on; a huge PMD that this cuts is split.

    Follows mm/mmap.c, vma_merge(), v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    if m.vma_start[before] < start:
        vma_adjust_trans_huge(m, mm, start)
        store(m, VMA_END, before, start)
    else:
        link = m.mm_mmap[mm]
        if link == before:
            store(m, MM_MMAP, mm, vma)
        else:
            while m.vma_next[link] != before:
                link = m.vma_next[link]
            store(m, VMA_NEXT, link, vma)
        vm_area_free(m, before)
    store(m, VMA_PGOFF, vma, m.vma_pgoff[vma] + start - m.vma_start[vma])
    store(m, VMA_START, vma, start)
