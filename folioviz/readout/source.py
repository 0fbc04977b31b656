"""The source of kernel functions as they are linked, and which of its lines made each row of the journal."""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from folioviz.kernels.kernel import followed
from folioviz.machine.journal import ENTER, EXIT
from folioviz.readout.explain import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType, FrameType, FunctionType

    from folioviz.lab import Lab


class Source(NamedTuple):
    """A function, as a kernel links it.

    Attributes:
        name: its name, the kernel's where the kernel has such a function.
        function: the kernel function that it follows, or "".
        file: the kernel's file and the release, series or patch.
        change: the change that it follows, or "".
        module: where it is written in Python.
        first: the number of its first line there, from 1.
        lines: its text, without ends of lines; none if it cannot be read.
    """

    name: str
    function: str
    file: str
    change: str
    module: str
    first: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the function with what it follows above it, as comments."""
        return "\n".join([*(f"# {one}" for one in (self.file, self.change, self.module) if one), *self.lines])


class Ran(NamedTuple):
    """Where rows of one operation were made.

    Attributes:
        names: the linked functions.
        places: per row, int64 of shape (n, 2): the number of the innermost linked function, and the line of its file;
            -1 for rows of calls and returns.
    """

    names: tuple[str, ...]
    places: np.ndarray

    def at(self, row: int) -> tuple[str, int]:
        """Return the function and the line that made a row, counted from where the operation begins."""
        number, line = self.places[row].tolist()
        return self.names[number] if number >= 0 else "", line


def read(lab: Lab, name: str) -> Source:
    """Return the source of a function of a lab's kernel.

    Raises:
        KeyError: if the kernel links no such function.
    """
    function = lab.linked.code[name]
    lines, first = _text(function)
    said = next(iter(followed(function.__doc__ or "")), None)
    return Source(
        name,
        *source_of(lab, name),
        said["cited"] if said else "",
        function.__module__,
        first,
        lines,
    )


@lru_cache(maxsize=1024)
def _text(function: FunctionType) -> tuple[tuple[str, ...], int]:
    """Return a function's lines and the number of the first; nothing of a reader's own whose text is gone."""
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        return (), 0
    return tuple(line.rstrip() for line in lines), first


def called(lab: Lab, index: int) -> Ran:
    """Return in which function the rows of an operation of several CPUs were made; lines are not known: -1; O(rows)."""
    one = lab.applied[index]
    names = lab.linked.names
    stacks: dict[int, list[int]] = {}
    places = np.full((one.end - one.start, 2), -1, np.int64)
    cpus = lab.cpus_of(one.start, one.end).tolist()
    for row, (cpu, (kind, number, _, _)) in enumerate(zip(cpus, lab.rows(index).tolist(), strict=True)):
        stack = stacks.setdefault(cpu, [])
        if kind == ENTER:
            stack.append(number)
        elif kind == EXIT:
            stack.pop()
        elif stack:
            places[row, 0] = next(
                (one for one in reversed(stack) if source_of(lab, names[one])[0]), stack[-1]
            )
    return Ran(names, places)


def ran(lab: Lab, index: int) -> Ran:
    """Return where the rows of an operation of a lab's history were made.

    The operation is done once more, on the machine as it was, with a hook that looks who asks for each row: about three
    times as long as it took at first, which is why nothing is noted then.
    """
    names = lab.linked.names
    numbers: Mapping[CodeType, int] = {
        lab.linked.code[name].__code__: number for number, name in enumerate(names)
    }
    found: dict[int, tuple[int, int]] = {}
    here = inspect.currentframe  # what is linked sees a kernel's names, and what is bound to it

    def record(m: Any, kind: int, address: int, old: int, new: int) -> None:
        frame: FrameType | None = here()
        while frame is not None and frame.f_code not in numbers:
            frame = frame.f_back
        if frame is not None:
            found[len(m.rows)] = numbers[frame.f_code], frame.f_lineno
        m.rows.append((kind, address, old, new))

    rows = lab.again(index, record=record)
    places = np.full((len(rows), 2), -1, np.int64)
    if found:
        places[list(found)] = list(found.values())
    return Ran(names, places)
