"""v6.2, v6.7: mprotect() gives the write bit back to huge PMDs and to clean PTEs, and unaccounts what has no page."""

from __future__ import annotations

from folioviz.machine.concurrency import pmd_lock, pmd_unlock
from folioviz.machine.fields import PMD
from folioviz.machine.memory import PMD_WRITE
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import entry_page, is_huge_zero_pmd, pmd_trans_huge


def change_huge_pmd(m: View, slot: int, writable: int) -> bool:
    """Take a PMD's write bit, or give it back if the page is AnonExclusive; tell whether it changed.

    Follows mm/huge_memory.c, v6.2: mm/huge_memory: try avoiding write faults when changing PMD protection.
    """
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    if not pmd_trans_huge(pmd) or is_huge_zero_pmd(pmd):  # split by another CPU, or never writable
        pmd_unlock(m, slot)
        return False
    new = pmd & ~PMD_WRITE
    if writable > 0 and m.page_anon_exclusive[entry_page(pmd)]:
        new = pmd | PMD_WRITE
    store(m, PMD, slot, new)
    pmd_unlock(m, slot)
    return bool(new != pmd)


def can_change_pte_writable(m: View, pte: int) -> bool:
    """Tell whether a PTE of a VMA that may be written gets its write bit at once, even if it is clean.

    Follows mm/mprotect.c, v6.2: mm/mprotect: allow clean exclusive anon pages to be writable.
    """
    return bool(m.page_anon_exclusive[entry_page(pte)])


def vm_account(m: View, vma: int, writable: int) -> int:
    """Return whether a VMA counts as memory that may be needed: it ends if it is read-only and has no anon_vma.

    Follows mm/mprotect.c, mprotect_fixup(), v6.7: mm/mprotect: allow unfaulted VMAs to be unaccounted on mprotect().
    """
    return int(writable > 0 or (m.vma_account[vma] and m.vma_anon[vma] != 0))
