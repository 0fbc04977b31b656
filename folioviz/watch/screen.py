"""The counters in a terminal: a table that is drawn anew with each sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from folioviz.diagnosis.findings import plural
from folioviz.readout.describe import WIDTH, wrap
from folioviz.watch.notes import BLIND, notes
from folioviz.watch.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.watch.rows import Row
    from folioviz.watch.series import Series

BARS: Final = "▁▂▃▄▅▆▇█"
NAME: Final = 33
WIDE: Final = 20
"""Columns of a name, and of bars at most."""


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


def screen(series: Series, what: str) -> Text:
    """Return the last sample as lines of 72 columns, with what is to be said of it; ``what`` names the machine.

    One text, and no table of rich's: that costs five times as much to draw.
    """
    found = Text(no_wrap=True, overflow="crop")
    taken = plural(series.taken, "sample")
    found.append(f"{what}: {taken}, the last after {series.last.at:,.0f} s\n")
    for row in rows(series):
        found.append(f"{line(row)}\n", "bold" if row.computed else "")
    for note in notes(series):
        found.append("\n".join(wrap(f"! {note}", "", 2)) + "\n", "yellow")
    return found.append("\n".join(wrap(BLIND)), "dim")


def line(row: Row) -> str:
    """Return a row: its name, its last values as bars, and its value; a long value has fewer bars beside it."""
    name, now = f"{row.name:<{NAME}}", value(row)
    room = WIDTH - len(name) - len(now) - 2
    return f"{name} {sparkline(row.past, min(room, WIDE)) if room > 0 else '':<{room}} {now}"
