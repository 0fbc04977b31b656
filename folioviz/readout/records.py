"""Records in the form of the conformance vectors (SPEC.md section 13): what changed by each operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from folioviz.errors import OperationError
from folioviz.machine import journal
from folioviz.machine.fields import BUG, FOLIO_ID, PMD, PTE, PTE_TABLE_NEXT
from folioviz.machine.memory import BUG_NAMES, PTRS_PER_PTE, Machine
from folioviz.ops.walk import live_mms, queue
from folioviz.readout.counters import size_stats
from folioviz.readout.state import mappings, zero_ptes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.lab import Lab
    from folioviz.ops.ops import Op

EINVAL = 22
OWNERS = (
    "folio_mm_id_0",
    "folio_mm_id_mapcount_0",
    "folio_mm_id_1",
    "folio_mm_id_mapcount_1",
    "folio_mm_ids_shared",
)
"""What ``ids`` lists: two owners with their mappings - 1, and whether anybody else may map the folio."""


def run_lengths(values: np.ndarray) -> list[int]:
    """Return [value, count, value, count, ...]."""
    starts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
    counts = np.diff(starts, append=values.size)
    return [int(x) for pair in zip(values[starts], counts, strict=True) for x in pair]


def folio_record(machine: Machine, folio: int) -> dict[str, Any]:
    """Return one live folio as the vectors spell it; ``folio`` is its head page."""
    order = int(machine.folio_order[folio])
    pages = slice(folio, folio + (1 << order))
    out: dict[str, Any] = {
        "id": int(machine.folio_id[folio]),
        "o": order,
        "rc": int(machine.folio_refcount[folio]),
    }
    if order:
        out["em"] = int(machine.folio_entire_mapcount[folio])
        if "folio_nr_pages_mapped" not in machine.drops:
            out["nm"] = int(machine.folio_nr_pages_mapped[folio])
        if machine.folio_large_mapcount.size:
            out["lm"] = int(machine.folio_large_mapcount[folio])
        if machine.folio_partially_mapped.size and order > 1:
            out["pm"] = int(machine.folio_partially_mapped[folio])
        if machine.folio_mm_id_0.size:
            out["ids"] = [int(getattr(machine, name)[folio]) for name in OWNERS]
    if machine.folio_pins[folio]:
        out["pin"] = int(machine.folio_pins[folio])
    out["mc"] = run_lengths(machine.page_mapcount[pages])
    out["ae"] = run_lengths(machine.page_anon_exclusive[pages])
    return out


def bugs_in_order(machine: Machine, rows: np.ndarray) -> list[str]:
    """Return the names of the bugs that fired within rows, first first."""
    fired = rows[(rows[:, 1] == machine.base[BUG]) & (rows[:, 0] == journal.STORE)]
    return [BUG_NAMES[new & ~old] for old, new in fired[:, 2:].tolist()]


def table_record(machine: Machine, mm: int) -> list[int]:
    """Return a process's page tables as flat (vpn, folio, page, count, writable) runs."""
    zero = zero_ptes(machine, mm)
    rows = mappings(machine, mm)
    rows = np.insert(
        rows, np.searchsorted(rows[:, 0], zero), np.stack([zero, *[0 * zero - 1] * 4], axis=1), axis=0
    )
    if not rows.size:
        return []
    vpn, page, writable, huge, _ = np.maximum(rows, 0).T
    nothing = rows[:, 1] < 0
    head = machine.page_folio[page].astype(np.int64)
    ids = np.where(nothing, 0, machine.folio_id[head].astype(np.int64))
    small = (machine.folio_order[head] == 0) & ~nothing
    offset = np.where(nothing, vpn, np.where(small, 0, page - head))
    # Within a run, address and what is mapped advance together and everything else stays.
    advance = np.where(small, ids, offset) - vpn
    key = np.stack([advance, small, nothing, np.where(small, 0, ids), writable, huge * (vpn + 1)])
    breaks = np.any(np.diff(key, axis=1), axis=0) | (np.diff(vpn) != 1)
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
    counts = np.diff(starts, append=len(vpn))
    out: list[int] = []
    for start, n in zip(starts.tolist(), counts.tolist(), strict=True):
        if huge[start]:
            place, n = -1, PTRS_PER_PTE
        elif nothing[start]:
            place = -3
        elif small[start]:
            place = -2 if n > 1 else 0
        else:
            place = int(offset[start])
        out += [int(vpn[start]), int(ids[start]), place, n, int(writable[start])]
    return out


