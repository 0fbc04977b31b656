"""What room a machine has left, and why a range, a folio or a switch will not do."""

from __future__ import annotations

import numpy as np

from folioviz.machine.memory import (
    ENTRY_SHIFT,
    FREE_AREA,
    HPAGE_PMD_NR,
    LOWEST_QUEUED_ORDER,
    MAX_ORDER,
    NR_VPNS,
    PMD_HUGE,
    PMD_TABLE,
    PTE_PRESENT,
    Machine,
    address_of,
)
from folioviz.mm.headers import entry_page, pmd_index, pte_index
from folioviz.ops.walk import vma_at


def huge_mappings(machine: Machine, heads: list[int]) -> int:
    """Count the PMDs that map folios; splitting such a folio puts a page table in the place of each."""
    return int(machine.folio_entire_mapcount[heads].sum()) + len(heads)


def folios_mapped(machine: Machine, mm: int, start: int, end: int) -> list[int]:
    """Return the head pages of the large folios that a process maps in ``[start, end)``."""
    found: set[int] = set()
    for slot in range(start // HPAGE_PMD_NR, -(-end // HPAGE_PMD_NR)):
        pmd = int(machine.pmd[mm * 512 + slot])
        if pmd & PMD_HUGE:
            found.add(int(entry_page(pmd)))
        elif pmd:
            first = max(start, slot * HPAGE_PMD_NR)
            index = pte_index(pmd, first)
            entries = machine.pte[index : index + min(end, (slot + 1) * HPAGE_PMD_NR) - first]
            heads = machine.page_folio[entries[entries & PTE_PRESENT > 0] >> ENTRY_SHIFT]
            found |= set(heads[machine.folio_order[heads] > 0].tolist())
    return sorted(found)


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


def no_blocks(machine: Machine, start: int, end: int) -> str | None:
    """Refuse to write to pages ``[start, end)`` where the folios of enabled sizes around them might not be had.

    A kernel without sizes has single pages.
    """
    largest = int(machine.thp_enabled[0]).bit_length() - 1 if machine.thp_enabled.size else 0
    block = 1 << max(largest, 0)
    need, free = -(-end // block) * block - start // block * block, machine.nr_free_pages[0]
    if free < need:
        return f"cannot write to {end - start} pages: {free} pages are free, this needs up to {need}"
    return None


def pmds(machine: Machine, mm: int, start: int, end: int) -> np.ndarray:
    """Return the PMDs of a process for pages ``[start, end)``; a view."""
    return machine.pmd[mm * 512 + (start >> 9) : mm * 512 + ((end - 1) >> 9) + 1]


def tables_needed(machine: Machine, mm: int, start: int, end: int) -> int:
    """Count the page tables that a process lacks for pages ``[start, end)``."""
    return int(np.count_nonzero(~pmds(machine, mm, start, end) & PMD_TABLE))


def tables_to_move(machine: Machine, mm: int, start: int, to: int, pages: int) -> int:
    """Count the page tables that moving pages may take: one for each huge page, and what the destination lacks."""
    huge = np.count_nonzero(pmds(machine, mm, start, start + pages) & PMD_HUGE)
    return int(huge) + tables_needed(machine, mm, to, to + pages)


def huge_pages_cut(machine: Machine, mm: int, start: int, end: int) -> int:
    """Count the huge PMDs that the ends of a range cut."""
    slots = {pmd_index(mm, vpn) for vpn in (start, end) if vpn % HPAGE_PMD_NR}
    return sum(bool(machine.pmd[slot] & PMD_HUGE) for slot in slots)


def bad_range(start: int, pages: int, what: str) -> str | None:
    """Refuse a range that is empty or leaves the address space."""
    if pages < 1:
        return f"cannot {what} {pages} pages: at least 1 is needed"
    if start < 0 or start + pages > NR_VPNS:
        return f"cannot {what} pages {start} to {start + pages - 1}: the address space has pages 0 to {NR_VPNS - 1}"
    return None


def vmas_until(machine: Machine, vma: int, end: int) -> int:
    """Count the VMAs of a process from one of them, or -1 for none, to the first that reaches page ``end``."""
    found = 0
    while vma >= 0:
        found += 1
        vma = int(machine.vma_next[vma]) if machine.vma_end[vma] < end else -1
    return found


def writable_until(machine: Machine, mm: int, start: int, end: int) -> int:
    """Return the first page of ``[start, end)`` that no writable VMA has, or ``end``."""
    while start < end:
        vma = vma_at(machine, mm, start)
        if vma < 0 or (machine.vma_readonly.size and machine.vma_readonly[vma]):
            return start
        start = int(machine.vma_end[vma])
    return end


def readonly(machine: Machine, mm: int, start: int, end: int, what: str) -> str | None:
    """Refuse to write where a VMA is read-only; the range is covered by VMAs."""
    at = start
    while machine.vma_readonly.size and at < end:
        vma = vma_at(machine, mm, at)
        if machine.vma_readonly[vma]:
            return f"{what}: the VMA at {address_of(at):#x} is read-only (mprotect)"
        at = int(machine.vma_end[vma])
    return None


def too_small(machine: Machine, folio: int, what: str) -> str | None:
    """Refuse a folio of an order that is never split; ``folio`` is its head page."""
    order = int(machine.folio_order[folio])
    if order < LOWEST_QUEUED_ORDER:
        return f"cannot {what} of order {order}: the order must be at least {LOWEST_QUEUED_ORDER}"
    return None


def bad_switch(what: str, value: int) -> str | None:
    """Refuse a switch that is neither on nor off."""
    return None if value in {0, 1} else f"cannot set {what} to {value}: it must be 0 or 1"
