"""v6.1: mprotect() leaves huge PMDs and clean PTEs read-only, and what once was writable stays accounted."""

from __future__ import annotations

from folioviz.machine.concurrency import pmd_lock, pmd_unlock
from folioviz.machine.fields import PMD
from folioviz.machine.memory import ENTRY_CLEAN, PMD_WRITE
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import entry_page, is_huge_zero_pmd, pmd_trans_huge


def change_huge_pmd(m: View, slot: int, _writable: int) -> bool:
    """Take a PMD's write bit, which only a write gives back; tell whether it changed.

    Follows mm/huge_memory.c, v6.1: mprotect() of that release.
    """
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    if not pmd_trans_huge(pmd) or is_huge_zero_pmd(pmd):  # split by another CPU, or never writable
        pmd_unlock(m, slot)
        return False
    store(m, PMD, slot, pmd & ~PMD_WRITE)
    pmd_unlock(m, slot)
    return bool(pmd & PMD_WRITE)


def can_change_pte_writable(m: View, pte: int) -> bool:
    """Tell whether a PTE of a VMA that may be written gets its write bit at once: if it is dirty.

    Follows mm/mprotect.c, v6.1: mprotect() of that release.
    """
    return bool(not pte & ENTRY_CLEAN and m.page_anon_exclusive[entry_page(pte)])


def vm_account(_m: View, _vma: int, _writable: int) -> int:
    """Return that a VMA counts as memory that may be needed: once it was writable, it always does.

    Follows mm/mprotect.c, mprotect_fixup(), v6.1: mprotect() of that release.
    """
    return 1
