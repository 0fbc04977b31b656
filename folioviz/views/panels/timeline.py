"""The timeline: a counter, at first `_nr_pages_mapped` of the folio in focus, under each kernel, and the playhead."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import ipywidgets as w
import numpy as np
from markupsafe import Markup

from folioviz.views.page.alike import alike
from folioviz.views.page.markup import html
from folioviz.views.page.palette import colour
from folioviz.views.page.screen import slot
from folioviz.views.panels.chart_room import life, merged, ticks
from folioviz.views.panels.chart_words import NONE, written
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.timeline_head import aligned, counter, legend, subject, title, zoomed

if TYPE_CHECKING:
    from typing import Any

    from folioviz.views.page.screen import Screen
    from folioviz.views.player.curve import Curve
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

COLOURS = (colour("a-line"), colour("b-line"))
"""Of A and B."""
SHAPES = {"queued": "triangle-down", "unqueued": "triangle-up", "freed": "square", "flush": "cross"}
ROW = 12
"""Pixels between two rows of words."""
HEADROOM = 1.08
"""The top of the chart, in heights of its highest line."""
MARGIN = 14
"""Pixels above the chart: the room of one row of words."""
ASIDE = {"start": 8, "middle": 0, "end": -8}
"""Pixels between words and the playhead where they begin or end."""
NEEDLE = Markup(
    '<div class="fv-plot" title="drag the playhead"><i class="fv-needle"></i>'
    '<div data-slot="apartat"></div></div>'
)
"""The playhead in the chart; the browser moves it, without a message of the chart's own."""
NOWHERE = Markup("<i></i>")
"""Where A and B do not differ: an empty slot would hide the playhead with itself (base.css)."""


