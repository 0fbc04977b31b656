"""Page-table entries that map no page: what zapping, fork and mprotect do to each kind (linux/swapops.h).

Like headers these are linked and not traced, as compilers inline them all. A new kind of entry adds a branch here, and
every kernel's walks know it.

Locks: the caller holds the PTL of the entry's table, fork's that of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import PTE
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    PMD_TABLE,
    PTE_GUARD,
    PTE_MIGRATION,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_WRITE,
)
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import (
    free_swap_and_cache,
    pmd_addr_end,
    pmd_index,
    pte_index,
    pte_swap,
    pte_zero,
    swap_duplicate,
)

if TYPE_CHECKING:
    from folioviz.mm.mmu_gather import tlb_remove_tlb_entry


def zap_nonpresent_pte(m: View, _mm: int, index: int) -> int:
    """Clear an entry that maps no page, but for a guard marker; return how many resident pages that is.

    As zap_pte_range(), mm/memory.c, does where nobody says ZAP_FLAG_DROP_MARKER.
    """
    pte = m.pte[index]
    if pte_swap(pte):
        free_swap_and_cache(m, pte >> ENTRY_SHIFT)
        store(m, PTE, index, 0)
        return 0
    if pte_zero(pte):
        return zap_zero_page(m, index)
    return zap_migration_entry(m, index, pte)


def copy_nonpresent_pte(m: View, src: int, dst: int) -> int:
    """Share an entry that maps no page with a child; return how many resident pages that is (mm/memory.c)."""
    pte = m.pte[src]
    if pte == PTE_GUARD or pte_zero(pte):
        store(m, PTE, dst, pte)
        return 0
    if pte_swap(pte):
        copy_swap_entry(m, src, dst)
        return 0
    return copy_migration_entry(m, src, dst, pte)


def change_nonpresent_pte(m: View, index: int) -> None:
    """Change the rights of an entry that maps no page (change_pte_range(), mm/mprotect.c)."""
    change_migration_entry(m, index)


# --- guard markers ------------------------------------------------------------------------------------------------


def zap_guard_markers(m: View, mm: int, addr: int, end: int) -> None:
    """Clear the guard markers of ``[addr, end)``, as munmap() and exit do (zap_drop_markers(), mm/memory.c)."""
    while addr < end:
        after = pmd_addr_end(addr, end)
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd & PMD_TABLE:
            for index in range(pte_index(pmd, addr), pte_index(pmd, addr) + after - addr):
                if m.pte[index] == PTE_GUARD:
                    store(m, PTE, index, 0)
        addr = after


def copy_swap_entry(m: View, src: int, dst: int) -> None:
    """Share a swap entry with a child: neither of the two is the page's only owner any more."""
    swap_duplicate(m, m.pte[src] >> ENTRY_SHIFT)
    store(m, PTE, src, m.pte[src] & ~PTE_MIGRATION_EXCLUSIVE)
    store(m, PTE, dst, m.pte[src])


# --- the shared zero page: present for the kernel, but no page that anything counts ---------------------------------


def zap_zero_page(m: View, index: int) -> int:
    """Clear an entry of the shared zero page, which costs a flush; return 0, as it was not resident."""
    store(m, PTE, index, 0)
    tlb_remove_tlb_entry(m)
    return 0


# --- pages that are under migration: by another CPU, or by the operation itself ------------------------------------


def zap_migration_entry(m: View, index: int, pte: int) -> int:
    """Clear an entry if it waits for a page; it holds no mapping and no reference. Return 1 if it did, else 0."""
    if not pte & PTE_MIGRATION:
        return 0
    store(m, PTE, index, 0)
    return 1


def copy_migration_entry(m: View, src: int, dst: int, pte: int) -> int:
    """Share an entry that waits for a page with a child, read-only on both sides; 1 if it did wait, else 0."""
    if not pte & PTE_MIGRATION:
        return 0
    store(m, PTE, src, m.pte[src] & ~(PTE_WRITE | PTE_MIGRATION_EXCLUSIVE))
    store(m, PTE, dst, m.pte[src])
    return 1


def change_migration_entry(m: View, index: int) -> None:
    """Let the page that an entry waits for come back read-only."""
    if m.pte[index] & PTE_MIGRATION and m.pte[index] & PTE_WRITE:
        store(m, PTE, index, m.pte[index] & ~PTE_WRITE)
