"""The map of a race of two CPUs: how far each has come, and how likely it is to end badly from there."""

from __future__ import annotations

from bisect import bisect_left
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.views.page.markup import EMPTY, html, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from folioviz.race.explored import Explored
    from folioviz.stories.parts.staircase import Stop

LEVELS: Final = (
    (0.0, "never"),
    (0.001, "≤ 0.1 %"),
    (0.01, "≤ 1 %"),
    (0.1, "≤ 10 %"),
    (0.5, "≤ half"),
    (1.0, "more"),
)
"""Shades: the highest chance that each stands for, and how the legend says it."""


class Map(NamedTuple):
    """A map as it is drawn.

    Attributes:
        width, height: how many steps CPU 0 and CPU 1 may do, and the one at which they begin.
        drawing: the cells.
    """

    width: int
    height: int
    drawing: Markup


def level(odds: float) -> int:
    """Return the shade of a chance."""
    return bisect_left([most for most, _ in LEVELS], odds)


def drawn(found: Explored) -> Map | None:
    """Draw the cells of a race; None if it has no map: one of other than two CPUs, or of no steps."""
    cells = found.map()
    if len(found.operations) != 2 or len(cells) <= 1:
        return None
    width, height = (max(place[axis] for place in cells) + 1 for axis in (0, 1))
    parts: list[list[str]] = [[] for _ in LEVELS]
    for y in range(height):
        row = [level(cells[x, y].odds) if (x, y) in cells else -1 for x in range(width)]
        x = 0
        for shade, run in groupby(row):
            size = len([*run])
            if shade >= 0:
                parts[shade].append(f"M{x} {y}h{size}v1h-{size}z")
            x += size
    paths = joined(
        html('<path class="fv-odds-{}" d="{}"/>', shade, "".join(part))
        for shade, part in enumerate(parts)
        if part
    )
    return Map(width, height, html('<g shape-rendering="crispEdges">{}</g>', paths))


def place_of(stops: Sequence[Stop], events: int) -> tuple[int, ...]:
    """Return where on the map a schedule is after so many events."""
    return max((stop for stop in stops if stop.events <= events), key=lambda stop: stop.events).place


def corners(stops: Sequence[Stop]) -> str:
    """Return the corners of a staircase, as SVG has points."""
    return " ".join(f"{x + 0.5} {y + 0.5}" for x, y in (stop.place for stop in stops))


def pieces(one: Map, stops: Sequence[Stop], events: int, now: str, *, bad: bool) -> dict[str, Markup]:
    """Return the map with a schedule on it: the cells, and the staircase, with where it is and whether it ends badly.

    ``events`` of the schedule are done; ``now`` says how far that is, in words.
    """
    x, y = place_of(stops, events)

    def at(x: int, y: int) -> str:
        return f"left:{100 * (x + 0.5) / one.width:.2f}%;top:{100 * (y + 0.5) / one.height:.2f}%"

    end = html('<b style="{}" title="here a law is broken">✕</b>', at(*stops[-1].place)) if bad else EMPTY
    box = html('viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true"', one.width, one.height)
    line = html(
        '<div class="fv-chances" data-race-map="{}x{}" tabindex="0" role="slider" aria-label="map of the states" '
        'aria-valuemin="0" aria-valuemax="{}" aria-valuenow="{}" aria-valuetext="{}: CPU 0 has done {} of its steps '
        'here, CPU 1 {}"><svg {}><polyline points="{}"/></svg>{}<i style="{}"></i></div>',
        one.width,
        one.height,
        max(stops[-1].events, events),
        events,
        now,
        x,
        y,
        box,
        corners(stops),
        end,
        at(x, y),
    )
    return {
        "x": html("<span>CPU 0 → {} steps</span>", one.width - 1),
        "y": html("<span>CPU 1 → {} steps</span>", one.height - 1),
        "cells": html('<div class="fv-states"><svg {}>{}</svg></div>', box, one.drawing),
        "line": line,
        "legend": legend(),
    }


def legend() -> Markup:
    """Return what the shades mean."""
    shades = joined(
        html('<span><i class="fv-odds-{}"></i>{}</span>', shade, name)
        for shade, (_, name) in enumerate(LEVELS)
    )
    return html('<p class="fv-chances-legend">ends badly at random: {}</p>', shades)
