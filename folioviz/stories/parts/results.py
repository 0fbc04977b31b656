"""What a table comes to, in one line: read from its rows, for when it is folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.readout.words import count
from folioviz.stories.parts.parts import Cell, bare

if TYPE_CHECKING:
    from folioviz.stories.parts.parts import Result, Rows


def told(place: int, rows: slice = slice(None), what: str = "") -> Result:
    """Return what tells a column's values, each after the name of its row, and ``what`` they are before them all."""

    def result(found: Rows) -> str:
        return what + "; ".join(f"{row[0]}: {bare(row[place])}" for row in found[rows])

    return result


def ends(place: int, what: str = "") -> Result:
    """Return what tells a column's first and last value."""

    def result(found: Rows) -> str:
        return f"{what}{found[0][0]}: {bare(found[0][place])}, …, {found[-1][0]}: {bare(found[-1][place])}"

    return result


def change(row: int, before: int, after: int) -> Result:
    """Return what tells two columns of one row: what there was before, and after."""
    return lambda found: f"{found[row][0]}: {bare(found[row][before])}, then {bare(found[row][after])}"


def reds(what: str) -> Result:
    """Return what tells how many of the values that a kernel has are red."""

    def result(found: Rows) -> str:
        cells = [cell for row in found for cell in row[1:] if isinstance(cell, Cell) and bare(cell) != "–"]
        return f"{sum(cell.mark == 'bad' for cell in cells)} of {len(cells)} {what}"

    return result


def long(what: str) -> Result:
    """Return what tells how many rows there are."""
    return lambda found: count(len(found), what)
