"""mm/mmap.c, mm/madvise.c and kernel/fork.c: processes, VMAs, and the calls that end in a zap.

A VMA is a range with the same rights. Whoever takes part of one away cuts it first, and the cut splits a huge PMD that
lies across it; then one gather (MADV_DONTNEED: one for each VMA) serves the whole call.

Locks: mmap_lock for writing in all that changes VMAs, of parent and child in fork; for reading in MADV_DONTNEED. VMAs
that others may find come and go under the anon_vma's lock. Not modelled: the VMAs' own locks, and the maple tree, which
is a list here; mmap_lock is taken by whoever calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import anon_vma_lock, anon_vma_unlock, count_pin, vm_area_alloc
from folioviz.machine.fields import (
    FREE_VMA,
    MM_ID,
    MM_MMAP,
    NEXT_MM_ID,
    TLB_LIMIT,
    VMA_ANON,
    VMA_END,
    VMA_NEXT,
    VMA_PGOFF,
    VMA_START,
)
from folioviz.machine.memory import HPAGE_PMD_NR, LIST_MM, MM_LIST
from folioviz.machine.primitives import View, list_add_tail, list_del_init, store
from folioviz.mm.charges import mem_cgroup_exit, mem_cgroup_fork
from folioviz.mm.headers import find_vma, pmd_index, pmd_trans_huge

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.huge_memory import __split_huge_pmd
    from folioviz.mm.memory import copy_page_range, free_pgtables, unmap_page_range
    from folioviz.mm.mmu_gather import tlb_finish_mmu, tlb_gather_mmu
    from folioviz.mm.swap import folio_get, folio_put

# --- processes --------------------------------------------------------------------------------------------------


def mm_alloc(m: View) -> int:
    """Make a process without memory and return its id (kernel/fork.c)."""
    mm = 0
    while m.mm_id[mm]:
        mm += 1
    mm_id = m.next_mm_id[0]
    store(m, MM_ID, mm, mm_id)
    store(m, NEXT_MM_ID, 0, mm_id + 1)
    list_add_tail(m, LIST_MM + mm, MM_LIST)
    return int(mm_id)


def dup_mmap(m: View, mm: int) -> int:
    """Fork: copy a process's VMAs and share its pages; return the child's id (kernel/fork.c)."""
    anon_vma_lock(m)
    child_id = mm_alloc(m)
    child = m.list_prev[MM_LIST] - LIST_MM
    mem_cgroup_fork(m, mm, child)
    anon_vma_unlock(m)
    vma = m.mm_mmap[mm]
    while vma >= 0:
        anon_vma_lock(m)
        insert_vma(m, child, m.vma_start[vma], m.vma_end[vma], m.vma_pgoff[vma], m.vma_anon[vma])
        anon_vma_unlock(m)
        if m.vma_anon[vma]:
            copy_page_range(m, mm, child, m.vma_start[vma], m.vma_end[vma])
        vma = m.vma_next[vma]
    return child_id


def exit_mmap(m: View, mm: int) -> None:
    """End a process: zap everything in one gather, free its page tables and VMAs."""
    vma = m.mm_mmap[mm]
    if vma >= 0:
        start = m.vma_start[vma]
        tlb_gather_mmu(m)
        end = unmap_vmas(m, mm, 0, 512 * 512)
        anon_vma_lock(m)
        remove_vmas(m, mm, 0, 512 * 512)
        free_pgtables(m, mm, start, end)
        anon_vma_unlock(m)
        tlb_finish_mmu(m)
    anon_vma_lock(m)
    list_del_init(m, LIST_MM + mm)
    store(m, MM_ID, mm, 0)
    mem_cgroup_exit(m, mm)
    anon_vma_unlock(m)


# --- VMAs -------------------------------------------------------------------------------------------------------


def insert_vma(m: View, mm: int, start: int, end: int, pgoff: int, anon: int) -> int:
    """Return a new VMA, put among a process's VMAs, which are sorted by address (they never merge here)."""
    vma = vm_area_alloc(m)
    store(m, VMA_START, vma, start)
    store(m, VMA_END, vma, end)
    store(m, VMA_PGOFF, vma, pgoff)
    store(m, VMA_ANON, vma, anon)
    link_vma(m, mm, vma)
    return vma


def link_vma(m: View, mm: int, vma: int) -> None:
    """Link a filled-in VMA at its place."""
    prev = -1
    after = m.mm_mmap[mm]
    while after >= 0 and m.vma_start[after] < m.vma_start[vma]:
        prev = after
        after = m.vma_next[after]
    store(m, VMA_NEXT, vma, after)
    if prev < 0:
        store(m, MM_MMAP, mm, vma)
    else:
        store(m, VMA_NEXT, prev, vma)


