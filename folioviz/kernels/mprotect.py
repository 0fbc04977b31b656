"""mm/mprotect.c: a range gets other rights, VMA by VMA, in one gather, up to a hole.

``writable`` is 1, 0 for read-only, -1 for PROT_NONE. Pages stay mapped under PROT_NONE, and resident; x86-64 keeps
their entries without the present bit, so that going there flushes whatever is mapped, and coming back flushes nothing.
Which entries are so is not kept: they are those of the VMA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import PTE, TLB_CLEARED, VMA_ACCOUNT, VMA_READONLY
from folioviz.machine.journal import ENDED_AT_HOLE
from folioviz.machine.memory import ENOMEM, HPAGE_PMD_NR, NO_ACCESS, PTE_WRITE, VM_LOCKED
from folioviz.machine.primitives import View, fail, store
from folioviz.mm.entries import change_nonpresent_pte
from folioviz.mm.headers import (
    find_vma,
    pmd_addr_end,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_present,
    pte_zero,
)

if TYPE_CHECKING:
    from folioviz.kernels.mlock import populate_vma_page_range
    from folioviz.kernels.since_v6_8.write_bits import can_change_pte_writable, change_huge_pmd, vm_account
    from folioviz.kernels.vma import vma_modify_flags
    from folioviz.mm.huge_memory import __split_huge_pmd
    from folioviz.mm.mmu_gather import tlb_finish_mmu, tlb_gather_mmu


def mprotect_none(m: View, mm: int, start: int, end: int) -> int:
    """Make ``[start, end)`` PROT_NONE; 0, or -ENOMEM if there is a hole, behind which nothing happens.

    Follows mm/mprotect.c, do_mprotect_pkey(), v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    return do_mprotect_pkey(m, mm, start, end, -1)


def do_mprotect_pkey(m: View, mm: int, start: int, end: int, writable: int) -> int:
    """Give ``[start, end)`` other rights; 0, or -ENOMEM if there is a hole, behind which nothing happens.

    Follows mm/mprotect.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    vma = find_vma(m, mm, start)
    if vma < 0 or m.vma_start[vma] > start:
        fail(m, ENDED_AT_HOLE, start)
        return -ENOMEM
    tlb_gather_mmu(m)
    while vma >= 0 and m.vma_start[vma] <= start < end:
        after = min(end, m.vma_end[vma])
        mprotect_fixup(m, mm, vma, start, after, writable)
        start = after
        vma = find_vma(m, mm, start)
    tlb_finish_mmu(m)
    if start < end:
        fail(m, ENDED_AT_HOLE, start)
        return -ENOMEM
    return 0


def mprotect_fixup(m: View, mm: int, vma: int, start: int, end: int, writable: int) -> None:
    """Change a part of a VMA that is not as wanted already.

    Follows mm/mprotect.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    if m.vma_readonly[vma] == 1 - writable:
        return
    flushes = 2 if writable < 0 else int(m.vma_readonly[vma] != NO_ACCESS)
    account = vm_account(m, vma, writable)
    vma = vma_modify_flags(m, mm, vma, start, end, 1 - writable, account, m.vma_flags[vma])
    store(m, VMA_READONLY, vma, 1 - writable)
    store(m, VMA_ACCOUNT, vma, account)
    change_protection(m, mm, start, end, writable, flushes)
    if writable > 0 and m.vma_flags[vma] & VM_LOCKED:
        populate_vma_page_range(m, mm, start, end)


def change_protection(m: View, mm: int, addr: int, end: int, writable: int, flushes: int) -> None:
    """Take the write bit from what is mapped, or give it to what is AnonExclusive.

    ``flushes``: 0 if no change needs a flush (from PROT_NONE), 1 if that of a write bit does, 2 for what is mapped.

    Follows mm/mprotect.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    while addr < end:
        after = pmd_addr_end(addr, end)
        slot = pmd_index(mm, addr)
        if pmd_trans_huge(m.pmd[slot]) and after - addr < HPAGE_PMD_NR:
            __split_huge_pmd(m, mm, addr, 0, -1)
        pmd = m.pmd[slot]
        if pmd_trans_huge(pmd):
            changed = change_huge_pmd(m, slot, writable)
            if flushes == 2 or (flushes and changed):
                tlb_flush_pte_range(m)
            pmd = m.pmd[slot]
        if pmd and not pmd_trans_huge(pmd):
            change_pte_range(m, pmd, addr, after, writable, flushes)
        addr = after


def change_pte_range(m: View, pmd: int, addr: int, end: int, writable: int, flushes: int) -> None:
    """Change the PTEs of one table that map pages, one by one.

    Follows mm/mprotect.c, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    pte_lock(m, pmd)
    for index in range(pte_index(pmd, addr), pte_index(pmd, addr) + end - addr):
        if pte_present(m.pte[index]):
            change_pte(m, index, writable, flushes)
        else:
            change_nonpresent_pte(m, index)
            if flushes == 2 and pte_zero(m.pte[index]):
                tlb_flush_pte_range(m)
    pte_unlock(m, pmd)


def change_pte(m: View, index: int, writable: int, flushes: int) -> None:
    """Change the write bit of one PTE; the gather has something to flush if it does change, or if ``flushes`` is 2.

    Follows mm/mprotect.c, change_pte_range(), v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    pte = m.pte[index]
    new = pte & ~PTE_WRITE
    if writable > 0 and can_change_pte_writable(m, pte):
        new = pte | PTE_WRITE
    store(m, PTE, index, new)
    if flushes == 2 or (flushes and new != pte):
        tlb_flush_pte_range(m)


def tlb_flush_pte_range(m: View) -> None:
    """Note that an entry allows less, or other things, than before (pte_needs_flush() of x86).

    Follows include/asm-generic/tlb.h, v6.8: mprotect(), trimmed to VMAs, write bits and its gather.
    """
    store(m, TLB_CLEARED, 0, 1)
