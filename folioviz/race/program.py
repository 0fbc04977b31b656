"""What one CPU of a race runs: its operations, one after the other, each under its mmap_lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from folioviz.ops import ops
from folioviz.race import words
from folioviz.race.binding import mmap_lock, mmap_unlock, writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.ops.op import Op
    from folioviz.race.cpu import Cpu
    from folioviz.race.history import History


class Call(NamedTuple):
    """An operation of a CPU as it is called.

    Attributes:
        name, arguments: the kernel function, and what it takes.
        mm: the process whose mmap_lock it holds, or -1.
        write: whether for writing.
        needs: so many pages from its address must be writable, or it ends there, as a program does by SIGSEGV.
        lists: whether it links a process where a walk of the rmap finds it.
    """

    name: str
    arguments: tuple[int, ...]
    mm: int
    write: bool
    needs: int = 0
    lists: bool = False


def called(history: History, op: Op) -> Call:
    """Return how a CPU calls an operation."""
    arguments = op.arguments(history.machine)
    held = isinstance(op, (*words.WRITERS, *words.READERS))
    mm = arguments[op.takes.index("mm")] if held else -1
    return Call(
        op.call, arguments, mm, isinstance(op, words.WRITERS), words.needs(op), isinstance(op, ops.Mm)
    )


def program(cpu: Cpu, names: dict[str, Any], calls: list[Call]) -> Callable[[Any], Any]:
    """Return what a CPU runs."""

    def run(m: Any) -> Any:
        result = None
        for call in calls:
            if call.mm >= 0:
                mmap_lock(cpu, call.mm, write=call.write)
            if call.lists:
                names["anon_vma_lock"](m)
            if not call.needs or writable(m, names, call.mm, call.arguments[1], call.needs):
                result = names[call.name](m, *call.arguments)
            if call.lists:
                names["anon_vma_unlock"](m)
            if call.mm >= 0:
                mmap_unlock(cpu, call.mm, write=call.write)
        return result

    return run
