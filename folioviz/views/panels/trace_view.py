"""The trace: what each kernel calls and writes, side by side, what repeats folded; a click on a line goes there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.machine import journal as j
from folioviz.machine.costs import QADD, QDEL, SQLOCK
from folioviz.views.page.markup import EMPTY, html

if TYPE_CHECKING:
    from folioviz.views.player.alongside import Cell, Pair
    from folioviz.views.session.frame import Frame

QUEUE = {QADD, QDEL, SQLOCK}
MAX_INDENT = 12
SIGNS = {
    "": ("", ""),
    "≠": ("≠", "A and B differ here"),
    "A": ("◂", "only A does this"),
    "B": ("▸", "only B does this"),
}
"""What :attr:`folioviz.views.player.alongside.Pair.sign` says -> how it is drawn, and in words."""
OF_SIGN = {"": "", "≠": " fv-differs", "A": " fv-only-a", "B": " fv-only-b"}


def kind_of(cell: Cell) -> str:
    """Return the class of a line: a function, a decision, the queue, or a write."""
    if cell.kind == j.ENTER:
        return "fn"
    if cell.kind == j.WHY:
        return "why"
    return "hot" if cell.kind in QUEUE else "wr"


def times(cell: Cell) -> Markup:
    """Return how often a line is there, and which of them has just been done."""
    nth = f"{cell.nth:,} of " if cell.nth and cell.total > 1 else ""
    counted = "".join(f" ×{count:,}" for count in cell.counted)
    if nth and not counted:
        counted = f" {cell.total:,}"
    return html("<small>{}{}</small>", nth, counted.lstrip()) if nth or counted else EMPTY


def title(cell: Cell) -> str:
    """Return all that a line says, which may not have room."""
    who = f"CPU {cell.cpu}: " if cell.cpu >= 0 else ""
    what = f"{who}{cell.name}{'()' if cell.kind == j.ENTER else ''} {cell.what}".strip()
    if cell.kind == j.WHY:
        what = f"{who}{cell.what}"
    often = f"; {cell.total:,} times" if cell.total > 1 else ""
    now = f"; number {cell.nth:,} of them is this one" if cell.nth and cell.total > 1 else ""
    return f"{what}{often}{now}"


def line(cell: Cell, side: str, shallow: int) -> Markup:
    """Return one side's half of a row."""
    place = side.lower()
    indent = min(cell.depth - shallow, MAX_INDENT)
    if cell.kind == j.EXIT:
        return html('<p class="fv-loop {}" style="--d:{}">{}{}</p>', place, indent, cell.name, times(cell))
    lit = Markup(' aria-current="step"') if cell.nth else EMPTY
    if kind_of(cell) == "wr" and not cell.nth:  # a step leads there: Tab stops at functions and decisions
        lit = Markup(' tabindex="-1"')
    name = (
        EMPTY
        if cell.kind == j.WHY
        else html("<span>{}{}</span>", cell.now[0], "()" if cell.kind == j.ENTER else "")
    )
    what = html("<em>{}</em>", cell.now[1]) if cell.now[1] else EMPTY
    who = html('<b class="fv-who">{}</b>', cell.cpu) if cell.cpu >= 0 else EMPTY
    return html(
        '<button class="{}{} {}{}" style="--d:{}" data-fv="row:{}:{}" title="{}"{}>{}{}{}{}</button>',
        kind_of(cell),
        " now" if cell.nth else "",
        place,
        f" fv-cpu-{cell.cpu}" if cell.cpu >= 0 else "",
        indent,
        side,
        cell.row,
        title(cell),
        lit,
        who,
        name,
        what,
        times(cell),
    )


@lru_cache(maxsize=4096)
def row(pair: Pair, shallow: int) -> Markup:
    """Return a row."""
    halves = [
        line(cell, side, shallow) if cell else html('<i class="fv-lacks {}"></i>', side.lower())
        for cell, side in zip(pair.cells, "AB", strict=False)
    ]
    if len(halves) == 1:
        return html('<div class="fv-step" data-row="{}">{}</div>', pair.number, halves[0])
    sign, words = SIGNS[pair.sign]
    mark = html(
        '<i class="fv-apart"{}>{}</i>',
        html(' title="{0}" aria-label="{0}" role="img"', words) if sign else EMPTY,
        sign,
    )
    return html(
        '<div class="fv-step{}" data-row="{}">{}{}{}</div>',
        OF_SIGN[pair.sign],
        pair.number,
        halves[0],
        mark,
        halves[1],
    )


def rows(frame: Frame) -> dict[str, Markup]:
    """Return the rows near the playhead, by number."""
    if not frame.trace:
        refused = any(side.refused for side in frame.sides)
        text = "This kernel refused the operation." if refused else "Nothing has been done yet."
        return {"": html('<p class="fv-empty">{}</p>', text)}
    shallow = min(cell.depth for pair in frame.trace for cell in pair.cells if cell)
    found = {}
    for pair in frame.trace:
        if pair.skipped:
            found[f"to {pair.number}"] = html('<p class="fv-skipped">{} rows</p>', f"{pair.skipped:,}")
        found[str(pair.number)] = row(pair._replace(skipped=0), shallow)
    return found


def place(frame: Frame) -> Markup:
    """Return where the rows stand."""
    kind = f"fv-trace fv-of-{frame.tracing.lower()}{' fv-both' if len(frame.sides) > 1 else ''}"
    return html('<div class="{}" data-slot="tracelines"></div>', kind)
