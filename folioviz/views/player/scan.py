"""What of an operation's journal rows is worth a step and a line, found for all rows at once.

The lines are those of :func:`folioviz.readout.trace.lines`; a step is a line that writes or counts something. A zap of
32,768 pages has 760,000 rows: here they are sifted by numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal as j
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import FIELDS
from folioviz.readout import explain, trace

if TYPE_CHECKING:
    from folioviz.lab import Lab

BLOCK = 1024
"""Costs are summed once per so many rows, so that the costs up to any row are few rows away."""
KINDS = j.EXIT + 1
DULL = np.array([row.number in trace.BOOKKEEPING for row in FIELDS])
KEPT = 4
"""So many operations stay sifted."""


class Scan(NamedTuple):
    """One operation of one lab; all rows are row numbers of the journal.

    Attributes:
        start: its first row.
        end: the row after its last.
        steps: rows that are steps, int64.
        lines: rows that are lines of the trace, int64.
        depths: how deep each line is, int64.
        whys: decisions, int64 of shape (n, 4): row, reason, folio id, detail.
        sums: how often each kind is counted in the rows before each block, int64 of shape (blocks + 1, kinds).
    """

    start: int
    end: int
    steps: np.ndarray
    lines: np.ndarray
    depths: np.ndarray
    whys: np.ndarray
    sums: np.ndarray


def scan(lab: Lab, start: int, end: int) -> Scan:
    """Sift the rows ``[start, end)`` of one operation; O(rows)."""
    kind, address, _, times = rows = lab.journal[start:end].T.copy()
    call, plain = kind > j.WHY, kind == j.STORE
    hidden = np.array([name in trace.HIDDEN for name in lab.linked.names])
    quiet = call & hidden.take(address, mode="clip")
    way = (kind == j.ENTER).astype(np.int8) - (kind == j.EXIT)
    cpus = lab.cpus_of(start, end)
    inside = _summed(way * quiet, cpus) > 0
    dull = plain & (inside | DULL.take(lab.machine.fields_of(address), mode="clip"))
    way[quiet | inside] = 0
    enter = way > 0
    depth = _summed(way, cpus) - enter
    step = (kind < j.WHY) & ~dull
    shown = np.flatnonzero(step | enter | (kind == j.WHY))
    why = np.flatnonzero(kind == j.WHY)
    whys = np.column_stack([why + start, *rows[1:, why]]).astype(np.int64)
    sums = _sums(kind, np.where(address == j.NOWHERE, times, 1))
    return Scan(start, end, np.flatnonzero(step) + start, shown + start, depth[shown], whys, sums)


def _summed(changes: np.ndarray, cpus: np.ndarray) -> np.ndarray:
    """Return per row the sum of all changes up to it, of the CPU that it is of."""
    if not (cpus >= 0).any():
        return np.cumsum(changes, dtype=np.int32)
    found = np.empty(len(changes), np.int32)
    for cpu in np.unique(cpus):
        found[cpus == cpu] = np.cumsum(changes[cpus == cpu])
    return found


class Parts:
    """Per operation its :class:`Scan`. Only those asked for last are kept; the journal has what others are made of.

    Attributes:
        lab: whose operations.
        ends: per operation the row after its last.
    """

    def __init__(self, lab: Lab) -> None:
        """Begin with no operation."""
        self.lab = lab
        self.ends: list[int] = []
        self._kept: dict[int, Scan] = {}

    def __len__(self) -> int:
        """Return the number of operations."""
        return len(self.ends)

    def __getitem__(self, index: int) -> Scan:
        """Return the scan of an operation, counted from 0."""
        found = self._kept.pop(index, None)
        if found is None:
            found = scan(self.lab, self.ends[index - 1] if index else 0, self.ends[index])
        self._kept[index] = found
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return found

    def cut(self, count: int) -> None:
        """Forget all operations but the first ``count``."""
        del self.ends[count:]
        self._kept.clear()


def _sums(kind: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return how often each kind is counted before each block of rows; ``times`` is how often a row counts."""
    blocks = -(-len(kind) // BLOCK)
    counts = np.zeros((blocks + 1, KINDS), np.int64)
    place = np.arange(len(kind)) // BLOCK * KINDS + kind
    counts[1:] = np.bincount(place, minlength=blocks * KINDS).reshape(-1, KINDS)
    several = np.flatnonzero(times != 1)
    np.add.at(counts.reshape(-1), place[several] + KINDS, times[several] - 1)
    found: np.ndarray = counts.cumsum(axis=0)
    return found


def _named(counts: np.ndarray) -> dict[str, int]:
    """Return costs by name."""
    numbers = counts.tolist()
    return {name: numbers[row.kind] for name, row in COSTS.items()}


def costs(lab: Lab, part: Scan, row: int) -> dict[str, int]:
    """Return what an operation cost up to a row; O(1)."""
    block = (row - part.start) // BLOCK
    near = lab.costs(part.start + block * BLOCK, row)
    return {name: count + near[name] for name, count in _named(part.sums[block]).items()}


def total(part: Scan) -> dict[str, int]:
    """Return what the whole operation cost."""
    return _named(part.sums[-1])


def decision(lab: Lab, part: Scan, why: np.ndarray) -> explain.Decision:
    """Return a row of :attr:`Scan.whys` in words, with the function that decided."""
    return explain.decision(lab, why.tolist(), _caller(lab, part.start, int(why[0])))


def _caller(lab: Lab, start: int, row: int) -> str:
    """Return the function that made a decision, of those that a kernel has, looking back from its row."""
    left, mine = 0, lab.cpus_of(row, row + 1)
    for end in range(row, start, -BLOCK):
        first = max(start, end - BLOCK)
        for kind, number, _, _ in lab.journal[first:end][lab.cpus_of(first, end) == mine][::-1].tolist():
            if kind == j.EXIT:
                left += 1
            elif kind == j.ENTER:
                if left:
                    left -= 1
                elif explain.source_of(lab, name := str(lab.linked.names[number]))[0]:
                    return name
    return ""
