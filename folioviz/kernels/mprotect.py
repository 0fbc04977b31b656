"""mm/mprotect.c: a range becomes read-only or writable again; VMAs are cut at its ends, and merged if they agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import PMD, PTE, VMA_END, VMA_NEXT, VMA_READONLY
from folioviz.machine.memory import HPAGE_PMD_NR, LIST_MM, MM_LIST, PMD_WRITE, PTE_WRITE
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    pmd_addr_end,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_present,
)

if TYPE_CHECKING:
    from folioviz.mm.huge_memory import __split_huge_pmd, vma_adjust_trans_huge
    from folioviz.mm.memory import copy_page_range
    from folioviz.mm.mmap import do_munmap, insert_vma, mm_alloc, vm_area_free
    from folioviz.mm.mremap import move_page_tables


def mprotect_fixup(m: View, mm: int, start: int, end: int, writable: int) -> None:
    """Set whether ``[start, end)``, which VMAs cover, may be written.

    Follows mm/mprotect.c, v6.8: mprotect(), trimmed to the VMAs and write bits.
    """
    addr = start
    while addr < end:
        vma = find_vma(m, mm, addr)
        after = min(end, m.vma_end[vma])
        if m.vma_readonly[vma] == writable:
            if m.vma_start[vma] < addr:
                __split_vma(m, mm, vma, addr)
                vma = m.vma_next[vma]
            if after < m.vma_end[vma]:
                __split_vma(m, mm, vma, after)
            store(m, VMA_READONLY, vma, 1 - writable)
            change_protection(m, mm, addr, after, writable)
        addr = after
    vma_merge(m, mm, start, end)


def change_protection(m: View, mm: int, addr: int, end: int, writable: int) -> None:
    """Take the write bit from what is mapped, or give it to what is AnonExclusive.

    Follows mm/mprotect.c, v6.8: mprotect(), trimmed to the VMAs and write bits.
    """
    while addr < end:
        after = pmd_addr_end(addr, end)
        slot = pmd_index(mm, addr)
        if pmd_trans_huge(m.pmd[slot]) and after - addr < HPAGE_PMD_NR:
            __split_huge_pmd(m, mm, addr, 0)
        pmd = m.pmd[slot]
        if pmd_trans_huge(pmd):
            exclusive = writable and m.page_anon_exclusive[entry_page(pmd)]
            store(m, PMD, slot, pmd | PMD_WRITE if exclusive else pmd & ~PMD_WRITE)
        elif pmd:
            for index in range(pte_index(pmd, addr), pte_index(pmd, addr) + after - addr):
                change_pte(m, index, writable)
        addr = after


def change_pte(m: View, index: int, writable: int) -> None:
    """Change the write bit of one PTE, if it maps a page.

    Follows mm/mprotect.c, change_pte_range(), v6.8: mprotect(), trimmed to the VMAs and write bits.
    """
    pte = m.pte[index]
    if pte_present(pte):
        exclusive = writable and m.page_anon_exclusive[entry_page(pte)]
        store(m, PTE, index, pte | PTE_WRITE if exclusive else pte & ~PTE_WRITE)


def vma_merge(m: View, mm: int, start: int, end: int) -> None:
    """Join neighbouring VMAs around ``[start, end)`` that differ in nothing.

    Follows mm/mmap.c, v6.8: mprotect(), trimmed to the VMAs and write bits.
    """
    vma = find_vma(m, mm, max(start - 1, 0))
    while vma >= 0 and m.vma_end[vma] <= end:
        after = m.vma_next[vma]
        if after >= 0 and m.vma_start[after] == m.vma_end[vma] and can_vma_merge(m, vma, after):
            store(m, VMA_END, vma, m.vma_end[after])
            store(m, VMA_NEXT, vma, m.vma_next[after])
            vm_area_free(m, after)
        else:
            vma = after


def can_vma_merge(m: View, vma: int, after: int) -> bool:
    """Tell whether two VMAs have the same flags, and page offsets that go on.

    Follows mm/mmap.c, can_vma_merge_after(), v6.8: mprotect(), trimmed to the VMAs and write bits.
    """
    nr = m.vma_end[vma] - m.vma_start[vma]
    if m.vma_readonly[vma] != m.vma_readonly[after] or m.vma_anon[vma] != m.vma_anon[after]:
        return False
    return bool(m.vma_pgoff[vma] + nr == m.vma_pgoff[after])


# --- whoever makes a VMA from another hands the flag on ---------------------------------------------------------


def mmap_region(m: View, mm: int, start: int, end: int) -> None:
    """Make a writable VMA over ``[start, end)``; its page offset is its address.

    Follows mm/mmap.c, v6.8: mprotect(), trimmed to the VMAs and write bits.
    """
    insert_vma(m, mm, start, end, start, 0)
    store(m, VMA_READONLY, find_vma(m, mm, start), 0)


def __split_vma(m: View, mm: int, vma: int, addr: int) -> None:
    """Cut a VMA in two at an address inside it; a huge PMD there is split.

    Follows mm/mmap.c, v6.8: mprotect(), trimmed to the VMAs and write bits.
    """
    vma_adjust_trans_huge(m, mm, addr)
    end = m.vma_end[vma]
    store(m, VMA_END, vma, addr)
    insert_vma(m, mm, addr, end, m.vma_pgoff[vma] + addr - m.vma_start[vma], m.vma_anon[vma])
    store(m, VMA_READONLY, find_vma(m, mm, addr), m.vma_readonly[vma])


def dup_mmap(m: View, mm: int) -> int:
    """Fork: copy a process's VMAs and share its pages; return the child's id.

    Follows kernel/fork.c, v6.8: mprotect(), trimmed to the VMAs and write bits.
    """
    child_id = mm_alloc(m)
    child = m.list_prev[MM_LIST] - LIST_MM
    vma = m.mm_mmap[mm]
    while vma >= 0:
        start = m.vma_start[vma]
        insert_vma(m, child, start, m.vma_end[vma], m.vma_pgoff[vma], m.vma_anon[vma])
        store(m, VMA_READONLY, find_vma(m, child, start), m.vma_readonly[vma])
        if m.vma_anon[vma]:
            copy_page_range(m, mm, child, start, m.vma_end[vma])
        vma = m.vma_next[vma]
    return child_id


def move_vma(m: View, mm: int, old: int, new: int, nr: int) -> None:
    """Make the new VMA, move the page tables, unmap the old range.

    Follows mm/mremap.c, v6.8: mprotect(), trimmed to the VMAs and write bits.
    """
    vma = find_vma(m, mm, old)
    insert_vma(m, mm, new, new + nr, m.vma_pgoff[vma] + old - m.vma_start[vma], m.vma_anon[vma])
    store(m, VMA_READONLY, find_vma(m, mm, new), m.vma_readonly[vma])
    move_page_tables(m, mm, old, new, nr)
    do_munmap(m, mm, old, old + nr)
