"""The sweep: one count for every order and kernel, as curves and a table, with its progress and a way to cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bqplot as bq
import ipywidgets as w
import numpy as np
from markupsafe import Markup

from folioviz.machine.costs import COSTS
from folioviz.stories.costs import KERNELS, ORDERS, WANTED, cost, counted, ops
from folioviz.stories.parts.parts import Table
from folioviz.stories.parts.pieces import label
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import html, joined
from folioviz.views.page.palette import colour
from folioviz.views.page.screen import filled, slot
from folioviz.views.page.text import heading
from folioviz.views.panels.chart_room import ticks
from folioviz.views.panels.story_parts import table
from folioviz.views.story_panels.by_order import ByOrder

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.session import Session

COLOURS = (
    colour("dim"),
    colour("a-line"),
    colour("c-line"),
    colour("d-line"),
    colour("b-line"),
    colour("e-line"),
)
LOOKS = (
    ("solid", "circle"),
    ("solid", "square"),
    ("dotted", "cross"),
    ("dashed", "triangle-up"),
    ("dashed", "diamond"),
    ("dotted", "triangle-down"),
)
"""(line, marker) of each kernel: they differ without colour, too."""


class Sweep(ByOrder[dict[str, int]]):
    """Counts the story's zap, and draws a curve per kernel."""

    name = "sweep"
    tooltip = "run this zap for orders 0 to 9 under every kernel"
    orders, kernels = ORDERS, KERNELS

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.counter = alike(
            w.Dropdown,
            options=[(COSTS[name].words, name) for name in WANTED],
            description="counter",
            tooltip="what the curves show",
        )
        self.counter.add_class("fv-field")
        self.counter.observe(lambda _: self.redraw(), "value")
        x, y = bq.LinearScale(min=-0.3, max=9.3), bq.LinearScale(min=0)
        self.y = bq.Axis(scale=y, side="left", tick_format="d")
        axes = [
            bq.Axis(scale=x, tick_values=np.array(ORDERS), tick_format="d", label="order", grid_lines="none"),
            self.y,
        ]
        scales = {"x": x, "y": y}
        self.lines = [
            bq.Lines(
                scales=scales, x=[], y=[], colors=[line], line_style=style, marker=marker, marker_size=42
            )
            for line, (style, marker) in zip(COLOURS, LOOKS, strict=True)
        ]
        self.figure = bq.Figure(
            marks=self.lines,
            axes=axes,
            fig_margin={"top": 12, "bottom": 36, "left": 44, "right": 12},
            padding_y=0,
        )
        self.figure.display_toolbar = False
        self.figure.layout.height = "240px"
        self.figure.layout.width = "100%"
        self.resent = (self.figure,)
        head = filled(heading("All orders", "the zap chosen above, under every kernel", "order"))
        row = alike(w.HBox, [slot("sweepgo", "fv-buttons"), self.counter])
        row.add_class("fv-bar")
        self.chart = alike(w.VBox, [self.figure, slot("sweeplegend")])
        self.widget = alike(w.VBox, [head, row, self.chart, slot("sweeptable")])

    def count(self, order: int, key: str) -> dict[str, int]:
        """Return what the zap costs."""
        return cost(self.text(order), key)

    def text(self, order: int) -> str:
        """Return the operations for an order."""
        return ops({**self.values, "order": order})

    def draw(self) -> None:
        """Show the curves and the table."""
        name = self.counter.value
        most = max([1, *(one.get(name, 0) for one in self.found.values())])
        self.y.tick_values = np.array(ticks(0, most, 6))
        for key, line in zip(KERNELS, self.lines, strict=True):
            points = [(order, self.found.get((key, order), {}).get(name)) for order in ORDERS]
            points = [point for point in points if point[1] is not None]  # none where the kernel hits a bug
            with line.hold_sync():
                line.x = np.array([order for order, _ in points], np.float32)
                line.y = np.array([value for _, value in points], np.float32)
        signs = joined(
            html('<span><b style="color:{}">{}</b> {}</span>', line, mark, label(key))
            for key, line, mark in zip(KERNELS, COLOURS, "●■✚▲◆▼", strict=True)
        )
        empty = Markup(
            '<p class="fv-nothing">Not counted yet. <b>Count all orders</b> draws a line per kernel.</p>'
        )
        self.screen.put(
            "sweeplegend", html('<div class="fv-legend">{}</div>', signs) if self.found else empty
        )
        rows = tuple(
            (
                f"order {order}",
                *(counted(self.text(order), key, name) for key in KERNELS),
            )
            for order in self.whole
        )
        labels = tuple(label(key) for key in KERNELS)
        shown = (
            table(Table("Order by order", (COSTS[name].words, *labels), rows), self.come_from) if rows else ""
        )
        self.screen.put("sweeptable", {"": html("<div>{}</div>", shown)})
