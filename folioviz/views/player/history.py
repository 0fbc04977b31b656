"""The history: operations under one kernel or two, the axis that they share, and the playhead on it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from folioviz import kernels
from folioviz.errors import KernelError, LimitError, OperationError
from folioviz.lab import Lab
from folioviz.machine import journal
from folioviz.views.player.axis import Axis
from folioviz.views.player.progress import pace
from folioviz.views.player.track import Track

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op
    from folioviz.race.document import RaceDocument

MAX_OPERATIONS = 2_000
MAX_ROWS = 4_000_000
"""Journal rows of one kernel: a visitor cannot fill the memory."""


class History:
    """What was done, and where the playhead is.

    Attributes:
        mmu_gather: the gather mode.
        ops: the operations, in order.
        refused_by: per operation the sides that refused it.
        failed_by: per operation the sides under which its call ended with an error.
        tracks: per kernel what they were there.
        axis: the positions that they take.
        by_progress: whether positions go by progress (:mod:`folioviz.views.player.progress`), or by step.
        position: the playhead; every lab stands where it is.
        dropped: what acting in the past cut off: how many operations came before it, and the operations.
        race: the race of which a schedule is the last operation, which is looked at only; None if there is none.
    """

    def __init__(self) -> None:
        """Begin with nothing: :meth:`run` comes first."""
        self.mmu_gather = "batched"
        self.ops: list[Op] = []
        self.refused_by: list[str] = []
        self.failed_by: list[str] = []
        self.tracks: list[Track] = []
        self.axis = Axis()
        self.by_progress = False
        self.position = 0
        self.dropped: tuple[int, list[Op]] | None = None
        self.race: RaceDocument | None = None

    @property
    def kernels(self) -> tuple[str, ...]:
        """Return the keys of the kernels."""
        return tuple(track.lab.kernel.key for track in self.tracks)

    @property
    def machines(self) -> list[Machine]:
        """Return the machine of each kernel."""
        return [track.lab.machine for track in self.tracks]

    @property
    def done(self) -> int:
        """Return how many operations are complete once the one under the playhead is."""
        return self.axis.complete(self.position)

    @property
    def at(self) -> tuple[int, int]:
        """Return (operation, offset in it) of the playhead; operation -1 when there is none."""
        return self.axis.at(self.position) if self.ops else (-1, 0)

    @property
    def plain(self) -> int:
        """Return where the playhead is by step, as links and files say it: at A's step, or at B's once A is done."""
        index, offset = self.at
        if index < 0 or not self.by_progress:
            return self.position
        steps = [self.axis.step(track, index, offset) for track in self.tracks]
        done = steps[0] == self.tracks[0].parts[index].steps.size
        begin, end = self.axis.plain[index : index + 2]
        return (
            end if self.position == self.axis.begins[index + 1] else begin + max(steps if done else steps[:1])
        )

    def run(self, pair: Sequence[str], mmu_gather: str, ops: Sequence[Op]) -> None:
        """Do operations under other kernels; the playhead is at the start.

        Raises:
            KernelError: for an unknown kernel or mode; nothing changes.
            LimitError: for too many operations; nothing changes.
        """
        if not pair:
            raise KernelError("kernel A cannot be none: choose one of the list")
        if len(ops) > MAX_OPERATIONS:
            raise LimitError.of("the number of operations", len(ops), f"at most {MAX_OPERATIONS}")
        for key in pair:
            kernels.link(key, mmu_gather)
        tracks = [Track(side, Lab(key, mmu_gather)) for side, key in zip("AB", pair, strict=False)]
        self.tracks, self.mmu_gather, self.ops, self.race = tracks, mmu_gather, [], None
        self.extend(0, list(ops))
        self.go(0)

    def play(self, race: RaceDocument) -> None:
        """Take the setup of a race and its schedule as the operations; the playhead is at the start.

        Raises:
            FoliovizError: if that cannot be; nothing changes.
        """
        lab = race.race().play(race.schedule)
        self.tracks, self.mmu_gather, self.race = [Track.holding("A", lab)], race.mmu_gather, race
        self.ops = [one.op for one in lab.applied]
        self.refused_by = ["" for _ in self.ops]
        self.failed_by = [*self.refused_by[1:], "A" if lab.violation else ""]
        self.axis.cut(0)
        for _ in self.ops:
            self.axis.add(self.tracks)
        self.go(0)

    def run_again(self, pair: Sequence[str], mmu_gather: str) -> None:
        """Do the same operations under other kernels, and stay at the same place.

        Raises:
            KernelError: for an unknown kernel or mode; nothing changes.
        """
        if (race := self.race) and len(pair) > 1:
            raise KernelError("a schedule is one kernel's: B stays none")
        with self._staying():
            if race:
                self.play(replace(race, kernel=pair[0], mmu_gather=mmu_gather))
            else:
                self.run(pair, mmu_gather, self.ops)

    def align(self, *, by_progress: bool) -> None:
        """Walk through operations by progress, or by step, and stay where A is."""
        with self._staying():
            self.by_progress = by_progress
            self.axis.cut(0)
            for index in range(len(self.ops)):
                self._measure(index)

    @contextmanager
    def _staying(self) -> Iterator[None]:
        """Keep the playhead at the same step of A, or at the end of its operation, while the axis changes."""
        index, offset = self.at
        step = self.axis.step(self.tracks[0], index, offset) if self.ops else 0
        at_end = bool(self.ops) and self.position == self.axis.begins[index + 1]
        yield
        if self.ops:
            begin, end = self.axis.begins[index : index + 2]
            first = self.axis.first(self.tracks[0], index, step) if step else begin
            self.go(end if at_end else min(first, end))

    def go(self, position: int) -> None:
        """Bring the playhead and every lab to a position; beyond an end is that end."""
        self.position = min(max(position, 0), self.axis.last)
        index, offset = self.at
        for track in self.tracks:
            track.lab.seek(track.row(index, self.axis.step(track, index, offset)) if self.ops else 0)

    def position_of(self, side: str, row: int) -> int | None:
        """Return the position at which a row of a side's journal has just been done; None if there is none."""
        track = next((track for track in self.tracks if track.side == side), None)
        if track is None or not self.ops or not 0 <= row < len(track.lab.journal):
            return None
        index = min(track.op_at(row), len(self.ops) - 1)
        return self.axis.first(track, index, track.step_of(index, row))

    def reasons(self, ops: Sequence[Op]) -> list[list[str]]:
        """Return, per operation and track, why it could not be done after the one under the playhead, or ""."""
        keep, found = self.done, list[list[str]]([] for _ in ops)
        for track in self.tracks:
            back = track.lab.cursor
            track.lab.seek(track.end(keep))
            for place, op in enumerate(ops):
                found[place].append(track.named(track.lab.refusal(op) or ""))
            track.lab.seek(back)
        return found

    def refused(self, op: Op) -> str | None:
        """Return why no kernel would do an operation now, or None if one does."""
        reasons = self.reasons([op])[0]
        return self.in_words(reasons) if all(reasons) else None

    def in_words(self, reasons: Sequence[str]) -> str:
        """Return who refuses an operation and why, "" if nobody does; one reason of all is said once, without names."""
        if all(reasons) and len(set(reasons)) == 1:
            return reasons[0]
        return "; ".join(
            f"{track.side} refuses this, and nothing changes there: {reason}"
            for track, reason in zip(self.tracks, reasons, strict=True)
            if reason
        )

    def refused_now(self) -> str:
        """Return which side refused the last operation, and why; "" if none did."""
        return self.in_words([track.refused[-1] for track in self.tracks]) if self.ops else ""

    def call(self, by: int, side: str) -> int:
        """Return the position at which the next (1) or previous (-1) kernel function of a side begins to write."""
        track = next((track for track in self.tracks if track.side == side), self.tracks[0])
        now, begins = self.position, self.axis.begins
        index = self.at[0]
        if by > 0 and self.ops and now == begins[index + 1]:
            index += 1
        while 0 <= index < len(self.ops):
            ends = begins[index : index + 2]
            places = np.append(
                np.minimum(self.axis.position(track, index, track.calls(index)), ends[1]), ends
            )
            places = places[places > now] if by > 0 else places[places < now]
            if places.size:
                return int(places.min() if by > 0 else places.max())
            index += by
        return 0 if by < 0 else self.axis.last

    def act(self, op: Op) -> list[Op]:
        """Do an operation after the one under the playhead, and return those that this drops.

        Raises:
            OperationError: if no kernel would do it; nothing changes.
            LimitError: if the history has grown too long; nothing changes.
        """
        keep = self.done
        if keep >= MAX_OPERATIONS or any(len(track.lab.journal) > MAX_ROWS for track in self.tracks):
            raise LimitError.of("the history", keep, f"under {MAX_OPERATIONS} operations and {MAX_ROWS} rows")
        reasons = self.reasons([op])[0]
        if all(reasons):
            raise OperationError(self.in_words(reasons))
        later = self.ops[keep:]
        self.extend(keep, [op])
        self.go(self.axis.last)
        if later:
            self.dropped = (keep, later)
        return later

    def restore(self) -> None:
        """Swap what acting in the past dropped with what came instead.

        Raises:
            OperationError: if nothing was dropped; nothing changes.
        """
        if self.dropped is None:
            raise OperationError("nothing was dropped: there is nothing to bring back")
        keep, later = self.dropped
        now = self.ops[keep:]
        self.extend(keep, later)
        self.go(self.axis.last)
        self.dropped = (keep, now) if now else None

    def extend(self, keep: int, ops: list[Op]) -> None:
        """Keep the first operations and do others after them."""
        for track in self.tracks:
            track.cut(keep)
        self.axis.cut(keep)
        del self.ops[keep:], self.refused_by[keep:], self.failed_by[keep:]
        for op in ops:
            for track in self.tracks:
                track.apply(op)
            self._measure(len(self.ops))
            self.ops.append(op)
            self.refused_by.append("".join(track.side for track in self.tracks if track.refused[-1]))
            self.failed_by.append("".join(track.side for track in self.tracks if track.failed[-1]))

    def _measure(self, index: int) -> None:
        """Put an operation on the axis after those there."""
        if self.by_progress:
            for track in self.tracks:
                track.lab.seek(track.end(index + 1))
        self.axis.add(self.tracks, pace(self.tracks, index) if self.by_progress else None)

    def sight(self, index: int) -> tuple[int, int] | None:
        """Return (position, folio) of what is worth seeing in an operation: a bug, or a queueing; folio 0 for any.

        A queueing that every kernel does is seen where all are done: before, one of them seems to do without it.
        """
        queueings = []
        for track in self.tracks:
            bug, whys = track.bug(index), track.parts[index].whys
            seen = whys[whys[:, 1] == journal.QUEUED]
            if bug is not None:
                freed = whys[whys[:, 1] == journal.FREED_MAPPED]
                return self.axis.first(track, index, track.after(index, bug)), int(
                    freed[0, 2]
                ) if freed.size else 0
            queueings += [
                (self.axis.first(track, index, track.step_of(index, int(row))), int(folio))
                for row, _, folio, _ in seen[:1]
            ]
        if not queueings:
            return None
        position, folio = queueings[0]
        return self.axis.begins[index + 1] if len(queueings) == len(self.tracks) > 1 else position, folio
