"""A track: one lab on the axis that it shares with the other kernel's lab."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from folioviz.compare.sentence import account, on_the_queue, together
from folioviz.errors import FoliovizError
from folioviz.machine import journal
from folioviz.machine.fields import BUG
from folioviz.readout.explain import failure
from folioviz.views.player.asking import Asking
from folioviz.views.player.scan import Parts, decision
from folioviz.views.player.snapshot import Snapshot

if TYPE_CHECKING:
    from folioviz.compare.sentence import Account
    from folioviz.lab import Lab
    from folioviz.ops.op import Op
    from folioviz.race.history import History as Played
    from folioviz.readout.explain import Decision


UNDONE = "the schedule ends before all CPUs are done"


class Track:
    """One lab, and for each operation of the session what it was there.

    Attributes:
        side: "A" or "B".
        lab: the lab; its cursor is where the session's playhead is.
        parts: per operation its :class:`~folioviz.views.player.scan.Scan`; an empty one if this kernel refused it.
        refused: per operation why this kernel refused it, or "".
        failed: per operation why its call ended with an error under this kernel, or "".
        accounts: per operation what it came to.
        law: which law a schedule of several CPUs breaks, or that it ends too early; "" if neither.
        next_ids: per operation the id that the next folio gets after it.
        version: counts up whenever the history changes.
        snapshot: what the machine held when it was read last.
        asking: what the kernel would do now.
    """

    def __init__(self, side: str, lab: Lab) -> None:
        """Start with no operation."""
        self.side = side
        self.lab = lab
        self.parts = Parts(lab)
        self.refused: list[str] = []
        self.failed: list[str] = []
        self.accounts: list[Account] = []
        self.law = ""
        self.next_ids: list[int] = []
        self.version = 0
        self.snapshot = Snapshot()
        self.asking = Asking(lab)
        self._told: tuple[int, dict[int, Decision]] = (-1, {})
        self._total: tuple[int, tuple[Account, ...]] = (0, ())

    @classmethod
    def holding(cls, side: str, lab: Played) -> Track:
        """Return the track of a lab that has done all of its operations already: a schedule, what leads to it first."""
        track = cls(side, lab)
        for one in lab.applied:
            lab.seek(one.start)
            before = on_the_queue(lab)
            lab.seek(one.end)
            failed = failure(lab.journal[one.start : one.end]) if one.result < 0 else ""
            track._took(one.start, before, "", failed)
        track.law = lab.violation or ("" if lab.over else UNDONE)
        return track

    def named(self, reason: str) -> str:
        """Return a refusal that calls the kernel by its name: the lab calls it by its key."""
        key, label = self.lab.kernel.key, self.lab.kernel.label
        return re.sub(rf"(?<![\w.+-]){re.escape(key)}(?![\w+-]|\.\w)", lambda _: label, reason)

    def so_far(self, index: int) -> Account:
        """Return what all operations up to one came to; O(those after the last that was asked for), or O(all)."""
        count, total = self._total if self._total[0] <= index + 1 else (0, ())
        found = together((*total, *self.accounts[count : index + 1]))
        self._total = index + 1, (found,)
        return found

    def end(self, count: int) -> int:
        """Return the row at which ``count`` operations are complete."""
        return self.parts.ends[count - 1] if count else 0

    def op_at(self, row: int) -> int:
        """Return the operation that a row of the journal belongs to."""
        return bisect_right(self.parts.ends, row)

    def apply(self, op: Op) -> None:
        """Do one operation after those in ``parts``; take note if this kernel refuses it."""
        self._changes()
        start = self.end(len(self.parts))
        self.lab.seek(start)
        before = on_the_queue(self.lab)
        why_not = failed = ""
        try:
            done = self.lab.apply(op)
            failed = failure(self.lab.rows(-1)) if done.result < 0 else ""
        except FoliovizError as error:
            why_not = self.named(str(error))
        self._took(start, before, why_not, failed)

    def _took(self, start: int, before: list[int], why_not: str, failed: str) -> None:
        """Take note of an operation that ends where the lab stands; ``before`` was on the queue."""
        queues, rows = (before, on_the_queue(self.lab)), (start, self.lab.cursor)
        self.accounts.append(account(self.lab, self.side, *rows, why_not, failed, queues))
        self.parts.ends.append(self.lab.cursor)
        self.refused.append(why_not)
        self.failed.append(failed)
        self.next_ids.append(int(self.lab.machine.next_folio_id[0]))

    def cut(self, count: int) -> None:
        """Forget all operations but the first ``count``."""
        self.lab.seek(self.end(count))
        self.lab.cut()
        self._changes()
        self.parts.cut(count)
        del self.refused[count:], self.failed[count:], self.accounts[count:], self.next_ids[count:]
        self._told = (-1, {})
        if self._total[0] > count:
            self._total = (0, ())

    def _changes(self) -> None:
        """Take note that the history changes."""
        self.version += 1
        self.asking.forget()

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
        """Return a decision of an operation in words; those of one operation are kept."""
        if self._told[0] != index:
            self._told = (index, {})
        row, told = int(why[0]), self._told[1]
        if row not in told:
            told[row] = decision(self.lab, self.parts[index], why)
        return told[row]

    def after(self, index: int, row: int) -> int:
        """Return the first step at which a row of an operation, perhaps one that no line shows, has been done."""
        steps = self.parts[index].steps
        return min(int(np.searchsorted(steps, row)) + 1, steps.size)

    def bug(self, index: int) -> int | None:
        """Return the row of an operation at which a kernel bug first fires, or None."""
        rows = self.lab.journal[self.end(index) : self.end(index + 1)]
        hits = np.flatnonzero((rows[:, 0] == journal.STORE) & (rows[:, 1] == self.lab.machine.base[BUG]))
        return self.end(index) + int(hits[0]) if hits.size else None

    def calls(self, index: int) -> np.ndarray:
        """Return the steps of an operation before which another kernel function was entered, int64."""
        part = self.parts[index]
        entered = np.setdiff1d(part.lines, np.append(part.steps, part.whys[:, 0]))
        number = np.searchsorted(entered, part.steps)
        return np.flatnonzero(np.diff(number)) + 1

    def step_of(self, index: int, row: int) -> int:
        """Return the step at which a row of an operation has just been done."""
        return int(np.searchsorted(self.parts[index].steps, row, side="right"))