class Recorder:
    """Watch a lab and tell, after each operation, what changed.

    Folios whose fields were written are looked at again; everything else is known not to have changed.
    """

    def __init__(self, lab: Lab) -> None:
        """Start from the lab's machine, which must be empty."""
        self.lab = lab
        self._folios: dict[int, dict[str, Any]] = {}
        self._ids: dict[int, int] = {}
        self._tables: dict[int, list[int]] = {}

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
        changed, gone = self._folios_after(machine, rows)
        addresses = rows[(rows[:, 0] < journal.WHY) & (rows[:, 1] >= 0), 1]
        mms = {int(machine.mm_id[slot]): slot for slot in live_mms(machine)}
        record = {
            "r": step.result,
            "F": changed,
            "X": gone,
            "Q": [int(machine.folio_id[head]) for head in queue(machine)],
            "S": [
                int(value)
                for value in (*machine.vmstat, *machine.vm_event, *machine.thp_underused_split_page)
            ],
            "R": {str(mm_id): int(machine.mm_rss[slot]) for mm_id, slot in mms.items()},
            "P": self._tables_after(machine, mms, addresses),
            "C": {name: n for name, n in journal.costs(rows).items() if n},
        }
        if machine.mthp_stat.size:
            record["M"] = {str(order): list(stats.values()) for order, stats in size_stats(machine).items()}
        return record

    def _folios_after(self, machine: Machine, rows: np.ndarray) -> tuple[list[dict[str, Any]], list[int]]:
        """Return (new or changed folios by id, freed ids as [first, count, ...])."""
        writes = rows[(rows[:, 0] < journal.WHY) & (rows[:, 1] >= 0), 1]
        pages = machine.pages_of(writes)
        changed, gone = {}, set()
        for head in np.unique(machine.page_folio[pages]).tolist():
            if machine.folio_id[head]:
                entry = folio_record(machine, head)
                if self._folios.get(entry["id"]) != entry:
                    changed[entry["id"]] = entry
        for page in pages.tolist():
            now, was = int(machine.folio_id[page]), self._ids.get(page, 0)
            if was and now != was:
                gone.add(was)
            if now:
                self._ids[page] = now
            else:
                self._ids.pop(page, None)
        created = {entry for entry in changed if entry not in self._folios}
        self._folios |= changed
        for folio_id in gone:
            self._folios.pop(folio_id, None)
        gone |= self._born_and_gone(rows, machine, created)
        return [changed[folio_id] for folio_id in sorted(changed)], _spans(sorted(gone))

    def _born_and_gone(self, rows: np.ndarray, machine: Machine, created: set[int]) -> set[int]:
        """Return ids that were given and freed within one operation."""
        base = machine.base[FOLIO_ID]
        ids = rows[
            (rows[:, 1] >= base) & (rows[:, 1] < base + machine.sizes.pages) & (rows[:, 0] == journal.STORE),
            3,
        ]
        return {i for i in ids.tolist() if i and i not in created and i not in self._folios}

    def _tables_after(
        self, machine: Machine, mms: dict[int, int], addresses: np.ndarray
    ) -> dict[str, list[int]]:
        """Return the page tables of the processes in which they changed."""
        base = machine.base
        touched = np.any((addresses >= base[PTE]) & (addresses < base[PTE_TABLE_NEXT]))
        touched |= np.any((addresses >= base[PMD]) & (addresses < base[PMD + 1]))
        touched |= bool(set(mms) - set(self._tables))
        out = {}
        if touched:
            for mm_id, slot in mms.items():
                table = table_record(machine, slot)
                if self._tables.get(mm_id) != table:
                    self._tables[mm_id] = table
                    out[str(mm_id)] = table
        for mm_id in set(self._tables) - set(mms):
            del self._tables[mm_id]
        return out


def _spans(ids: list[int]) -> list[int]:
    """Return ascending integers as [first, count, first, count, ...]."""
    out: list[int] = []
    for value in ids:
        if out and out[-2] + out[-1] == value:
            out[-1] += 1
        else:
            out += [value, 1]
    return out


def records(lab: Lab, operations: Iterable[Op]) -> list[dict[str, Any]]:
    """Run operations in a fresh lab and return their records; the run ends at a kernel bug."""
    recorder = Recorder(lab)
    found = []
    for op in operations:
        found.append(recorder.record(op))
        if "B" in found[-1]:
            break
    return found
