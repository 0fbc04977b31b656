"""One CPU of a race: what it does depends on the answers that it got, and on nothing else.

So no thread and no coroutine is needed. To go one step further, a CPU's kernel functions are run again from the start
and answered from a list; where the list ends, they ask the memory, until a question may not be answered yet
(:class:`Suspended`). The answers of a CPU form a tree; a :class:`Node` of it is all that the CPU knows.
"""

from __future__ import annotations

import inspect
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NoReturn

from folioviz.machine.fields import FIELDS, PMD
from folioviz.machine.journal import STORE
from folioviz.machine.memory import PTE_MIGRATION
from folioviz.race.node import Node, Pending
from folioviz.race.views import RawView, Tracked

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.race.memory import Shared

READ, WRITE, ADD, LOCK, UNLOCK, TRYLOCK, READ_LOCK, READ_UNLOCK, CHECK, ATOMIC, READ_PMD, WAIT_ENTRY = range(
    12
)
"""Kinds of events: a read; a write or an atomic with an answer; an atomic add without one; locks; a look of the checker
that is no step; several accesses under a lock of the kernel's allocators; a read of a PMD, which waits while another
CPU makes a table of it; a wait for the end of a migration."""
DOES: Final = (
    "reads",
    "writes",
    "adds to",
    "takes",
    "releases",
    "tries",
    "takes",
    "releases",
    "checks",
    "takes or gives",
)
"""What the kinds are called, in a sentence."""
TOLD: Final = {READ_PMD: READ, WAIT_ENTRY: READ}
"""What a kind is told as that has no word of its own: when it is done, it has read."""
WAITS: Final = (LOCK, READ_LOCK, READ_PMD, WAIT_ENTRY)
TAKES: Final = (LOCK, READ_LOCK, TRYLOCK)
GIVES: Final = (UNLOCK, READ_UNLOCK)
R, W, A = 1, 2, 4
MASK: Final = (R, W, A, W, 0, W, W, 0, 0, 0, R, R)
"""How a kind touches its address: it reads, writes, or adds."""
MAX_EVENTS: Final = 50_000
"""A CPU that asks more often goes round in a circle."""

DEPTH: Final = 16
"""So many functions, from the innermost, are told of a CPU."""


class Suspended(BaseException):
    """A CPU has come to a step."""


class ViolationError(Exception):
    """A law is broken; the message says which."""