class Timeline(Panel):
    """The panel: a line per kernel, marks, and a playhead."""

    def __init__(self, screen: Screen, session: Session) -> None:
        import bqplot  # brings pandas along

        super().__init__(screen, session)
        self.x = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        self.y = bqplot.LinearScale(min=0.0, max=16.0, allow_padding=False)
        scales = {"x": self.x, "y": self.y}
        empty = np.zeros(0, np.float32)
        self.lines = [
            bqplot.Lines(x=empty, y=empty, scales=scales, colors=[line], line_style=style, stroke_width=2.4)
            for line, style in zip(COLOURS, ("solid", "dashed"), strict=True)
        ]
        self.marks = {
            kind: bqplot.Scatter(
                x=empty,
                y=empty,
                scales=scales,
                marker=shape,
                default_size=70,
                colors=[COLOURS[0]],
                stroke=colour("mark-edge"),
            )
            for kind, shape in SHAPES.items()
        }
        self.bounds = bqplot.Lines(
            x=empty,
            y=empty,
            scales=scales,
            colors=[colour("bounds")],
            stroke_width=1,
            opacities=[0.35],
            line_style="dotted",
        )
        self.words = {
            (kind, place): bqplot.Label(
                scales=scales, x=empty, y=empty, text=np.array([""], "U1"), default_size=11, font_weight="normal",
                x_offset=0, y_offset=0, colors=[line], apply_clip=False,
            )
            for kind in ("queued", "unqueued", "flush")
            for place, line in enumerate(COLOURS)
        }  # fmt: skip
        for label in self.words.values():
            label.font_unit = "px"
        style = {"font-size": "11px"}
        self.axis_x = bqplot.Axis(scale=self.x, grid_lines="none", tick_format="d", tick_style=style)
        self.axis_y = bqplot.Axis(
            scale=self.y, side="left", grid_lines="solid", tick_format="d", tick_style=style
        )
        self.figure = bqplot.Figure(
            marks=[self.bounds, *self.lines, *self.marks.values(), *self.words.values()],
            axes=[self.axis_x, self.axis_y],
            scale_x=self.x,
            scale_y=self.y,
            fig_margin=self._margin(rows=1),
            padding_x=0,
            padding_y=0,
            max_aspect_ratio=1000,
            min_aspect_ratio=0.01,
            display_toolbar=False,
            layout=w.Layout(height="150px", width="auto", min_width="0"),
        )
        self.figure.add_class("fv-timeline")
        self.resent = (self.figure,)
        self.title = slot("timeline", "fv-titleline")
        self.widget = alike(w.VBox, [self.figure, slot("needle", "fv-overlay")])
        self.widget.add_class("fv-chart")
        self.shows = (0, 1)
        """The first and the last position of the chart."""
        self._shown: tuple[Any, ...] = ()
        self._curves: list[Curve] = []

    @staticmethod
    def _margin(rows: int) -> dict[str, int]:
        """Return what is free around the chart, with so many rows of words above it."""
        return {"top": MARGIN + ROW * (rows - 1), "bottom": 24, "left": 38, "right": 14}

    def update(self, frame: Frame) -> None:
        """Draw the lines if they changed, and move the playhead."""
        first, last = frame.span
        curves = [side.curve for side in frame.sides]
        near = life(curves, frame.span)
        zoom = self.session.selection.near
        self.shows = near if zoom and near else (first, max(last, first + 1))
        key = (frame.span, self.shows, *map(id, curves))
        if key != self._shown:
            self._shown = key
            self._curves = curves  # kept, so that their ids stay theirs
            self._draw(frame)
        parts = {"counter": counter(frame.counting), "title": title(frame, subject(frame))}
        parts["legend"] = legend(frame)
        parts["zoom"] = zoomed(on=zoom, can=zoom or near is not None)
        if len(frame.sides) > 1:
            parts["align"] = aligned(frame)
        self.screen.put("timeline", parts)
        self.screen.put("needle", NEEDLE)
        self.screen.put("apartat", self._apart_at(frame))
        self.screen.give("chart", list(self.shows))

    def _apart_at(self, frame: Frame) -> dict[str, Markup]:
        """Return a bar over each stretch of what is shown in which A and B differ."""
        low, high = self.shows
        found = {}
        for first, last in frame.along.runs if frame.along else ():
            start, end = max(first, low), min(last, high)
            if start <= end:
                at = f"left:{100 * (start - low) / (high - low):.3f}%;width:{100 * (end - start) / (high - low):.3f}%"
                found[f"{first}"] = html('<b class="fv-apart-at" style="{}"></b>', at)
        return found or {"": NOWHERE}

    def _draw(self, frame: Frame) -> None:
        """Draw all but the playhead."""
        begin, (first, last) = frame.span[0], self.shows
        values = np.concatenate([side.curve.y for side in frame.sides])
        highest = float(values.max(initial=0))
        flat = bool(values.size) and float(values.min()) == highest
        high = max(highest, 1.0) * (2 if flat else HEADROOM)
        said = written([(side.name, side.curve) for side in frame.sides], self.shows)
        self.figure.fig_margin = self._margin(max((one.row for one in said.values()), default=0) + 1)
        with self.x.hold_sync():
            self.x.min, self.x.max = float(first), float(last)
        with self.y.hold_sync():
            self.y.min, self.y.max = -high * 0.065, high
        at = ticks(first, last, begin=begin)
        self.axis_x.tick_labels = {str(tick): str(tick - begin) for tick in at}  # before the values
        self.axis_x.tick_values = np.array(at, np.float32)
        levels = [int(highest)] if flat else ticks(0, int(highest), 4)
        self.axis_y.tick_values = np.array(levels, np.float32)
        for place, mark in enumerate(self.lines):
            found = frame.sides[place].curve if place < len(frame.sides) else None
            with mark.hold_sync():
                mark.x = found.x if found else np.zeros(0, np.float32)
                mark.y = found.y if found else np.zeros(0, np.float32)
        for kind, mark in self.marks.items():
            points = [
                (x, y, COLOURS[place])
                for place, side in enumerate(frame.sides)
                for x, y in self._apart([(x, y) for what, x, y in side.curve.marks if what == kind])
            ]
            with mark.hold_sync():
                mark.x = np.array([x for x, _, _ in points], np.float32)
                mark.y = np.array([y for _, y, _ in points], np.float32)
                mark.colors = [line for _, _, line in points] or [COLOURS[0]]
        for name, label in self.words.items():
            words = said.get(name, NONE)
            with label.hold_sync():
                label.align, label.x_offset = words.align, ASIDE[words.align]
                label.y_offset = -(MARGIN // 2) - ROW * words.row
                label.x, label.y = np.array([words.x], np.float32), np.array([high], np.float32)
                label.text = np.array([words.text], "U48")
        inner = frame.begins[bisect_right(frame.begins, first) : bisect_left(frame.begins, last)]
        with self.bounds.hold_sync():
            self.bounds.x = np.repeat(np.array(inner, np.float32), 3)
            self.bounds.y = np.tile(np.array([0, high, np.nan], np.float32), len(inner))

    def _apart(self, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        """Return the marks of a kind that are drawn: of many in a row, which nobody can tell apart, first and last."""
        inside = [point for point in points if self.shows[0] <= point[0] <= self.shows[1]]
        runs = merged([x for x, _ in inside], self.shows[1] - self.shows[0])
        return [inside[place] for first, after in runs for place in sorted({first, after - 1})]
