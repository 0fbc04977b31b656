"""Which pages of which folio are meant: those at the selection, or else all of the folio in focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.ops.walk import folio_head, mm_slot, page_at

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine


def aimed(machine: Machine, mm: int, lo: int, hi: int, focus: int) -> tuple[int, int, int]:
    """Return (folio, its first page, pages): from the page mapped at ``lo`` on, within the selection and its folio.

    Where nothing is mapped, all of the folio in focus is meant.
    """
    slot = mm_slot(machine, mm)
    page = page_at(machine, slot, lo) if slot >= 0 else -1
    if page < 0:
        head = folio_head(machine, focus)
        return focus, 0, 1 << int(machine.folio_order[head]) if head >= 0 else 1
    head = int(machine.page_folio[page])
    left = head + (1 << int(machine.folio_order[head])) - page
    return int(machine.folio_id[head]), page - head, min(hi - lo, left)
