"""What is written above the timeline's chart, and where: in rows of their own, so that no words lie on a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.readout.words import count
from folioviz.views.panels.chart_room import merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.views.player.curve import Curve

ROWS = 2
"""So many rows there are at most."""
LETTER = 0.013
"""The part of the chart's width that a letter takes where the chart is narrow."""
FEW = 2
"""So many flushes beside each other are drawn and not counted."""


class Words(NamedTuple):
    """Words above a chart.

    Attributes:
        x: the position that they are about.
        row: 0 for the row next to the chart, 1 for the one above.
        text: what they say.
        align: which part of them is at x: "start", "end" or "middle".
    """

    x: float = 0.0
    row: int = 0
    text: str = ""
    align: str = "start"


NONE = Words()


def written(sides: Sequence[tuple[str, Curve]], shows: tuple[int, int]) -> dict[tuple[str, int], Words]:
    """Return what is written above a chart that shows these positions, by kind and place of the side.

    First where a folio is queued, then where it leaves the queue, then how many flushes are drawn as one. Each has the
    lowest row with room for it; what has room in none is left out.
    """
    width = shows[1] - shows[0]
    said: dict[tuple[str, int], Words] = {}
    taken: list[list[tuple[float, float]]] = [[] for _ in range(ROWS)]
    for kind in ("queued", "unqueued", "flush"):
        for place, (name, curve) in enumerate(sides):
            found = _of(kind, curve, shows)
            if found is None:
                continue
            x, text = found[0], f"{name} {found[1]}"
            room = LETTER * len(text) * width
            align = "middle" if kind == "flush" else "start" if x + room <= shows[1] else "end"
            left = x - {"start": 0, "middle": room / 2, "end": room}[align]
            for row, others in enumerate(taken):
                if all(left + room <= start or left >= end for start, end in others):
                    others.append((left, left + room))
                    said[kind, place] = Words(x, row, text, align)
                    break
    return said


def _of(kind: str, curve: Curve, shows: tuple[int, int]) -> tuple[float, str] | None:
    """Return where words of a kind stand and what they say; None if there is nothing to say."""
    first, last = shows
    at = [float(x) for what, x, _ in curve.marks if what == kind and first <= x <= last]
    if not at:
        return None
    if kind == "queued":
        return at[0], f"queued: {curve.mapped} of {count(curve.pages, 'page')} mapped"
    if kind == "unqueued":
        return at[0], "off the queue"
    start, after = max(merged(at, last - first), key=lambda run: run[1] - run[0])
    if after - start <= FEW or len(at) != curve.flushes:
        return None
    return (at[start] + at[after - 1]) / 2, f"{after - start} flushes"
