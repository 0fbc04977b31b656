"""A guess that is drawn: where a counter goes over the steps of an operation, and then where it does go."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.views.page.markup import EMPTY, html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.stories.parts.parts import Drawn

WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 34, 12, 12, 24
"""Room around the field that is drawn on, in units of the picture, as static/guess_curve.js has it."""


def place(drawn: Drawn, column: int, value: float) -> tuple[float, float]:
    """Return where a value of a column is in the picture."""
    x = LEFT + column * (WIDTH - LEFT - RIGHT) / (drawn.columns - 1)
    y = TOP + (drawn.most - value) * (HEIGHT - TOP - BOTTOM) / drawn.most
    return round(x, 1), round(y, 1)


def points(drawn: Drawn, values: Sequence[int]) -> str:
    """Return a staircase through values, one per column."""
    found = [place(drawn, 0, values[0])]
    for column, (before, now) in enumerate(pairwise(values), start=1):
        found += [place(drawn, column, before), place(drawn, column, now)]
    return " ".join(f"{x},{y}" for x, y in found)


def field(drawn: Drawn, lines: Markup) -> Markup:
    """Return the picture: its axes, and lines upon them."""
    ticks = Markup("").join(
        html(
            '<path class="fv-grid-line" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
            LEFT,
            place(drawn, 0, value)[1],
            WIDTH - RIGHT,
            LEFT - 6,
            place(drawn, 0, value)[1] + 4,
            value,
        )
        for value in range(0, drawn.most + 1, max(1, drawn.most // 4))
    )
    return html(
        '<svg viewBox="0 0 {} {}" aria-hidden="true">{}<text x="{}" y="{}">{}, as it begins</text>'
        '<text x="{}" y="{}" text-anchor="end">as it ends</text>{}</svg>',
        WIDTH,
        HEIGHT,
        ticks,
        LEFT,
        HEIGHT - 6,
        drawn.what,
        WIDTH - RIGHT,
        HEIGHT - 6,
        lines,
    )


def asking(drawn: Drawn) -> Markup:
    """Return the field to draw on: it knows where the counter begins, and nothing of where it goes."""
    x, y = place(drawn, 0, drawn.start)
    pen = html('<polyline class="fv-mine" points=""/><circle class="fv-pen" cx="{}" cy="{}" r="6"/>', x, y)
    return html(
        '<div class="fv-draw" role="slider" tabindex="0" aria-label="your curve: left and right move along '
        'the steps, up and down change the value" aria-valuemin="0" aria-valuemax="{}" aria-valuenow="{}" '
        'data-curve="{} {} {}">{}</div>'
        '<p class="fv-dim">Draw it with the pointer, or with the arrow keys. '
        '<button class="fv-btn" data-drawn disabled>That is my curve</button> Or choose:</p>',
        drawn.most,
        drawn.start,
        drawn.columns,
        drawn.most,
        drawn.start,
        field(drawn, pen),
    )


def answered(drawn: Drawn, mine: Sequence[int] | None) -> Markup:
    """Return the true curve, which draws itself over the one that was guessed, if one was."""
    own = html('<polyline class="fv-mine" points="{}"/>', points(drawn, mine)) if mine else EMPTY
    true = html('<polyline class="fv-true" pathLength="1" points="{}"/>', points(drawn, drawn.values))
    words = html('<p role="status">{}</p>', difference(drawn, mine)) if mine else EMPTY
    return html(
        '<div class="fv-drawn" role="img" aria-label="the true curve: from {} to {}">{}</div>{}',
        drawn.values[0],
        drawn.values[-1],
        field(drawn, own + true),
        words,
    )


def difference(drawn: Drawn, mine: Sequence[int]) -> str:
    """Say how far a guess is from the truth: on average, and where it is worst."""
    far = [abs(one - true) for one, true in zip(mine, drawn.values, strict=True)]
    worst = max(range(len(far)), key=far.__getitem__)
    if not far[worst]:
        return "Your curve is the true one."
    where = f"{round(100 * worst / (drawn.columns - 1))} % of the way"
    return (
        f"On average your curve is {sum(far) / len(far):.1f} off, and at most {far[worst]}: {where} you drew "
        f"{mine[worst]}, and it is {drawn.values[worst]}."
    )


def curve(drawn: Drawn, said: object) -> tuple[int, ...] | None:
    """Return what a browser says was drawn, or None if it is not one whole value within the field per column."""
    if not isinstance(said, list) or len(said) != drawn.columns or said[0] != drawn.start:
        return None
    fits = all(type(one) is int and 0 <= one <= drawn.most for one in said)
    return tuple(said) if fits else None
