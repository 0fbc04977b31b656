"""What a kernel that leaves no rows has in a primitive's place: whether a write is an event, nobody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from folioviz.machine.primitives import View


def store(m: View, field: int, index: int, new: int) -> None:
    """Write one integer, free of charge."""
    m.mem[m.base[field] + index] = new
