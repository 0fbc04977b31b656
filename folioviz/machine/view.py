"""A machine as plain Python reads and writes it fastest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine import fields

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine


class View:
    """A machine as plain-Python kernel functions see it: memoryviews that share its memory, and the rows to fill.

    A memoryview gives and takes Python integers, several times faster than numpy scalars.
    """

    def __init__(self, target: Machine) -> None:
        """Look at ``target``; rows begin empty."""
        self.mem = memoryview(target.mem.data)
        self.base = target.base
        self.rows: list[tuple[int, int, int, int]] = []
        for row, start, length in zip(fields.FIELDS, target.base, target.lengths, strict=True):
            setattr(self, row.name, self.mem[start : start + length])
