"""The counters in a terminal: a table that is drawn anew with each sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from folioviz.watch.notes import BLIND, notes
from folioviz.watch.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from folioviz.watch.rows import Row
    from folioviz.watch.series import Series

BARS: Final = "▁▂▃▄▅▆▇█"
WIDE: Final = 20
"""Samples of a sparkline; with it a row has 72 columns."""


def sparkline(values: Sequence[float], wide: int = WIDE) -> str:
    """Return the last values as bars, from their smallest to their largest; what does not change lies flat."""
    last = values[-wide:]
    low, high = min(last, default=0), max(last, default=0)
    if high == low:
        return BARS[0] * len(last)
    return "".join(BARS[round((value - low) / (high - low) * (len(BARS) - 1))] for value in last)


def value(row: Row) -> str:
    """Return a row's value with its unit; of an estimate its bounds, if they differ."""
    if row.now is None:
        return "-"
    if row.unit == "/s":
        return f"{row.now:,.0f} /s"
    now = f"{row.now:,.0f}"
    if row.low is not None and row.low != row.now:
        now = f"{row.low:,.0f} to {now}"
    return f"{now} {row.unit}".rstrip()


def screen(series: Series, what: str) -> RenderableType:
    """Return the last sample as a table, with what is to be said of it; ``what`` names the machine."""
    table = Table(box=None, pad_edge=False, header_style="bold", width=72)
    table.add_column("counter", overflow="fold")
    table.add_column("", width=WIDE, no_wrap=True)
    table.add_column("now", justify="right", no_wrap=True)
    for row in rows(series):
        table.add_row(Text(row.name, "bold" if row.computed else ""), sparkline(row.past), value(row))
    said: list[RenderableType] = [
        Text(f"{what}, {len(series.samples)} samples, the last after {series.last.at:,.0f} s"),
        table,
    ]
    said += [Text(f"! {note}", "yellow") for note in notes(series)]
    return Group(*said, Text(BLIND, "dim"))
