"""A lab: one kernel, one machine and its history."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from contextlib import suppress
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from folioviz import kernels, rehearsal
from folioviz.engine.choice import Choice
from folioviz.engine.compiled import OutOfRoomError, OutsideError
from folioviz.engine.operations import REFUSED
from folioviz.errors import KernelError, LimitError, OperationError
from folioviz.machine import journal
from folioviz.machine.fields import BUG
from folioviz.machine.memory import Machine, Sizes
from folioviz.machine.view import View
from folioviz.ops.ops import WORDS
from folioviz.ops.refusal import lacking, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import FunctionType, ModuleType

    from folioviz.engine.compiled import Bound
    from folioviz.engine.module import Keeps
    from folioviz.kernels.kernel import Kernel
    from folioviz.link import Linked
    from folioviz.ops.op import Op
    from folioviz.rehearsal import Rehearsal

MAX_OPERATIONS = 20_000
MAX_ROWS = 40_000_000
"""Rows of one history (one or two bytes each, :mod:`folioviz.machine.journal`)."""


class Applied(NamedTuple):
    """An operation that was applied: what, its rows ``[start, end)`` in the journal, and what the kernel returned."""

    op: Op
    start: int
    end: int
    result: int


_end = attrgetter("end")


class Lab:
    """Apply operations to one kernel's machine, and travel through what they did.

    ``cursor`` is a number of journal rows: the machine is always exactly as it was after so many rows. Acting
    in the past finishes the operation under the cursor and cuts the rest off.
    """

    def __init__(
        self,
        kernel: str = "v6.5-rc3",
        mmu_gather: str = "batched",
        patches: Iterable[FunctionType | ModuleType] = (),
        sizes: Sizes | None = None,
        *,
        calls: bool = True,
        engine: str = "auto",
    ) -> None:
        """Boot a machine under a kernel.

        Args:
            kernel: a key of :data:`folioviz.kernels.KERNELS` or its alias.
            mmu_gather: "batched", or "none" as on s390.
            patches: your own functions, named as the kernel functions that they replace.
            sizes: how large a machine.
            calls: whether calls of kernel functions are journaled; without them there is no trace.
            engine: "python", "compiled", or "auto": Python at once, and machine code when it pays. All do the same.

        Raises:
            KernelError: if there is no such kernel, mode or engine, or the compiled one cannot be had.
        """
        self.kernel = kernels.find(kernel)
        self.mmu_gather = mmu_gather
        self.patches = tuple(patches)
        self.linked = kernels.link(kernel, mmu_gather, *self.patches)
        self.machine = Machine(sizes, kernels.keeps(self.kernel), kernels.drops(self.kernel))
        self.journal = journal.Journal()
        self.applied: list[Applied] = []
        self.cursor = 0
        self._view = View(self.machine)
        self._functions = rehearsal.functions(self.linked) if calls else self.linked.untraced
        kept: Keeps = "calls" if calls else "writes"
        self._choice = Choice(engine, self.linked, self.machine, kept, patched=bool(self.patches))

    def apply(self, op: Op) -> Applied:
        """Do one operation at the cursor and return what came of it.

        Raises:
            OperationError: if it cannot be done; nothing changes.
            LimitError: if the history has grown too long; nothing changes.
        """
        if len(self.applied) >= MAX_OPERATIONS or len(self.journal) >= MAX_ROWS:
            raise LimitError.of(
                "the history's length",
                len(self.applied),
                f"under {MAX_OPERATIONS} operations and {MAX_ROWS} rows",
            )
        before = self.cursor
        if before < len(self.journal):
            self.seek(self.boundary(before))
        start = self.cursor
        try:
            rows, result = self._do(op)
        except (
            BaseException
        ):  # refused, interrupted, or a reader's own patch failed: as if nothing had been asked
            rehearsal.take_back(self.machine, self._view)
            self.seek(before)
            raise
        if start < len(self.journal):
            self.cut()
        self.journal.extend(rows)
        self.cursor = len(self.journal)
        applied = Applied(op, start, self.cursor, result)
        self.applied.append(applied)
        return applied

    @property
    def engine(self) -> str:
        """What ran the last operation, "python" or "compiled"."""
        return self._choice.ran

    def _do(self, op: Op) -> tuple[np.ndarray, int]:
        """Do an operation; return its rows, int32 of shape (n, 4), and what the kernel returned.

        Raises:
            OperationError: if it cannot be done.
        """
        kernel = self.kernel
        if not self._choice.loaded or lacking(op, kernel.key, kernel.orders, self._functions):
            self._check(op)
        native = self._choice.pick(op) if op.word in WORDS else None  # what is compiled has a word
        if native is not None:
            with suppress(OutsideError):  # plain Python says what is wrong with the patch
                result = self._compiled(native, op)
                if result != REFUSED:
                    return native.rows, result
            self._check(op)
        result = self._functions[op.call](self._view, *op.arguments(self.machine))
        rows = np.array(self._view.rows, np.int32).reshape(-1, 4)
        self._view.rows.clear()
        self._choice.spent(len(rows))
        return rows, int(result or 0)

    def _check(self, op: Op) -> None:
        """Raise an OperationError that says why an operation cannot be done, if it cannot."""
        why_not = self.refusal(op)
        if why_not is not None:
            raise OperationError(why_not)

    def _compiled(self, native: Bound, op: Op) -> int:
        """Do as :meth:`Bound.does` says; an operation that leaves very many rows is done again with room for them."""
        try:
            return native.does(op)
        except OutOfRoomError as error:
            self.machine.boot()
            journal.redo(self.machine.mem, self.journal[: self.cursor])
            if error.rows > MAX_ROWS:
                raise LimitError.of(f"the rows of {op.short()}", error.rows, f"at most {MAX_ROWS}") from None
            return native.does(op, error.rows)

    def refusal(self, op: Op) -> str | None:
        """Return why an operation cannot be done at the cursor, in one sentence, or None if it can."""
        return self._refusal(op, self.kernel, self._functions)

    def _refusal(self, op: Op, kernel: Kernel, functions: Mapping[str, Any]) -> str | None:
        """Return why an operation cannot be done at the cursor by a kernel that has these functions."""
        return lacking(op, kernel.key, kernel.orders, functions) or refusal(self.machine, op)

    def rehearse(
        self, op: Op, kernel: str = "", without: Iterable[str] = (), until: Iterable[int] = ()
    ) -> Rehearsal:
        """Return what an operation would do at the cursor; machine, journal, cursor and operations stay as they are.

        In the middle of an operation, the question is asked of the machine as it is there, as by another CPU: what
        the operation under way holds or has half undone counts, but the mmu_gather and the shrinker's private list
        are the rehearsal's own, and list_add() or list_del() is finished first, under its lock.

        Args:
            op: the operation.
            kernel: another kernel that would do it instead, on the same machine; by default this lab's own.
            without: kernel functions that are left out, as if they did nothing and returned 0: what only carries a
                decision out takes long, like the split of a folio.
            until: reasons of decisions (:mod:`folioviz.machine.journal`): the first of them ends the rehearsal.

        Raises:
            KernelError: if there is no such kernel, or it keeps other fields than this machine has.
        """
        found, linked = self._other(kernel) if kernel else (self.kernel, self.linked)
        named = rehearsal.functions(linked, frozenset(without), frozenset(until))
        row = self.cursor
        self.seek(rehearsal.whole_from(self.machine, self.journal, row))
        try:
            why_not = self._refusal(op, found, named)
            if why_not is not None:
                return rehearsal.refused(why_not, linked)
            return rehearsal.done(self.machine, self._view, linked, named, op)
        finally:
            rehearsal.take_back(self.machine, self._view)
            self.seek(row)

    def again(self, index: int, **override: Callable[..., Any]) -> np.ndarray:
        """Do an operation of the history once more, on the machine as it was; return its rows, int32 of shape (n, 4).

        Machine, journal, cursor and operations stay as they are.

        Args:
            index: which of ``applied``.
            override: functions that are linked instead, by name.
        """
        one, row = self.applied[index], self.cursor
        self.seek(one.start)
        try:
            self.linked.traced(**override)[one.op.call](self._view, *one.op.arguments(self.machine))
            return np.array(self._view.rows, np.int32).reshape(-1, 4)
        finally:
            rehearsal.take_back(self.machine, self._view)
            self.seek(row)

    def _other(self, key: str) -> tuple[Kernel, Linked]:
        """Return another kernel for this lab's machine."""
        found = kernels.find(key)
        if (kernels.keeps(found), kernels.drops(found)) != (self.machine.keeps, self.machine.drops):
            raise KernelError(f"{found.key} keeps other fields than the machine of {self.kernel.key} has")
        return found, kernels.link(key, self.mmu_gather)

    def boundary(self, row: int) -> int:
        """Return the first row at or after ``row`` at which no operation is under way."""
        index = bisect_left(self.applied, row, key=_end)
        inside = index < len(self.applied) and self.applied[index].start < row
        return self.applied[index].end if inside else row

    def cut(self) -> None:
        """Forget what comes after the cursor; an operation that is under way there is finished first."""
        self.seek(self.boundary(self.cursor))
        del self.applied[self.complete(self.cursor) :]
        self.journal.cut(self.cursor)

    def restart(self) -> None:
        """Forget the whole history, and begin with an empty machine; O(rows), where a new lab is O(pages)."""
        self.seek(0)
        self.cut()

    def seek(self, row: int) -> None:
        """Make the machine as it was after ``row`` rows; O(rows between).

        Raises:
            LimitError: if there is no such row.
        """
        if not 0 <= row <= len(self.journal):
            raise LimitError.of("the row to go to", row, f"0 to {len(self.journal)}")
        if row > self.cursor:
            journal.redo(self.machine.mem, self.journal[self.cursor : row])
        elif row < self.cursor:
            journal.undo(self.machine.mem, self.journal[row : self.cursor])
        self.cursor = row

    def complete(self, row: int) -> int:
        """Return how many operations are complete at a row; one without rows counts as complete."""
        return bisect_right(self.applied, row, key=_end)

    def op_at(self, row: int) -> int:
        """Return the index of the operation under way or last complete at a row, or -1 before the first."""
        index = bisect_left(self.applied, row, key=_end)
        if index < len(self.applied) and self.applied[index].start < row:
            return index
        return self.complete(row) - 1

    def rows(self, index: int) -> np.ndarray:
        """Return the journal rows of one operation, int32 of shape (n, 4)."""
        one = self.applied[index]
        return self.journal[one.start : one.end]

    def costs(self, start: int = 0, end: int | None = None) -> dict[str, int]:
        """Return what rows ``[start, end)`` cost, every name of :data:`folioviz.machine.costs.COSTS`."""
        return journal.costs(self.journal[start : len(self.journal) if end is None else end])

    def cpus_of(self, start: int, end: int) -> np.ndarray:
        """Return the CPU of each row ``[start, end)``, int8; -1 where there is no other one."""
        return np.full(end - start, -1, np.int8)

    def bug_at(self) -> int | None:
        """Return the row after which the kernel's first bug had fired, or None."""
        rows = self.journal[:]
        hits = np.flatnonzero((rows[:, 1] == self.machine.base[BUG]) & (rows[:, 0] == journal.STORE))
        return int(hits[0]) + 1 if hits.size else None
