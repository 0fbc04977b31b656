"""What changed by each operation, in the form of the conformance vectors (docs/kernel/vectors.md)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from folioviz.errors import OperationError
from folioviz.machine import journal
from folioviz.machine.fields import (
    BUG,
    FIELDS,
    FOLIO_ID,
    FOLIO_ORDER,
    FOLIO_PINS,
    OF_FOLIO,
    OF_PAGE,
    PMD,
    PTE,
)
from folioviz.machine.memory import (
    BUG_NAMES,
    ENTRY_SHIFT,
    PMD_HUGE,
    PMD_TABLE,
    PMD_WRITE,
    PTE_WRITE,
    PTE_ZERO,
    PTRS_PER_PTE,
    Machine,
)
from folioviz.ops.walk import live_mms, queue
from folioviz.readout.counters import size_stats
from folioviz.readout.runs import ranges, runs, spans

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
        self._mem = machine.mem
        self._starts = np.array(
            [machine.base[row] for row in (FOLIO_ID, FOLIO_ORDER, *(row.number for row in kept))]
        )
        self._told = [(row.record, row.order, row.record in LISTED, row.record in LEFT_OUT) for row in kept]
        self._pages = [(row.record, getattr(machine, row.name)) for row in OF_PAGE if row.record]

    def records(self, heads: np.ndarray) -> Iterator[dict[str, Any]]:
        """Yield the record of each; ``heads`` are their head pages."""
        every = self._mem[np.add.outer(heads, self._starts)].tolist()
        for head, (folio_id, order, *values) in zip(heads.tolist(), every, strict=True):
            out: dict[str, Any] = {"id": folio_id}
            for (key, lowest, listed, left_out), value in zip(self._told, values, strict=True):
                if order < lowest:
                    continue
                if listed:
                    out.setdefault(key, []).append(value)
                elif value or not left_out:
                    out[key] = value
            for key, field in self._pages:
                out[key] = run_lengths(field[head : head + (1 << order)])
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
    pte = ptes[place]
    vpn = ((slots - np.arange(slots.size)) * PTRS_PER_PTE)[place // PTRS_PER_PTE] + place
    page, zero, writable = pte >> ENTRY_SHIFT, pte & PTE_ZERO > 0, pte & PTE_WRITE > 0
    head = machine.page_folio[page]
    small = machine.folio_order[head] == 0
    ids, offset = machine.folio_id[head], page - head
    # Within a run, address and what is mapped advance together and everything else stays.
    advancing, what = np.where(small, ids, offset), np.where(small, -1, ids)
    if machine.page_zero_filled.size:
        advancing, what, ids = np.where(zero, vpn, advancing), np.where(zero, 0, what), np.where(zero, 0, ids)
        offset, small = np.where(zero, -3, offset), small & ~zero
    ends = (vpn[1:] - vpn[:-1] != 1) | (advancing[1:] - advancing[:-1] != 1)
    ends |= (what[1:] != what[:-1]) | (writable[1:] != writable[:-1])
    found = []
    for start, end in spans(ends) if place.size else ():
        count = end - start
        where = (-2 if count > 1 else 0) if small[start] else offset.item(start)
        found.append((vpn.item(start), ids.item(start), where, count, int(writable[start])))
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
        self._reader = Folios(lab.machine)
        self._folios: dict[int, dict[str, Any]] = {}
        self._ids = np.zeros(lab.machine.sizes.pages, np.int32)
        self._next_id = lab.machine.next_folio_id.item(0)
        self._tables: dict[int, list[int]] = {}
        """What a process's page tables hold, by the process."""
        self._own: dict[int, list[int]] = {}
        """The numbers of a process's page tables, by the process."""

    def record(self, op: Op) -> dict[str, Any]:
        """Apply one operation and return its record; an invalid one is ``{"r": -22}``."""
        lab = self.lab
        try:
            step = lab.apply(op)
        except OperationError:
            return {"r": -EINVAL}
        machine = lab.machine
        rows = lab.journal[step.start : step.end]
        if machine.bug[0]:
            return {"r": step.result, "B": bugs_in_order(machine, rows)}
        addresses = rows[(rows[:, 0] < journal.WHY) & (rows[:, 1] >= 0), 1]
        changed, gone = self._folios_after(machine, addresses)
        mms = {int(machine.mm_id[slot]): slot for slot in live_mms(machine)}
        record = {
            "r": step.result,
            "F": changed,
            "X": gone,
            "Q": [machine.folio_id.item(head) for head in queue(machine)],
            "S": [
                *machine.vmstat.tolist(),
                *machine.vm_event.tolist(),
                *machine.thp_underused_split_page.tolist(),
            ],
            "R": {str(mm_id): int(machine.mm_rss[slot]) for mm_id, slot in mms.items()},
            "P": self._tables_after(machine, mms, addresses),
            "C": {name: n for name, n in journal.costs(rows).items() if n},
        }
        if machine.mthp_stat.size:
            record["M"] = {str(order): list(stats.values()) for order, stats in size_stats(machine).items()}
        return record

    def _folios_after(
        self, machine: Machine, addresses: np.ndarray
    ) -> tuple[list[dict[str, Any]], list[int]]:
        """Return (new or changed folios by id, freed ids as [first, count, ...])."""
        pages = machine.pages_of(addresses)
        was, now = self._ids[pages], machine.folio_id[pages]
        self._ids[pages] = now
        gone = set(was[(was > 0) & (was != now)].tolist())
        changed = {}
        heads = machine.page_folio[pages]
        alive = {*heads[machine.folio_id[heads] > 0].tolist()}
        for entry in self._reader.records(np.array([*alive], int)):
            if self._folios.get(entry["id"]) != entry:
                changed[entry["id"]] = entry
        self._folios |= changed
        for folio_id in gone:
            self._folios.pop(folio_id, None)
        first, self._next_id = self._next_id, machine.next_folio_id.item(0)
        gone |= set(range(first, self._next_id)) - changed.keys()  # born and freed within the operation
        return [changed[folio_id] for folio_id in sorted(changed)], _freed(sorted(gone))

    def _tables_after(
        self, machine: Machine, mms: dict[int, int], addresses: np.ndarray
    ) -> dict[str, list[int]]:
        """Return the page tables of the processes in which they changed."""
        base = machine.base
        ptes = addresses[(addresses >= base[PTE]) & (addresses < base[PTE + 1])] - base[PTE]
        pmds = addresses[(addresses >= base[PMD]) & (addresses < base[PMD + 1])] - base[PMD]
        written, owners = set((ptes // PTRS_PER_PTE).tolist()), set((pmds // PTRS_PER_PTE).tolist())
        out = {}
        for mm_id, slot in mms.items():
            if slot in owners or mm_id not in self._tables:
                self._own[mm_id] = page_tables(machine, slot)[1].tolist()
            elif written.isdisjoint(self._own[mm_id]):
                continue
            table = table_record(machine, slot)
            if self._tables.get(mm_id) != table:
                self._tables[mm_id] = out[str(mm_id)] = table
        for mm_id in set(self._tables) - set(mms):
            del self._tables[mm_id], self._own[mm_id]
        return out


def _freed(ids: list[int]) -> list[int]:
    """Return ascending ids as [first, count, first, count, ...]."""
    return [number for first, last in ranges(ids) for number in (first, last - first + 1)]


def records(lab: Lab, operations: Iterable[Op]) -> list[dict[str, Any]]:
    """Run operations in a fresh lab and return their records; the run ends at a kernel bug."""
    recorder = Recorder(lab)
    found = []
    for op in operations:
        found.append(recorder.record(op))
        if "B" in found[-1]:
            break
    return found
