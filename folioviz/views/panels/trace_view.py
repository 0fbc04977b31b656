"""The trace: the call tree around the playhead; a click on a line goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.machine import journal as j
from folioviz.machine.costs import QADD, QDEL, SQLOCK
from folioviz.views.page.markup import html, joined, truth
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.readout.trace import Line
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

QUEUE = {QADD, QDEL, SQLOCK}
MAX_INDENT = 12


def line(side: Side, item: Line, shallow: int) -> Markup:
    """Return one line: a function, a write, a cost or a decision."""
    kind = (
        "fn"
        if item.kind == j.ENTER
        else "why"
        if item.kind == j.WHY
        else "hot"
        if item.kind in QUEUE
        else "wr"
    )
    when = " now" if item.row == side.at else " later" if item.row > side.at else ""
    current = Markup(' aria-current="step"') if item.row == side.at else ""
    indent = min(item.depth - shallow, MAX_INDENT)
    name = (
        ""
        if item.kind == j.WHY
        else html("<span>{}{}</span>", item.name, "()" if item.kind == j.ENTER else "")
    )
    return html(
        '<button class="{}{}" style="--d:{}" data-fv="row:{}:{}"{}>{}<em>{}</em></button>',
        kind,
        when,
        indent,
        side.name,
        item.row,
        current,
        name,
        item.what,
    )


def lines(side: Side) -> dict[str, Markup]:
    """Return one kernel's lines around the playhead, by row."""
    if not side.lines:
        text = "This kernel refused the operation." if side.refused else "Nothing has been done yet."
        return {"": html('<p class="fv-empty">{}</p>', text)}
    shallow = min(item.depth for item in side.lines)
    return {f"{side.name}{item.row}": line(side, item, shallow) for item in side.lines}


class Trace(Panel):
    """The panel; one kernel's trace at a time."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("trace")

    def update(self, frame: Frame) -> None:
        """Draw the lines."""
        side = frame.side(frame.tracing) or frame.sides[0]
        which = joined(
            html(
                '<button data-fv="trace:{0}" aria-pressed="{1}" title="trace of kernel {0}">{0}</button>',
                one.name,
                truth(one is side),
            )
            for one in frame.sides
        )
        chooser = html('<span class="fv-switch" role="group" aria-label="whose trace">{}</span>', which)
        head = heading(f"Trace of {side.name}", "click a line to go there")
        self.screen.put(
            "trace",
            {
                "head": html(
                    '<div class="fv-head">{}{}</div>', head, chooser if len(frame.sides) > 1 else ""
                ),
                "lines": Markup('<div class="fv-trace" data-slot="tracelines"></div>'),
            },
        )
        self.screen.put("tracelines", lines(side))
