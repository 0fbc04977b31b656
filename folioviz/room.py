"""What room a machine has left, what lies at an address, and why a range will not do."""

from __future__ import annotations

import numpy as np

from folioviz.machine import (
    FREE_AREA,
    HPAGE_PMD_NR,
    MAX_ORDER,
    NR_VPNS,
    PMD_HUGE,
    PMD_TABLE,
    PTE_MIGRATION,
    PTE_PRESENT,
    PTRS_PER_PTE,
    Machine,
    address_of,
)
from folioviz.mm.headers import entry_page, find_vma, pmd_index, pte_index


def huge_mappings(machine: Machine, heads: list[int]) -> int:
    """Count the PMDs that map folios; splitting such a folio puts a page table in the place of each."""
    return int(machine.folio_entire_mapcount[heads].sum()) + len(heads)


def no_room(machine: Machine, tables: int = 0, vmas: int = 0) -> str | None:
    """Refuse what might run out of page tables or VMAs."""
    for name, first, after, need in (
        ("page tables", machine.free_pte_table[0], machine.pte_table_next, tables),
        ("VMAs", machine.free_vma[0], machine.vma_next, vmas),
    ):
        free, at = 0, int(first)
        while at >= 0 and free < need:
            free, at = free + 1, int(after[at])
        if free < need:
            return f"the machine has {free} {name} left: this needs up to {need}"
    return None


def no_memory(machine: Machine, order: int) -> str | None:
    """Refuse what finds no free block of an order."""
    if any(machine.list_next[head] != head for head in range(FREE_AREA + order, FREE_AREA + MAX_ORDER + 1)):
        return None
    return f"no memory: {machine.nr_free_pages[0]} pages are free, but no block of {1 << order} pages"


def vma_at(machine: Machine, mm: int, vpn: int) -> int:
    """Return the VMA that holds a page, or -1."""
    if not 0 <= vpn < NR_VPNS:
        return -1
    vma = find_vma(machine, mm, vpn)
    return vma if vma >= 0 and machine.vma_start[vma] <= vpn else -1


def huge_pages_cut(machine: Machine, mm: int, start: int, end: int) -> int:
    """Count the huge PMDs that the ends of a range cut."""
    slots = {pmd_index(mm, vpn) for vpn in (start, end) if vpn % HPAGE_PMD_NR}
    return sum(bool(machine.pmd[slot] & PMD_HUGE) for slot in slots)


def tables_of(machine: Machine, mm: int) -> int:
    """Count a process's page tables."""
    return int(np.count_nonzero(machine.pmd[mm * 512 : mm * 512 + 512] & PMD_TABLE))


def page_at(machine: Machine, mm: int, vpn: int) -> int:
    """Return the page that a virtual page of a process maps, or -1."""
    pmd = int(machine.pmd[pmd_index(mm, vpn)])
    if pmd & PMD_HUGE:
        return int(entry_page(pmd)) + (vpn & (PTRS_PER_PTE - 1))
    pte = int(machine.pte[pte_index(pmd, vpn)]) if pmd else 0
    return int(entry_page(pte)) if pte & (PTE_PRESENT | PTE_MIGRATION) else -1


def bad_range(start: int, pages: int, what: str) -> str | None:
    """Refuse a range that is empty or leaves the address space."""
    if pages < 1:
        return f"cannot {what} {pages} pages: at least 1 is needed"
    if start < 0 or start + pages > NR_VPNS:
        return f"cannot {what} pages {start} to {start + pages - 1}: the address space has pages 0 to {NR_VPNS - 1}"
    return None


def not_covered(machine: Machine, mm: int, vpn: int, pages: int, what: str) -> str | None:
    """Refuse a range that VMAs do not cover without a gap."""
    if bad := bad_range(vpn, pages, what):
        return bad
    at = vpn
    while at < vpn + pages:
        vma = vma_at(machine, mm, at)
        if vma < 0:
            return f"cannot {what} {address_of(at):#x}: no VMA is there"
        at = int(machine.vma_end[vma])
    return None


def readonly(machine: Machine, mm: int, start: int, end: int, what: str) -> str | None:
    """Refuse to write where a VMA is read-only; the range is covered by VMAs."""
    at = start
    while machine.vma_readonly.size and at < end:
        vma = vma_at(machine, mm, at)
        if machine.vma_readonly[vma]:
            return f"{what}: the VMA at {address_of(at):#x} is read-only (mprotect)"
        at = int(machine.vma_end[vma])
    return None


def bad_switch(what: str, value: int) -> str | None:
    """Refuse a switch that is neither on nor off."""
    return None if value in {0, 1} else f"cannot set {what} to {value}: it must be 0 or 1"
