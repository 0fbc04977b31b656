"""The trace: the call tree around the playhead; a click on a line goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine import journal as j
from folioviz.machine.costs import QADD, QDEL, SQLOCK
from folioviz.views.page.screen import slot
from folioviz.views.page.text import esc, heading
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.readout.trace import Line
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

QUEUE = {QADD, QDEL, SQLOCK}
MAX_INDENT = 12


def line(side: Side, item: Line, shallow: int) -> str:
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
    current = ' aria-current="step"' if item.row == side.at else ""
    indent = min(item.depth - shallow, MAX_INDENT)
    name = (
        "" if item.kind == j.WHY else f"<span>{esc(item.name)}{'()' if item.kind == j.ENTER else ''}</span>"
    )
    return (
        f'<button class="{kind}{when}" style="--d:{indent}" data-fv="row:{side.name}:{item.row}"{current}>'
        f"{name}<em>{esc(item.what)}</em></button>"
    )


def lines(side: Side) -> dict[str, str]:
    """Return one kernel's lines around the playhead, by row."""
    if not side.lines:
        text = "This kernel refused the operation." if side.refused else "Nothing has been done yet."
        return {"": f'<p class="fv-empty">{text}</p>'}
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
        which = "".join(
            f'<button data-fv="trace:{one.name}" aria-pressed="{"true" if one is side else "false"}" '
            f'title="trace of kernel {one.name}">{one.name}</button>'
            for one in frame.sides
        )
        chooser = f'<span class="fv-switch" role="group" aria-label="whose trace">{which}</span>'
        head = heading(f"Trace of {side.name}", "click a line to go there")
        self.screen.put(
            "trace",
            {
                "head": f'<div class="fv-head">{head}{chooser if len(frame.sides) > 1 else ""}</div>',
                "lines": '<div class="fv-trace" data-slot="tracelines"></div>',
            },
        )
        self.screen.put("tracelines", lines(side))
