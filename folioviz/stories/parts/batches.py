"""Batches and TLB flushes of one operation, read from a lab's journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal as j
from folioviz.machine.costs import TFORCE, THW, ZROUND
from folioviz.machine.fields import PTE
from folioviz.machine.memory import ENTRY_SHIFT, PMD_HUGE, PMD_TABLE, PTE_PRESENT, PTRS_PER_PTE
from folioviz.ops.walk import live_mms
from folioviz.readout import state

if TYPE_CHECKING:
    from collections.abc import Container

    from folioviz.lab import Lab

ENDINGS = (j.BATCH_FOLIO_END, j.BATCH_TABLE_END, j.BATCH_RANGE_END, j.BATCH_HOLE, j.BATCH_OTHER_PAGE)
"""Reasons for which the count of PTEs to take together stops."""


class Batch(NamedTuple):
    """PTEs that were taken down together; page by page, a run of one folio's in one VMA and page table.

    Attributes:
        row: the journal row of the first PTE that was cleared.
        mm: the process, by its slot.
        vpn: its virtual page.
        folio: the folio's id.
        pages: how many were taken.
        asked: how many the kernel meant to take, ``nr_pages_req``; 0 if it goes page by page.
        reason: which of :data:`ENDINGS` set ``asked``, or -1.
        full: whether the mmu_gather was full after the last of them.
        cut: whether the kernel thought so, and forced a flush.
        queued: whether the folio went on the split queue here.
    """

    row: int
    mm: int
    vpn: int
    folio: int
    pages: int
    asked: int = 0
    reason: int = -1
    full: bool = False
    cut: bool = False
    queued: bool = False


class Flush(NamedTuple):
    """A TLB flush that was executed.

    Attributes:
        row: its journal row.
        after: how many batches came before it.
        forced: whether zap_pte_range() stopped for it, or it is the one at the end of the gather.
    """

    row: int
    after: int
    forced: bool


class Found(NamedTuple):
    """What an operation did, in order, and how often zap_pte_range() was called."""

    batches: tuple[Batch, ...]
    flushes: tuple[Flush, ...]
    rounds: int


def read(lab: Lab, start: int, end: int) -> Found:
    """Return the batches and flushes of the operation that has the rows ``[start, end)``; O(rows)."""
    back, machine = lab.cursor, lab.machine
    lab.seek(start)
    owners = machine.folio_id[machine.page_folio]
    slots = np.flatnonzero((machine.pmd & (PMD_TABLE | PMD_HUGE)) == PMD_TABLE)
    tables = dict(zip((machine.pmd[slots] >> ENTRY_SHIFT).tolist(), slots.tolist(), strict=True))
    edges = {(mm, vma.start) for mm in live_mms(machine) for vma in state.vmas(machine, mm)}
    lab.seek(back)
    rows, base = lab.journal[start:end], machine.base[PTE]
    kind, address = rows[:, 0], rows[:, 1]
    entry = (kind == j.STORE) & (address >= base) & (address < base + machine.pte.size)
    cleared = entry & (rows[:, 3] == 0) & (rows[:, 2] & PTE_PRESENT != 0)
    cleared[:-1] &= ~(
        entry[1:] & (rows[1:, 3] == rows[:-1, 2])
    )  # mremap moves it: the next row sets it elsewhere
    told = (kind == j.WHY) & np.isin(address, [*ENDINGS, j.FLUSH_FULL, j.FLUSH_CUT, j.QUEUED])
    keep = np.flatnonzero(cleared | told | np.isin(kind, [THW, TFORCE]))
    reader = _Reader(edges)
    for row, (what, place, old, new) in zip((keep + start).tolist(), rows[keep].tolist(), strict=True):
        if what == j.STORE:
            table, inside = divmod(place - base, PTRS_PER_PTE)
            mm, slot = divmod(tables.get(table, 0), 512)
            reader.clear(Batch(row, mm, slot * 512 + inside, int(owners[old >> ENTRY_SHIFT]), 1))
        elif what == j.WHY:
            reader.decide(place, new)
        else:
            reader.flush(row, what)
    return Found(tuple(reader.batches), tuple(reader.flushes), int(np.count_nonzero(kind == ZROUND)))


class _Reader:
    """Puts rows together."""

    def __init__(self, edges: Container[tuple[int, int]]) -> None:
        """Begin with nothing; ``edges`` are the (process, virtual page) pairs at which a VMA begins."""
        self.edges = edges
        self.batches: list[Batch] = []
        self.flushes: list[Flush] = []
        self._asked = (0, -1)
        self._left = 0
        self._open = self._forced = False

    def clear(self, one: Batch) -> None:
        """Take a PTE that was cleared: one more of this batch, or the first of the next."""
        last = self.batches[-1] if self.batches else None
        same = last and self._open and (last.mm, last.folio) == (one.mm, one.folio)
        whole = one.vpn % PTRS_PER_PTE and (one.mm, one.vpn) not in self.edges
        if last and same and last.vpn + last.pages == one.vpn and (self._left if last.asked else whole):
            self.batches[-1] = last._replace(pages=last.pages + 1)
        else:
            asked, reason = self._asked
            self.batches.append(one._replace(asked=asked, reason=reason))
            self._left, self._open, self._asked = asked, True, (0, -1)
        self._left = max(self._left - 1, 0)
        self._forced = False

    def decide(self, code: int, detail: int) -> None:
        """Take a decision."""
        if code in ENDINGS:
            self._asked, self._open = (detail, code), False
        elif self.batches and code == j.FLUSH_FULL:
            self.batches[-1] = self.batches[-1]._replace(full=True)
        elif self.batches and code == j.FLUSH_CUT:
            self.batches[-1] = self.batches[-1]._replace(cut=True, asked=detail)
        elif self.batches and code == j.QUEUED:
            self.batches[-1] = self.batches[-1]._replace(queued=True)

    def flush(self, row: int, what: int) -> None:
        """Take a flush, or note that the next one is forced."""
        if what == TFORCE:
            self._forced = True
        else:
            self.flushes.append(Flush(row, len(self.batches), self._forced))
            self._forced = self._open = False
