"""The trace: the call tree around the playhead; a click on a line goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from folioviz import journal as j
from folioviz.views.text import esc, heading

if TYPE_CHECKING:
    from folioviz.trace import Line
    from folioviz.views.frame import Frame, Side

QUEUE = {j.QADD, j.QDEL, j.SQLOCK}
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


def lines(side: Side) -> str:
    """Return one kernel's lines around the playhead."""
    if side.refused:
        return '<p class="fv-empty">This kernel refused the operation.</p>'
    if not side.lines:
        return '<p class="fv-empty">Nothing has been done yet.</p>'
    shallow = min(item.depth for item in side.lines)
    body = "".join(line(side, item, shallow) for item in side.lines)
    return f'<div class="fv-trace" data-row="{side.row}">{body}</div>'


class Trace:
    """The panel; one kernel's trace at a time."""

    def __init__(self) -> None:
        """Make the panel."""
        self.frame: Frame | None = None
        self.side = 0
        self.which = w.ToggleButtons(
            options=[("A", 0), ("B", 1)], tooltips=["trace of kernel A", "trace of kernel B"]
        )
        self.which.add_class("fv-toggle")
        self.title = w.HTML()
        self.body = w.HTML()
        head = w.HBox([self.title, self.which])
        head.add_class("fv-head")
        self.widget = w.VBox([head, self.body])
        self.which.observe(self._chosen, "value")

    def _chosen(self, _change: Any) -> None:
        """Show the other kernel's trace."""
        self.side = int(self.which.value or 0)
        if self.frame is not None:
            self.show(self.frame)

    def show(self, frame: Frame) -> None:
        """Draw the lines."""
        self.frame = frame
        side = frame.sides[min(self.side, len(frame.sides) - 1)]
        self.which.layout.display = None if len(frame.sides) > 1 else "none"
        self.title.value = heading(f"Trace of {side.name}", "click a line to go there")
        self.body.value = lines(side)
