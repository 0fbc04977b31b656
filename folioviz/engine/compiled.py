"""A compiled kernel on a machine: one call after the other, and the rows that each left."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from folioviz.engine import native, operations
from folioviz.engine.identity import identity
from folioviz.engine.module import (
    COUNTS,
    CURSOR,
    CURSOR_LENGTH,
    END,
    FIRST,
    FUEL,
    MOST_ARGUMENTS,
    OUTSIDE,
    WIDTH,
    Keeps,
    module,
)
from folioviz.engine.operations import DO, REFUSED
from folioviz.engine.subset import NOTHING
from folioviz.errors import KernelError, LimitError
from folioviz.machine import journal
from folioviz.machine.costs import COSTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from folioviz.link import Linked
    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op

LEAST: Final = -(2**31)
MOST: Final = 2**31 - 1
"""What a field of an operation may be."""
ROUNDS: Final = 100_000_000
"""So many rounds of loops may one call of a patched kernel take: a loop in a patch may have no end."""
BEGINNING: Final = np.array([0, 0, ROUNDS, 0, 0])
"""The cursor's places below COUNTS, before a call."""
NO_ROWS: Final = np.empty((0, 4), np.int32)
"""What is there before most calls."""
USUAL_ROOM: Final = 1 << 20
"""Rows for which there is room at first: 16 MiB, of which a system gives what is used."""


class OutOfRoomError(Exception):
    """A call left more rows than there was room for; the machine is as after the call.

    Attributes:
        rows: how many.
    """

    def __init__(self, rows: int) -> None:
        """Say how many."""
        super().__init__(rows)
        self.rows = rows


class OutsideError(Exception):
    """An index of a patched kernel was outside; the machine is as before the call, and plain Python will say where."""


class Compiled(native.Code):
    """A compiled kernel; use :func:`compiled`, which makes each once.

    Attributes:
        calls: the number of each call that an operation may make.
        keeps: what a write leaves (:mod:`folioviz.engine.module`).
        checked: whether indices and rounds of loops are checked.
    """

    def __init__(self, linked: Linked, keeps: Keeps, *, checked: bool, roots: Iterable[str] = ()) -> None:
        """Note what is to be compiled.

        Args:
            linked: the kernel.
            keeps: what a write leaves.
            checked: whether indices and rounds of loops are checked.
            roots: the functions that can be called; by default all that operations call, and all operations.
        """
        called = [*roots] or [kind.call for kind in operations.had(linked)]
        done = [] if roots else [DO + name for name in called]
        beside = operations.beside(linked) if done else NOTHING
        self.calls = {name: place for place, name in enumerate([*called, *done])}
        self.keeps, self.checked = keeps, checked
        decides = {"roots": called, "keeps": keeps, "checked": checked, "words": done and operations.words()}
        super().__init__(
            identity(linked, beside.below, operations.NAMED, **decides),
            lambda: module(linked, called, keeps, checked=checked, beside=beside),
            native.WAY_IN,
        )

    def bind(self, machine: Machine) -> Bound:
        """Return the kernel on a machine, ready to run.

        Raises:
            CannotCompileError: if a function has what only plain Python can run.
        """
        return Bound(self, self.prepare(), machine)


class OnMachine:
    """What machine code is told of a machine, and what it counts there."""

    def __init__(self, machine: Machine) -> None:
        """Look at ``machine``, which must not move in memory."""
        self._machine = machine
        mem = machine.mem
        first = mem.ctypes.data
        elements = [first + mem.itemsize * base for base in machine.base]
        self._layout = np.array([*machine.base, *machine.lengths, *elements, mem.size], np.int64)
        self._cursor = np.zeros(CURSOR_LENGTH, np.int64)
        self._addresses = first, self._layout.ctypes.data, self._cursor.ctypes.data

    def costs(self) -> dict[str, int]:
        """Return what was counted since the last :meth:`forget`, every cost's name; for a kernel that keeps costs."""
        return {name: int(self._cursor[COUNTS + row.kind]) for name, row in COSTS.items()}

    def forget(self) -> None:
        """Begin to count anew."""
        self._cursor[COUNTS:] = 0


