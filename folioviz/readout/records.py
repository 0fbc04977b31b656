"""What changed by each operation, in the form of the conformance vectors (docs/kernel/vectors.md)."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from folioviz.errors import OperationError
from folioviz.machine import journal
from folioviz.machine.fields import (
    BUG,
    FIELDS,
    FOLIO_ID,
    FOLIO_PINS,
    OF_FOLIO,
    OF_PAGE,
)
from folioviz.machine.memory import (
    BUG_NAMES,
    ENTRY_SHIFT,
    MAX_ORDER,
    PMD_HUGE,
    PMD_TABLE,
    PMD_WRITE,
    PTE_WRITE,
    PTE_ZERO,
    PTRS_PER_PTE,
    Machine,
)
from folioviz.machine.view import View
from folioviz.ops.walk import live_mms, queue
from folioviz.readout.counters import size_stats
from folioviz.readout.runs import ranges, runs, spans
from folioviz.readout.written import Places, Written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from folioviz.lab import Lab
    from folioviz.ops.op import Op

Run: TypeAlias = tuple[int, int, int, int, int]
"""A run of a process's page tables: vpn, folio, page, count, writable."""
EINVAL = 22
OF_RECORD = [row for row in OF_FOLIO if row.record]
LISTED = {key for key, times in Counter(row.record for row in OF_RECORD).items() if times > 1}
"""Keys of a folio's record whose value is a list, of the fields that have this key."""
LEFT_OUT = {FIELDS[FOLIO_PINS].record}
"""Keys that are left out while their value is 0."""


def run_lengths(values: np.ndarray) -> list[int]:
    """Return [value, count, value, count, ...]."""
    every = values.tolist()
    if every and every.count(every[0]) == len(every):
        return [every[0], len(every)]
    return [number for run in runs(values) for number in run]


class Folios:
    """Live folios of one machine, as the vectors spell them."""

    def __init__(self, machine: Machine) -> None:
        """Find out what its kernel maintains, once for all folios."""
        kept = [row for row in OF_RECORD if machine.maintains(row.number)]
        plain = [row for row in kept if row.record not in LISTED | LEFT_OUT]
        plain.sort(key=attrgetter("order"))  # so that what a small folio lacks is at the end
        listed = [row for row in kept if row.record in LISTED]
        left_out = [row for row in kept if row.record in LEFT_OUT]
        pages = [row for row in OF_PAGE if row.record]
        columns = [FOLIO_ID, *(row.number for row in (*plain, *listed, *left_out, *pages))]
        places = {number: place for place, number in enumerate(columns)}
        self._mem = machine.mem
        self._starts = np.array([machine.base[number] for number in columns])
        self._keys = [
            ("id", *(row.record for row in plain if row.order <= order)) for order in range(MAX_ORDER + 1)
        ]
        self._lists: list[list[tuple[str, int, int]]] = [[] for _ in range(MAX_ORDER + 1)]
        for key, rows in groupby(listed, attrgetter("record")):
            first, *rest = rows
            for lists in self._lists[first.order :]:
                lists.append((key, places[first.number], places[first.number] + 1 + len(rest)))
        self._left_out = [(row.record, places[row.number]) for row in left_out]
        self._pages = [(row.record, getattr(machine, row.name), places[row.number]) for row in pages]

    def records(self, heads: np.ndarray) -> Iterator[dict[str, Any]]:
        """Yield the record of each; ``heads`` are their head pages."""
        every = self._mem.take(heads[:, None] + self._starts).tolist()
        for head, row in zip(heads.tolist(), every, strict=True):
            order = row[1]
            out: dict[str, Any] = dict(zip(self._keys[order], row, strict=False))
            for key, start, end in self._lists[order]:
                out[key] = row[start:end]
            for key, place in self._left_out:
                if row[place]:
                    out[key] = row[place]
            for key, field, place in self._pages:
                out[key] = run_lengths(field[head : head + (1 << order)]) if order else [row[place], 1]
            yield out


