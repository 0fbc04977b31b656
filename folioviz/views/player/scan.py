"""What of an operation's journal rows is worth a step and a line, found for all rows at once.

The lines are those of :func:`folioviz.readout.trace.lines`; a step is a line that writes or counts something. A zap of
32,768 pages has 760,000 rows: here they are sifted by numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal as j
from folioviz.machine.costs import COSTS
from folioviz.readout import explain, trace

if TYPE_CHECKING:
    from folioviz.lab import Lab

BLOCK = 1024
"""Costs are summed once per so many rows, so that the costs up to any row are few rows away."""
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
        sums: costs of the rows before each block, by name.
    """

    start: int
    end: int
    steps: np.ndarray
    lines: np.ndarray
    depths: np.ndarray
    whys: np.ndarray
    sums: list[dict[str, int]]


def scan(lab: Lab, start: int, end: int) -> Scan:
    """Sift the rows ``[start, end)`` of one operation; O(rows)."""
    rows = lab.journal[start:end]
    kind, address = rows[:, 0], rows[:, 1]
    entering, leaving = kind == j.ENTER, kind == j.EXIT
    numbers = [number for number, name in enumerate(lab.linked.names) if name in trace.HIDDEN]
    quiet = (entering | leaving) & np.isin(address, numbers)
    inside = np.cumsum(quiet & entering) - np.cumsum(quiet & leaving)
    field = lab.machine.fields_of(address)
    dull = (kind == j.STORE) & ((inside > 0) | np.isin(field, list(trace.BOOKKEEPING)))
    step = (kind < j.WHY) & ~dull
    enter = entering & (inside == 0)
    leave = leaving & (inside == 0) & ~quiet
    depth = np.cumsum(enter) - np.cumsum(leave) - enter
    line = step | enter | (kind == j.WHY)
    why = np.flatnonzero(kind == j.WHY)
    shown = np.flatnonzero(line)
    whys = np.column_stack([why + start, rows[why, 1:]]).astype(np.int64)
    return Scan(start, end, np.flatnonzero(step) + start, shown + start, depth[shown], whys, _sums(rows))


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


def _sums(rows: np.ndarray) -> list[dict[str, int]]:
    """Return the costs before each block of rows."""
    sums = [dict.fromkeys(COSTS, 0)]
    for block in range(0, len(rows), BLOCK):
        sums.append(added(sums[-1], j.costs(rows[block : block + BLOCK])))
    return sums


def added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    """Return the sum of two costs."""
    return {name: count + other[name] for name, count in one.items()}


def costs(lab: Lab, part: Scan, row: int) -> dict[str, int]:
    """Return what an operation cost up to a row; O(1)."""
    block = (row - part.start) // BLOCK
    return added(part.sums[block], lab.costs(part.start + block * BLOCK, row))


def total(part: Scan) -> dict[str, int]:
    """Return what the whole operation cost."""
    return part.sums[-1]


def decision(lab: Lab, part: Scan, why: np.ndarray) -> explain.Decision:
    """Return a row of :attr:`Scan.whys` in words, with the function that decided."""
    return explain.decision(lab, why.tolist(), _caller(lab, part.start, int(why[0])))


def _caller(lab: Lab, start: int, row: int) -> str:
    """Return the function that made a decision, of those that a kernel has, looking back from its row."""
    left = 0
    for end in range(row, start, -BLOCK):
        for kind, number, _, _ in lab.journal[max(start, end - BLOCK) : end][::-1].tolist():
            if kind == j.EXIT:
                left += 1
            elif kind == j.ENTER:
                if left:
                    left -= 1
                elif explain.source_of(lab, name := str(lab.linked.names[number]))[0]:
                    return name
    return ""
