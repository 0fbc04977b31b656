"""What changed by each operation, in the form of the conformance vectors (docs/kernel/vectors.md)."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

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
from folioviz.machine.memory import BUG_NAMES, MAX_ORDER, NR_MTHP_STATS, Machine
from folioviz.machine.view import View
from folioviz.readout.changes import Changes, found, teller, told
from folioviz.readout.runs import ranges, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from folioviz.engine.compiled import Bound
    from folioviz.lab import Lab
    from folioviz.ops.op import Op

EINVAL = 22
OF_RECORD = [row for row in OF_FOLIO if row.record]
LISTED = {key for key, times in Counter(row.record for row in OF_RECORD).items() if times > 1}
"""Keys of a folio's record whose value is a list, of the fields that have this key."""
LEFT_OUT = {FIELDS[FOLIO_PINS].record}
"""Keys that are left out while their value is 0."""


def run_lengths(values: np.ndarray) -> list[int]:
    """Return [value, count, value, count, ...]; quickest where all values are one."""
    data = values.tobytes()
    if data and data == data[: values.itemsize] * values.size:
        return [values.item(0), values.size]
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


class Recorder:
    """Watch a lab and tell, after each operation, what changed.

    Folios whose fields were written are looked at again; everything else is known not to have changed.
    """

    def __init__(self, lab: Lab) -> None:
        """Start from the lab's machine, which must be empty."""
        self.lab = lab
        self._view: Any = View(lab.machine)
        self._reader = Folios(lab.machine)
        self._told: Bound | None = None
        self._forget()

    def _forget(self) -> None:
        """Know of nothing: the machine is empty."""
        self._folios: dict[int, dict[str, Any]] = {}
        self._next_id = self._view.next_folio_id[0]
        self._tables: dict[str, list[int]] = {}
        """What a process's page tables hold, by the process."""

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
        rows = lab.journal[step.start : step.end]
        if self._view.bug[0]:
            return {"r": step.result, "B": bugs_in_order(lab.machine, rows)}
        changes = self._changes(rows)
        folios, gone = self._folios_after(changes)
        record = {
            "r": step.result,
            "F": folios,
            "X": gone,
            "Q": changes.queued,
            "S": [*self._view.vmstat, *self._view.vm_event, *self._view.thp_underused_split_page],
            "R": changes.rss,
            "P": self._tables_after(changes),
            "C": changes.costs,
        }
        if lab.machine.mthp_stat.size:
            record["M"] = self._size_stats()
        return record

    def _changes(self, rows: np.ndarray) -> Changes:
        """Return what rows changed; a machine on which a patch has run may not be whole, and is read with care."""
        if self.lab.engine != "compiled" or self.lab.patches:
            return found(self.lab.machine, self._view, rows)
        self._told = self._told or teller().bind(self.lab.machine)
        return told(self._told, rows)

    def _size_stats(self) -> dict[str, list[int]]:
        """Return the statistics of each folio size that has any, by its order."""
        stats = self._view.mthp_stat.tolist()
        starts = range(0, len(stats), NR_MTHP_STATS)
        every = (stats[start : start + NR_MTHP_STATS] for start in starts)
        return {str(order): some for order, some in enumerate(every) if any(some)}

    def _folios_after(self, changes: Changes) -> tuple[list[dict[str, Any]], list[int]]:
        """Return (new or changed folios by id, freed ids as [first, count, ...])."""
        known = self._folios
        changed = {
            entry["id"]: entry
            for entry in self._reader.records(np.array([*changes.heads], int))
            if known.get(entry["id"]) != entry
        }
        known |= changed
        for folio_id in changes.gone:
            known.pop(folio_id, None)
        first, self._next_id = self._next_id, self._view.next_folio_id[0]
        born_and_freed = {*range(first, self._next_id)} - changed.keys()
        gone = {folio_id for folio_id in changes.gone if folio_id < first} | born_and_freed
        return [changed[folio_id] for folio_id in sorted(changed)], _freed(sorted(gone))

    def _tables_after(self, changes: Changes) -> dict[str, list[int]]:
        """Return the page tables of the processes in which they changed."""
        known = self._tables
        out = {mm: maps for mm, maps in changes.tables.items() if known.get(mm) != maps}
        known |= out
        for mm in known.keys() - changes.rss.keys():
            del known[mm]
        return out


def _freed(ids: list[int]) -> list[int]:
    """Return ascending ids as [first, count, first, count, ...]."""
    return [number for first, last in ranges(ids) for number in (first, last - first + 1)]


def records(lab: Lab, operations: Iterable[Op]) -> list[dict[str, Any]]:
    """Run operations in an empty lab and return their records; the run ends at a kernel bug."""
    return Recorder(lab).run(operations)
