"""A track: one lab on the axis that it shares with the other kernel's lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.errors import FoliovizError
from folioviz.views.scan import Scan, decision, scan
from folioviz.views.snapshot import Snapshot

if TYPE_CHECKING:
    from folioviz.explain import Decision
    from folioviz.lab import Lab
    from folioviz.ops import Op


class Track:
    """One lab, and for each operation of the session what it was there.

    Attributes:
        side: "A" or "B".
        lab: the lab; its cursor is where the session's playhead is.
        parts: per operation its :class:`Scan`; of one that this kernel refused, an empty one.
        refused: per operation why this kernel refused it, or "".
        version: counts up whenever the history changes.
        snapshot: what the machine held when it was read last.
    """

    def __init__(self, side: str, lab: Lab) -> None:
        """Start with no operation."""
        self.side = side
        self.lab = lab
        self.parts: list[Scan] = []
        self.refused: list[str] = []
        self.version = 0
        self.snapshot = Snapshot()
        self._told: dict[int, Decision] = {}

    def end(self, count: int) -> int:
        """Return the row at which ``count`` operations are complete."""
        return self.parts[count - 1].end if count else 0

    def apply(self, op: Op) -> None:
        """Do one operation after those in ``parts``; take note if this kernel refuses it."""
        self.version += 1
        start = self.end(len(self.parts))
        self.lab.seek(start)
        why_not = ""
        try:
            self.lab.apply(op)
        except FoliovizError as error:
            why_not = str(error)
            if start < len(self.lab.journal):  # what was cut off must not come back as this track's future
                self.lab = self.lab.branch()
        self.parts.append(scan(self.lab, start, self.lab.cursor))
        self.refused.append(why_not)

    def cut(self, count: int) -> None:
        """Forget all operations but the first ``count``."""
        self.lab.seek(self.end(count))
        self.version += 1
        del self.parts[count:], self.refused[count:]
        self._told.clear()

    def row(self, index: int, step: int) -> int:
        """Return the row at step ``step`` (from 0) of an operation; past its last step, the row where it ends."""
        part = self.parts[index]
        if step == 0:
            return part.start
        return part.end if step >= part.steps.size else int(part.steps[step - 1]) + 1

    def decided(self, index: int, step: int) -> np.ndarray:
        """Return the decisions of an operation up to a step, int64 of shape (n, 4)."""
        part = self.parts[index]
        if step >= part.steps.size:
            return part.whys
        return part.whys[: int(np.searchsorted(part.whys[:, 0], int(part.steps[step])))]

    def told(self, index: int, why: np.ndarray) -> Decision:
        """Return a decision of an operation in words."""
        row = int(why[0])
        if row not in self._told:
            self._told[row] = decision(self.lab, self.parts[index], why)
        return self._told[row]

    def calls(self, index: int) -> np.ndarray:
        """Return the steps of an operation before which another kernel function was entered, int64."""
        part = self.parts[index]
        entered = np.setdiff1d(part.lines, np.append(part.steps, part.whys[:, 0]))
        number = np.searchsorted(entered, part.steps)
        return np.flatnonzero(np.diff(number)) + 1

    def step_of(self, index: int, row: int) -> int:
        """Return the step at which a row of an operation has just been done."""
        return int(np.searchsorted(self.parts[index].steps, row, side="right"))


class Axis:
    """The common axis: operation k takes as many positions as its longest track has steps, and at least one."""

    def __init__(self, tracks: list[Track], count: int) -> None:
        """Measure the first ``count`` operations of the tracks."""
        widths = [max(1, *(track.parts[k].steps.size for track in tracks)) for k in range(count)]
        self.begins: list[int] = [0, *np.cumsum(widths).tolist()]
        """Where each operation begins; the last is where all end."""

    @property
    def last(self) -> int:
        """Return the last position."""
        return self.begins[-1]

    def at(self, position: int) -> tuple[int, int]:
        """Return (operation, step) of a position; a position between two operations is the end of the first."""
        if position <= 0:
            return 0, 0
        index = int(np.searchsorted(self.begins, position)) - 1
        return index, position - self.begins[index]

    def complete(self, position: int) -> int:
        """Return how many operations are complete once the one under a position is."""
        return int(np.searchsorted(self.begins, position))
