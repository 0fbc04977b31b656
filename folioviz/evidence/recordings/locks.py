"""mlock() and munlock(): no property of the model's VMAs, but borders between them, and pages that come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import HPAGE_PMD_NR, PMD_HUGE
from folioviz.mm.headers import find_vma, pmd_index
from folioviz.ops import ops
from folioviz.ops.walk import mm_slot, page_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op


class Locks:
    """Which virtual pages of which process are locked.

    Attributes:
        machine: the machine that operations are done on.
        locked: process id -> vpns.
    """

    def __init__(self, machine: Machine) -> None:
        """Begin with none."""
        self.machine = machine
        self.locked: dict[int, set[int]] = {}

    def change(self, mm: int, vpn: int, pages: int, *, lock: bool) -> Iterator[Op]:
        """Yield what locking or unlocking does: a PMD is split where its pages are locked in part."""
        locked, span = self.locked.setdefault(mm, set()), set(range(vpn, vpn + pages))
        before = set(locked)
        locked ^= span - locked if lock else locked & span
        slot = mm_slot(self.machine, mm)
        for edge in (vpn, vpn + pages):
            cut = (edge in locked) != (edge - 1 in locked) and (edge in before) == (edge - 1 in before)
            vma = find_vma(self.machine, slot, edge)
            inside = vma >= 0 and self.machine.vma_start[vma] < edge
            if cut and inside and edge % HPAGE_PMD_NR and self.machine.pmd[pmd_index(slot, edge)] & PMD_HUGE:
                yield ops.SplitPmd(mm, edge)

    def bring(self, mm: int, vpn: int, pages: int) -> Iterator[Op]:
        """Yield what brings the pages that nobody has touched: faults like those of writes, but nothing is written."""
        machine, slot = self.machine, mm_slot(self.machine, mm)
        for page in range(vpn, vpn + pages):
            if page_at(machine, slot, page) < 0:
                yield ops.Touch(mm, page, 1)
                head = int(machine.page_folio[page_at(machine, slot, page)])
                if machine.folio_order[head] and "page_zero_filled" in machine.keeps:
                    yield ops.Zero(int(machine.folio_id[head]), 0, 1 << int(machine.folio_order[head]))

    def unmap(self, mm: int, vpn: int, pages: int) -> None:
        """Forget what was locked there."""
        self.locked.get(mm, set()).difference_update(range(vpn, vpn + pages))

    def fork(self, mm: int, child: int) -> None:
        """Tell where the child's VMAs have borders: where its parent's have."""
        self.locked[child] = set(self.locked.get(mm, ()))

    def borders(self, mm: int, start: int, end: int) -> list[int]:
        """Return where the pages ``[start, end)`` of one VMA are two, because some are locked."""
        locked = self.locked.get(mm, set())
        if not locked:
            return []
        return [page for page in range(start + 1, end) if (page in locked) != (page - 1 in locked)]