def bugs_in_order(machine: Machine, rows: np.ndarray) -> list[str]:
    """Return the names of the bugs that fired within rows, the first one first."""
    fired = rows[(rows[:, 1] == machine.base[BUG]) & (rows[:, 0] == journal.STORE)]
    return [BUG_NAMES[new & ~old] for old, new in fired[:, 2:].tolist()]


def page_tables(machine: Machine, mm: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the PMD slots of a process that have a page table, and the numbers of those tables."""
    entries = machine.pmd[mm * PTRS_PER_PTE : (mm + 1) * PTRS_PER_PTE]
    slots = (entries & PMD_TABLE).nonzero()[0]
    return slots, entries[slots] >> ENTRY_SHIFT


def huge_runs(machine: Machine, mm: int) -> list[Run]:
    """Return what PMDs of a process map, as runs of :func:`table_record`."""
    entries = machine.pmd[mm * PTRS_PER_PTE : (mm + 1) * PTRS_PER_PTE]
    slots = (entries & PMD_HUGE).nonzero()[0]
    if not slots.size:
        return []
    ids = machine.folio_id[entries[slots] >> ENTRY_SHIFT].tolist()
    writable = (entries[slots] & PMD_WRITE > 0).tolist()
    return [
        (slot * PTRS_PER_PTE, folio, -1, PTRS_PER_PTE, int(may))
        for slot, folio, may in zip(slots.tolist(), ids, writable, strict=True)
    ]


def pte_runs(machine: Machine, mm: int) -> list[Run]:
    """Return what PTEs of a process map, as runs of :func:`table_record`."""
    slots, tables = page_tables(machine, mm)
    ptes = machine.pte.reshape(-1, PTRS_PER_PTE)[tables].ravel()
    place = ptes.nonzero()[0]
    if not place.size:
        return []
    pte = ptes.take(place)
    vpn = place + (slots - np.arange(slots.size))[place // PTRS_PER_PTE] * PTRS_PER_PTE
    page, writable = pte >> ENTRY_SHIFT, pte & PTE_WRITE
    head = machine.page_folio.take(page)
    small = machine.folio_order.take(head) == 0
    ids, offset = machine.folio_id.take(head), page - head
    # Within a run, address and what is mapped advance together and everything else stays.
    advancing, what = np.where(small, ids, offset), np.where(small, -1, ids)
    if machine.page_zero_filled.size:
        zero = pte & PTE_ZERO > 0
        advancing, what, ids = np.where(zero, vpn, advancing), np.where(zero, 0, what), np.where(zero, 0, ids)
        offset, small = np.where(zero, -3, offset), small & ~zero
    along = advancing - vpn
    ends = (vpn[1:] - vpn[:-1] != 1) | (along[1:] != along[:-1])
    ends |= (what[1:] != what[:-1]) | (writable[1:] != writable[:-1])
    found = []
    for start, end in spans(ends):
        count = end - start
        where = (-2 if count > 1 else 0) if small[start] else offset.item(start)
        found.append((vpn.item(start), ids.item(start), where, count, int(writable[start] > 0)))
    return found


def table_record(machine: Machine, mm: int) -> list[int]:
    """Return a process's page tables as flat (vpn, folio, page, count, writable) runs, by address."""
    runs = sorted([*huge_runs(machine, mm), *pte_runs(machine, mm)])
    return [number for run in runs for number in run]


class Recorder:
    """Watch a lab and tell, after each operation, what changed.

    Folios whose fields were written are looked at again; everything else is known not to have changed.
    """

    def __init__(self, lab: Lab) -> None:
        """Start from the lab's machine, which must be empty."""
        self.lab = lab
        self._view: Any = View(lab.machine)
        self._reader = Folios(lab.machine)
        self._places = Places(lab.machine)
        self._forget()

    def _forget(self) -> None:
        """Know of nothing: the machine is empty."""
        self._folios: dict[int, dict[str, Any]] = {}
        self._next_id = self._view.next_folio_id[0]
        self._tables: dict[int, list[int]] = {}
        """What a process's page tables hold, by the process."""
        self._own: dict[int, list[int]] = {}
        """The numbers of a process's page tables, by the process."""

    def run(self, operations: Iterable[Op]) -> list[dict[str, Any]]:
        """Run operations from an empty machine on and return their records; the run ends at a kernel bug."""
        self.lab.restart()
        self._forget()
        found = []
        for op in operations:
            found.append(self.record(op))
            if "B" in found[-1]:
                break
        return found

    def record(self, op: Op) -> dict[str, Any]:
        """Apply one operation and return its record; an invalid one is ``{"r": -22}``."""
        lab = self.lab
        try:
            step = lab.apply(op)
        except OperationError:
            return {"r": -EINVAL}
        machine, view = lab.machine, self._view
        rows = lab.journal[step.start : step.end]
        if view.bug[0]:
            return {"r": step.result, "B": bugs_in_order(machine, rows)}
        written = Written(self._places, rows, view.folio_id)
        changed, gone = self._folios_after(machine, written)
        mms = {view.mm_id[slot]: slot for slot in live_mms(view)}
        record = {
            "r": step.result,
            "F": changed,
            "X": gone,
            "Q": [view.folio_id[head] for head in queue(view)],
            "S": [*view.vmstat, *view.vm_event, *view.thp_underused_split_page],
            "R": {str(mm_id): view.mm_rss[slot] for mm_id, slot in mms.items()},
            "P": self._tables_after(machine, mms, written),
            "C": {name: n for name, n in journal.costs(rows).items() if n},
        }
        if machine.mthp_stat.size:
            record["M"] = {str(order): list(stats.values()) for order, stats in size_stats(machine).items()}
        return record

    def _folios_after(self, machine: Machine, written: Written) -> tuple[list[dict[str, Any]], list[int]]:
        """Return (new or changed folios by id, freed ids as [first, count, ...])."""
        ids, known = self._view.folio_id, self._folios
        heads = [head for head in {*machine.page_folio.take(written.pages).tolist()} if ids[head] > 0]
        changed = {
            entry["id"]: entry
            for entry in self._reader.records(np.array(heads, int))
            if known.get(entry["id"]) != entry
        }
        known |= changed
        for folio_id in written.gone:
            known.pop(folio_id, None)
        first, self._next_id = self._next_id, self._view.next_folio_id[0]
        born_and_freed = {*range(first, self._next_id)} - changed.keys()
        gone = written.gone | born_and_freed
        return [changed[folio_id] for folio_id in sorted(changed)], _freed(sorted(gone))

    def _tables_after(self, machine: Machine, mms: dict[int, int], written: Written) -> dict[str, list[int]]:
        """Return the page tables of the processes in which they changed."""
        out = {}
        for mm_id, slot in mms.items():
            if slot in written.slots or mm_id not in self._tables:
                self._own[mm_id] = page_tables(machine, slot)[1].tolist()
            elif written.tables.isdisjoint(self._own[mm_id]):
                continue
            table = table_record(machine, slot)
            if self._tables.get(mm_id) != table:
                self._tables[mm_id] = out[str(mm_id)] = table
        for mm_id in self._tables.keys() - mms.keys():
            del self._tables[mm_id], self._own[mm_id]
        return out


def _freed(ids: list[int]) -> list[int]:
    """Return ascending ids as [first, count, first, count, ...]."""
    return [number for first, last in ranges(ids) for number in (first, last - first + 1)]


def records(lab: Lab, operations: Iterable[Op]) -> list[dict[str, Any]]:
    """Run operations in an empty lab and return their records; the run ends at a kernel bug."""
    return Recorder(lab).run(operations)