class Cpu:
    """One CPU: kernel functions get it in the machine's place."""

    def __init__(self, shared: Shared, number: int) -> None:
        """Make CPU ``number``; :mod:`folioviz.race.binding` gives it its operation."""
        self.shared, self.number = shared, number
        self.told = False
        self.raw = RawView(shared, number, self.tell)
        for row, start, length in zip(FIELDS, self.raw.base, shared.many.lengths, strict=True):
            setattr(
                self, row.name, Tracked(self.event, start, length, READ_PMD if row.number == PMD else READ)
            )
        self.pmd_start = self.raw.base[PMD]
        self.private = frozenset(address for part in shared.private(number) for address in part)
        self.nodes: list[Node] = []
        self.call: Callable[[Any], Any] = lambda _m: None
        self.stops: Callable[[Cpu, int, int, list[tuple[int, int]]], bool] = lambda *_: False
        self.note: Callable[[Cpu, int, int], None] = lambda *_: None
        self.seen: Callable[[Cpu, int, int, int], None] | None = None
        self.inside: list[tuple[int, int]] | None = None
        self.names: frozenset[str] = frozenset()
        self._begin([], frozenset(), 0)

    def _begin(self, answers: list[Any], locks: frozenset[int], heard: int) -> None:
        """Begin to run from the start with answers that are known."""
        self.replay, self.locks, self.heard = answers, locks, heard
        self.at = self.said = self.steps = 0
        self.segment: list[tuple[int, int, Any, tuple[Any, ...], Any]] = []
        self.pending: Pending | None = None
        self.where: tuple[str, ...] = ()

    # --- what kernel functions ask ---------------------------------------------------------------------------------

    def event(self, kind: int, address: int, fn: Any, args: tuple[Any, ...]) -> Any:
        """Do one event and return its answer, or stop before it."""
        if self.inside is not None:
            if MASK[kind]:
                self.inside.append((MASK[kind], address))
            return self.perform(kind, address, fn, args)
        at = self.at
        self.at = at + 1
        if at < len(self.replay):
            return self.replay[at]
        if at > MAX_EVENTS:
            raise ViolationError("goes round in a circle without end")
        if MASK[kind]:
            self.note(self, MASK[kind], address)
        if kind not in GIVES and kind != CHECK and self.stops(self, kind, address, []):
            self._suspend(kind, address, fn, args)
        return self._answered(kind, address, fn, args, self.perform(kind, address, fn, args))

    def atomic(self, word: int, mask: int, fn: Any, args: tuple[Any, ...]) -> Any:
        """Do what the kernel's allocators do, under a lock of theirs: one event, whatever it touches."""
        if self.inside is not None:
            return fn(self, *args)
        at = self.at
        self.at = at + 1
        if at < len(self.replay):
            return self.replay[at]
        mark, touched = len(self.shared.rows), [(mask, word)]
        try:
            value = self.perform(ATOMIC, word, fn, (touched, *args))
            broken = False
        except ViolationError:
            broken = True
        held = self.locks
        self.locks = held | {word}
        for one, address in touched[1:]:
            self.note(self, one, address)
        self.locks = held
        self.note(self, mask, word)
        if broken or self.stops(self, ATOMIC, word, touched):
            self.undo(mark)
            self._suspend(ATOMIC, word, fn, ([], *args))
        return self._answered(ATOMIC, word, fn, ([], *args), value)

    def tell(self, row: tuple[int, int, int, int]) -> None:
        """Journal what changes no memory, once, however often the CPU is run from the start."""
        if self.told and self.inside is not None:
            self.shared.rows.append(row)
        elif self.told:
            self.said += 1
            if self.said > self.heard:
                self.shared.rows.append(row)

    def _suspend(self, kind: int, address: int, fn: Any, args: tuple[Any, ...]) -> NoReturn:
        self.pending = (kind, address, fn, args)
        self.where = self.functions()
        raise Suspended

    def _answered(self, kind: int, address: int, fn: Any, args: tuple[Any, ...], value: Any) -> Any:
        self.segment.append((kind, address, fn, args, value))
        self.replay.append(value)
        if kind != CHECK and address not in self.private:
            self.steps += kind not in GIVES
            if self.seen:
                self.seen(self, kind, address, len(self.shared.rows))
        return value

    def functions(self) -> tuple[str, ...]:
        """Return the kernel functions that are running, innermost first."""
        frame, found = inspect.currentframe(), list[str]()
        while frame is not None and len(found) < DEPTH:
            if frame.f_code.co_name in self.names:
                found.append(frame.f_code.co_name)
            frame = frame.f_back
        return tuple(found)

    # --- what the memory does --------------------------------------------------------------------------------------

    def perform(self, kind: int, address: int, fn: Any, args: tuple[Any, ...]) -> Any:
        """Do an event on the memory as it is now."""
        mem = self.shared.mem
        if kind in {READ, READ_PMD}:
            return mem[address]
        if kind == WAIT_ENTRY:
            return None
        if kind == ATOMIC:
            self.inside = args[0]
            try:
                return fn(self, *args[1:])
            finally:
                self.inside = None
        if kind in TAKES and not self._take(kind, address):
            return False
        if kind in GIVES:
            self.locks = self.locks - {address}
        if fn is not None:
            return fn(self.raw, *args)
        held = mem[address]
        new = {UNLOCK: 0, READ_LOCK: held - 1, READ_UNLOCK: held + 1}.get(kind, self.number + 1)
        self.shared.rows.append((STORE, address, held, new))
        mem[address] = new
        return kind == TRYLOCK or None

    def _take(self, kind: int, address: int) -> bool:
        """Note that the CPU has a lock; false if it only tried."""
        if not self.free(kind, address):
            if kind == TRYLOCK:
                return False
            raise ViolationError(f"takes {self.shared.name(address)} twice")
        if kind != READ_LOCK:
            self.locks = self.locks | {address}
        return True

    def free(self, kind: int, address: int) -> bool:
        """Tell whether a CPU can go on: readers share a lock, and count downwards."""
        if kind == READ_PMD:
            word = self.shared.invalid + ((address - self.pmd_start) >> 9)
            return self.shared.mem[word] in {0, self.number + 1}
        held = self.shared.mem[address]
        if kind == WAIT_ENTRY:
            return not held & PTE_MIGRATION
        return held <= 0 if kind == READ_LOCK else held == 0

    def undo(self, mark: int) -> None:
        """Take back the rows from ``mark`` on."""
        self.shared.undo(mark)

    # --- growing the tree ------------------------------------------------------------------------------------------

    def grow(self, parent: Node | None, value: Any) -> Node:
        """Run on from a step whose answer is known, up to the next one; what lies between is done on the memory.

        Raises:
            ViolationError: if the CPU breaks a law on the way.
        """
        if parent is None:
            self._begin([], frozenset(), 0)
        else:
            locks = self.after(parent, value)
            self._begin([*parent.answers, value], locks, parent.said)
        node = Node()
        node.number, node.children, node.result = len(self.nodes), {}, None
        node.depth = parent.depth + 1 if parent else 0
        with suppress(Suspended):
            node.result = self.call(self)
        node.segment, node.pending, node.locks = self.segment, self.pending, self.locks
        node.answers, node.said, node.steps, node.where = self.replay, self.said, self.steps, self.where
        self.nodes.append(node)
        return node

    def after(self, node: Node, value: Any) -> frozenset[int]:
        """Return the locks that the CPU holds after the step of a node."""
        kind, address = node.pending[:2] if node.pending else (READ, -1)
        return node.locks | {address} if kind == LOCK or (kind == TRYLOCK and value) else node.locks

    def follow(self, node: Node, value: Any) -> Node | None:
        """Do what a node that is known does behind an answer, if all goes there as it did; else nothing, and None."""
        mark = len(self.shared.rows)
        for child in node.children.get(value, ()):
            self.locks, self.steps = self.after(node, value), 0
            for kind, address, fn, args, answer in child.segment:
                self.steps += kind != CHECK and kind not in GIVES and address not in self.private
                if self.perform(kind, address, fn, args) != answer:
                    break
            else:
                return child
            self.undo(mark)
        return None

    def step(self, node: Node) -> Any:
        """Do the step that a node is at; return its answer.

        Raises:
            ViolationError: if that breaks a law.
        """
        kind, address, fn, args = node.pending or (CHECK, -1, None, ())
        self.locks = node.locks
        if kind == ATOMIC:
            args = ([], *args[1:])
        return self.perform(kind, address, fn, args)