class Bound(OnMachine):
    """A compiled kernel on one machine.

    Attributes:
        rows: what the last call left, int32 of shape (n, 4); the next call writes over it.
    """

    def __init__(self, kernel: Compiled, run: Callable[..., int], machine: Machine) -> None:
        """Look at ``machine``, which must not move in memory."""
        super().__init__(machine)
        self._kernel = kernel
        self._run = run
        self.rows, _ = scratch(0)

    def call(
        self, name: str, arguments: tuple[int, ...] = (), room: int = 0, given: np.ndarray = NO_ROWS
    ) -> int:
        """Call a kernel function; return what it returns, 0 if that is nothing.

        Args:
            name: what an operation calls.
            arguments: its integers.
            room: for how many rows there is room at least.
            given: rows that are there already, int32 of shape (n, 4), for a function that reads them.

        Raises:
            OutOfRoomError: if it left more rows; the machine is as after the call.
            OutsideError: if an index of a patched kernel was outside; nothing has changed.
            LimitError: if the loops of a patched kernel found no end; nothing has changed.
        """
        (rows, r), cursor, (m, b, c) = scratch(room), self._cursor, self._addresses
        cursor[:COUNTS] = BEGINNING
        cursor[FIRST], cursor[END] = r, r + WIDTH * len(rows)
        if before := len(given):
            rows[:before] = given
        values = (*arguments, 0, 0, 0, 0)[:MOST_ARGUMENTS]
        result = self._run(m, b, r + WIDTH * before, c, self._kernel.calls[name], *values)
        left = int(cursor[CURSOR])
        self.rows = rows[before:left]
        if left > len(rows):
            raise OutOfRoomError(left)
        if self._kernel.checked and (cursor[OUTSIDE] or cursor[FUEL] <= 0):
            journal.undo(self._machine.mem, self.rows)
            self.rows = rows[:0]
            if cursor[OUTSIDE]:
                raise OutsideError
            raise LimitError.of(
                f"the rounds of loops in {name.removeprefix(DO)}()", f"over {ROUNDS}", f"at most {ROUNDS}"
            )
        return int(result)

    def does(self, op: Op, room: int = 0) -> int:
        """Do an operation that the kernel has; return what the kernel returned, or REFUSED if it cannot be done.

        Args:
            op: the operation.
            room: as for :meth:`call`.

        Raises:
            OutOfRoomError, OutsideError, LimitError: as :meth:`call`.
        """
        fields = msgspec.structs.astuple(op)
        if fields and not LEAST <= min(fields) <= max(fields) <= MOST:
            return REFUSED
        return self.call(DO + op.call, fields, room)


def _made(room: int) -> tuple[np.ndarray, int]:
    """Return rows to fill, and their address, which WIDTH divides."""
    numbers = np.empty((room + 1) * 4, np.int32)
    first = -numbers.ctypes.data % WIDTH // numbers.itemsize
    rows = numbers[first : first + room * 4].reshape(room, 4)
    return rows, rows.ctypes.data


class _OfThread(threading.local):
    """The rows that the calls of one thread fill: those of another never come between."""

    def __init__(self) -> None:
        """Have none yet; a thread that runs no machine code takes no memory."""
        self.usual: tuple[np.ndarray, int] | None = None


_of_thread = _OfThread()


def scratch(room: int) -> tuple[np.ndarray, int]:
    """Return rows to fill; all compiled kernels of a thread share them, but those for a very long call."""
    if room > USUAL_ROOM:
        return _made(room)
    if _of_thread.usual is None:
        _of_thread.usual = _made(USUAL_ROOM)
    return _of_thread.usual


@lru_cache(maxsize=64)
def compiled(linked: Linked, keeps: Keeps = "calls", *, checked: bool = False) -> Compiled:
    """Return a linked kernel for machine code, made once.

    Raises:
        KernelError: if there is no compiler.
    """
    if not native.installed():
        raise KernelError(native.MISSING)
    return Compiled(linked, keeps, checked=checked)