def remove_vmas(m: View, mm: int, start: int, end: int) -> None:
    """Unlink and free the VMAs that lie inside ``[start, end)``."""
    prev = -1
    vma = m.mm_mmap[mm]
    while vma >= 0:
        after = m.vma_next[vma]
        if m.vma_start[vma] >= start and m.vma_end[vma] <= end:
            if prev < 0:
                store(m, MM_MMAP, mm, after)
            else:
                store(m, VMA_NEXT, prev, after)
            vm_area_free(m, vma)
        else:
            prev = vma
        vma = after


def vm_area_free(m: View, vma: int) -> None:
    """Give an unlinked VMA back (kernel/fork.c)."""
    store(m, VMA_NEXT, vma, m.free_vma[0])
    store(m, FREE_VMA, 0, vma)


def split_huge_pmd_address(m: View, mm: int, addr: int) -> None:
    """Split the huge PMD that covers an address, if there is one."""
    if pmd_trans_huge(m.pmd[pmd_index(mm, addr)]):
        __split_huge_pmd(m, mm, addr, 0, -1)


def vma_adjust_trans_huge(m: View, mm: int, addr: int) -> None:
    """Split the huge PMD that a VMA border would cut."""
    if addr & (HPAGE_PMD_NR - 1):
        split_huge_pmd_address(m, mm, addr)


def __split_vma(m: View, mm: int, vma: int, addr: int) -> None:
    """Cut a VMA in two at an address inside it; a huge PMD there is split."""
    vma_adjust_trans_huge(m, mm, addr)
    end = m.vma_end[vma]
    anon_vma_lock(m)
    store(m, VMA_END, vma, addr)
    insert_vma(m, mm, addr, end, m.vma_pgoff[vma] + addr - m.vma_start[vma], m.vma_anon[vma])
    anon_vma_unlock(m)


def mmap_region(m: View, mm: int, start: int, end: int) -> None:
    """Make a VMA over ``[start, end)``; its page offset is its address (nothing is mapped yet)."""
    insert_vma(m, mm, start, end, start, 0)


def unmap_vmas(m: View, mm: int, start: int, end: int) -> int:
    """Zap what VMAs have in ``[start, end)``, in ascending order; return the end of the last one zapped."""
    last = start
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] < end:
        last = min(end, m.vma_end[vma])
        unmap_page_range(m, mm, max(start, m.vma_start[vma]), last)
        vma = m.vma_next[vma]
    return int(last)


def do_munmap(m: View, mm: int, start: int, end: int) -> None:
    """Unmap ``[start, end)``: cut the VMAs at its ends, zap in one gather, free empty page tables."""
    vma = find_vma(m, mm, start)
    if vma < 0 or m.vma_start[vma] >= end:
        return
    if m.vma_start[vma] < start:
        __split_vma(m, mm, vma, start)
        vma = m.vma_next[vma]
    last = find_vma(m, mm, end - 1)
    if last >= 0 and m.vma_start[last] < end < m.vma_end[last]:
        __split_vma(m, mm, last, end)
    first = m.vma_start[vma]
    tlb_gather_mmu(m)
    after = unmap_vmas(m, mm, first, end)
    anon_vma_lock(m)
    remove_vmas(m, mm, first, end)
    free_pgtables(m, mm, first, after)
    anon_vma_unlock(m)
    tlb_finish_mmu(m)


def madvise_dontneed(m: View, mm: int, start: int, end: int) -> None:
    """MADV_DONTNEED on ``[start, end)``: each VMA's part in a gather of its own; VMAs and tables stay."""
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] < end:
        tlb_gather_mmu(m)
        unmap_page_range(m, mm, max(start, m.vma_start[vma]), min(end, m.vma_end[vma]))
        tlb_finish_mmu(m)
        vma = m.vma_next[vma]


# --- what only an operation of folioviz asks for ----------------------------------------------------------------


def pin_folio(m: View, folio: int) -> None:
    """Take a plain reference for somebody outside mm/ and remember it."""
    folio_get(m, folio)
    count_pin(m, folio, 1)


def unpin_folio(m: View, folio: int) -> None:
    """Drop a reference taken by :func:`pin_folio`; the folio may be freed."""
    count_pin(m, folio, -1)
    folio_put(m, folio)


def set_gather_limit(m: View, batches: int) -> None:
    """Make the allocation of gather batches fail after so many, as GFP_NOWAIT may; -1 lifts the limit."""
    store(m, TLB_LIMIT, 0, batches)
