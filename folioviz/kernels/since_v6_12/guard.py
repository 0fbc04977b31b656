"""v6.13: MADV_GUARD_INSTALL puts markers where pages would be, and a touch of one is a SIGSEGV; they cost no memory.

What is mapped in the range goes first. Zapping leaves a marker where it is, munmap() and exit do not; fork copies it,
mremap() takes it along, and MADV_GUARD_REMOVE leaves an empty place. A VMA that was marked says so from then on
(``VM_MAYBE_GUARD``, since v6.19). Not modelled: the call that is tried again when another CPU brings pages meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.advice import MADV_DONTFORK, MADV_GUARD_INSTALL, MADV_GUARD_REMOVE
from folioviz.machine.concurrency import pmd_lock, pmd_unlock, pte_lock, pte_unlock
from folioviz.machine.fields import PTE, VMA_FLAGS
from folioviz.machine.memory import (
    PMD_TABLE,
    PTE_GUARD,
    VM_DONTCOPY,
    VM_MAYBE_GUARD,
)
from folioviz.machine.primitives import View, store
from folioviz.mm.entries import zap_guard_markers
from folioviz.mm.headers import find_vma, pmd_addr_end, pmd_index, pmd_trans_huge, pte_index

if TYPE_CHECKING:
    from folioviz.kernels.anon_vma import __anon_vma_prepare
    from folioviz.kernels.madvise_vma import madvise_update_vma, madvise_walk_behavior
    from folioviz.mm.memory import pte_alloc, unmap_page_range
    from folioviz.mm.mmu_gather import tlb_finish_mmu, tlb_gather_mmu


def madvise_guard(m: View, mm: int, start: int, end: int) -> int:
    """MADV_GUARD_INSTALL on ``[start, end)``; 0, or -ENOMEM if there is a hole in it.

    Follows mm/madvise.c, do_madvise(), v6.13: 662df3e5c376 ("mm: madvise: implement lightweight guard page
    mechanism").
    """
    return madvise_walk_behavior(m, mm, start, end, MADV_GUARD_INSTALL)


def madvise_unguard(m: View, mm: int, start: int, end: int) -> int:
    """MADV_GUARD_REMOVE on ``[start, end)``; 0, or -ENOMEM if there is a hole in it.

    Follows mm/madvise.c, do_madvise(), v6.13: 662df3e5c376 ("mm: madvise: implement lightweight guard page
    mechanism").
    """
    return madvise_walk_behavior(m, mm, start, end, MADV_GUARD_REMOVE)


def madvise_vma_behavior(m: View, mm: int, vma: int, start: int, end: int, behavior: int) -> None:
    """Give a part of one VMA an advice, put guard markers in it, or take them away.

    Follows mm/madvise.c, v6.13: 662df3e5c376 ("mm: madvise: implement lightweight guard page mechanism").
    """
    if behavior == MADV_GUARD_INSTALL:
        madvise_guard_install(m, mm, vma, start, end)
        return
    if behavior == MADV_GUARD_REMOVE:
        madvise_guard_remove(m, mm, start, end)
        return
    flags = m.vma_flags[vma] & ~VM_DONTCOPY
    if behavior == MADV_DONTFORK:
        flags |= VM_DONTCOPY
    madvise_update_vma(m, mm, vma, start, end, flags)


def madvise_guard_install(m: View, mm: int, vma: int, start: int, end: int) -> None:
    """Mark a part of one VMA; if something is mapped there, zap all of the part, in a gather, and begin again.

    Follows mm/madvise.c, v6.13: 662df3e5c376 ("mm: madvise: implement lightweight guard page mechanism").
    """
    store(m, VMA_FLAGS, vma, m.vma_flags[vma] | VM_MAYBE_GUARD)
    if not m.vma_anon[vma]:
        __anon_vma_prepare(m, mm, vma)
    while not guard_install_range(m, mm, start, end):
        tlb_gather_mmu(m)
        unmap_page_range(m, mm, start, end)
        tlb_finish_mmu(m)


def guard_install_range(m: View, mm: int, addr: int, end: int) -> bool:
    """Put markers where nothing is, with page tables for them; false at the first page that is mapped.

    Follows mm/madvise.c, guard_install_pte_entry(), v6.13: 662df3e5c376 ("mm: madvise: implement lightweight guard page
    mechanism").
    """
    while addr < end:
        after = pmd_addr_end(addr, end)
        slot = pmd_index(mm, addr)
        pmd_lock(m, slot)
        pmd = pte_alloc(m, mm, addr)
        pmd_unlock(m, slot)
        if pmd_trans_huge(pmd):
            return False
        pte_lock(m, pmd)
        index = pte_index(pmd, addr)
        last = index + after - addr
        while index < last and (m.pte[index] == 0 or m.pte[index] == PTE_GUARD):
            store(m, PTE, index, PTE_GUARD)
            index += 1
        pte_unlock(m, pmd)
        if index < last:
            return False
        addr = after
    return True


def madvise_guard_remove(m: View, mm: int, addr: int, end: int) -> None:
    """Take the markers out of a part of one VMA; what is mapped there stays.

    Follows mm/madvise.c, v6.13: 662df3e5c376 ("mm: madvise: implement lightweight guard page mechanism").
    """
    while addr < end:
        after = pmd_addr_end(addr, end)
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd & PMD_TABLE:
            pte_lock(m, pmd)
            for index in range(pte_index(pmd, addr), pte_index(pmd, addr) + after - addr):
                if m.pte[index] == PTE_GUARD:
                    store(m, PTE, index, 0)
            pte_unlock(m, pmd)
        addr = after


def unmap_vmas(m: View, mm: int, start: int, end: int) -> int:
    """Zap what VMAs have in ``[start, end)``, guard markers too; return the end of the last one zapped.

    The kernel's one zap is told to drop them (ZAP_FLAG_DROP_MARKER); here they go behind it, at no cost.

    Follows mm/memory.c, v6.13: 7c53dfbdb024 ("mm: add PTE_MARKER_GUARD PTE marker").
    """
    last = start
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] < end:
        first = max(start, m.vma_start[vma])
        last = min(end, m.vma_end[vma])
        unmap_page_range(m, mm, first, last)
        if m.vma_flags[vma] & VM_MAYBE_GUARD:
            zap_guard_markers(m, mm, first, last)
        vma = m.vma_next[vma]
    return int(last)
