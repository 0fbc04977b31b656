"""A table of plain text with a column per kernel, at most 72 characters wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.readout.describe import WIDTH, cut

if TYPE_CHECKING:
    from collections.abc import Sequence


def columns(title: str, rows: Sequence[tuple[str, Sequence[str]]], letters: Sequence[str]) -> list[str]:
    """Return a table: as many kernels side by side as fit, then the next ones below; nothing if there is no row.

    Args:
        title: its first line.
        rows: what each row is called, and its value under each kernel.
        letters: what the kernels are called.
    """
    left = max((len(name) for name, _ in rows), default=0) + 2
    width = 2 + max((len(value) for _, values in rows for value in values), default=1)
    per_table = (WIDTH - left) // width
    lines = [title]
    for first in range(0, len(letters), per_table):
        part = slice(first, first + per_table)
        lines.append(" " * left + "".join(f"{letter:>{width}}" for letter in letters[part]))
        values = ["".join(f"{value:>{width}}" for value in row[part]) for _, row in rows]
        lines += cut(
            [f"  {name:<{left - 2}}{text}" for (name, _), text in zip(rows, values, strict=True)], "rows"
        )
    return lines if rows else []
