"""Which pages of which folio are meant: those at the selection, or else all of the folio in focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine import ENTRY_SHIFT, PMD_HUGE, PMD_TABLE, PTE_PRESENT, PTRS_PER_PTE
from folioviz.ops import folio_head, mm_slot

if TYPE_CHECKING:
    from folioviz.machine import Machine


def page_at(machine: Machine, mm: int, vpn: int) -> int:
    """Return the page that a process (its id) maps at a virtual page, -1 for none."""
    slot = mm_slot(machine, mm)
    entry = int(machine.pmd[slot * PTRS_PER_PTE + vpn // PTRS_PER_PTE]) if slot >= 0 else 0
    if entry & PMD_HUGE:
        return (entry >> ENTRY_SHIFT) + vpn % PTRS_PER_PTE
    if entry & PMD_TABLE:
        entry = int(machine.pte[(entry >> ENTRY_SHIFT) * PTRS_PER_PTE + vpn % PTRS_PER_PTE])
        return entry >> ENTRY_SHIFT if entry & PTE_PRESENT else -1
    return -1


def aimed(machine: Machine, mm: int, lo: int, hi: int, focus: int) -> tuple[int, int, int]:
    """Return (folio, its first page, pages): from the page mapped at ``lo`` on, within the selection and its folio.

    Where nothing is mapped, all of the folio in focus is meant.
    """
    page = page_at(machine, mm, lo)
    if page < 0:
        head = folio_head(machine, focus)
        return focus, 0, 1 << int(machine.folio_order[head]) if head >= 0 else 1
    head = int(machine.page_folio[page])
    left = head + (1 << int(machine.folio_order[head])) - page
    return int(machine.folio_id[head]), page - head, min(hi - lo, left)
