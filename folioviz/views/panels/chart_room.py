"""What there is room for in a chart: round ticks, the part that a folio's life takes, and marks apart."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import ipywidgets as w

    from folioviz.views.player.curve import Curve

MAX_TICKS = 6
APART = 60
"""Marks of a kind that are closer than the chart's width by this are one."""
MARGIN = 16
"""A zoomed chart has so much of its width free at either end."""


def parts(widget: w.Widget) -> list[w.Widget]:
    """Return a chart's scales, axes and marks, then itself; of any other widget itself alone."""
    marks = getattr(
        widget, "marks", ()
    )  # only a figure has them; naming its class would load bqplot, and so pandas
    scales = [scale for mark in marks for scale in mark.scales.values()]
    return [*dict.fromkeys([*scales, *getattr(widget, "axes", ()), *marks]), widget]


def ticks(first: int, last: int, most: int = MAX_TICKS, begin: int | None = None) -> list[int]:
    """Return evenly spaced whole numbers from ``first`` to ``last``, round when counted from ``begin`` (or first)."""
    length = max(last - first, 1)
    step = next(
        size * 10**power
        for power in range(12)
        for size in (1, 2, 4, 5, 8)
        if length / (size * 10**power) <= most
    )
    begin = first if begin is None else begin
    return list(range(begin + ceil((first - begin) / step) * step, last + 1, step))


def life(curves: Sequence[Curve], span: tuple[int, int]) -> tuple[int, int] | None:
    """Return the positions of a span from the first to the last write to a folio's counter, with a margin.

    None if nothing writes it there.
    """
    writes = [float(x) for curve in curves for x in curve.x[1:-1]]
    if not writes:
        return None
    first, last = int(min(writes)), int(max(writes))
    margin = max((last - first) // MARGIN, 2)
    return max(first - margin, span[0]), min(last + margin, max(span[1], span[0] + 1))


def merged(positions: Sequence[float], width: float) -> list[tuple[int, int]]:
    """Return runs [first, after the last) of ascending positions that are too close to be told apart."""
    runs: list[tuple[int, int]] = []
    for place, position in enumerate(positions):
        if runs and position - positions[place - 1] < width / APART:
            runs[-1] = runs[-1][0], place + 1
        else:
            runs.append((place, place + 1))
    return runs
