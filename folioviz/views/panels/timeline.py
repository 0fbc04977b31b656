"""The timeline: a counter, at first `_nr_pages_mapped` of the folio in focus, under each kernel, and the playhead."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import bqplot
import ipywidgets as w
import numpy as np
from markupsafe import Markup

from folioviz.readout.words import count
from folioviz.views.page.markup import html, joined
from folioviz.views.page.palette import colour
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.transport import button
from folioviz.views.player.curve import COUNTED, OF_MACHINE
from folioviz.views.session.actions import described

if TYPE_CHECKING:
    from typing import Any

    from folioviz.views.page.screen import Screen
    from folioviz.views.player.curve import Curve
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

COLOURS = (colour("a-line"), colour("b-line"))
"""Of A and B."""
SHAPES = {"queued": "triangle-down", "unqueued": "triangle-up", "freed": "square", "flush": "cross"}
MAX_TICKS = 6
HEADROOM, BARE = 1.5, 1.08
"""The top of the chart, in heights of its highest line: with words above the lines, and without."""
ROOM = 0.4
"""The part of the chart's width that words may take."""
NEEDLE = Markup('<div class="fv-plot" title="drag the playhead"><i class="fv-needle"></i></div>')
"""The playhead in the chart; the browser moves it, without a message of the chart's own."""


BY_PROGRESS = (
    "A and B have dealt with the same entries of page tables: an entry is dealt with at the operation's last write to "
    "it, and the k-th of both is one step here; who has fewer steps between two entries waits. Operations whose "
    "entries A and B do not deal with in one order stay by step."
)


class Timeline(Panel):
    """The panel: a line per kernel, marks, and a playhead."""

    def __init__(self, screen: Screen, session: Session) -> None:
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
            kind: bqplot.Label(
                scales=scales, x=empty, y=empty, text=np.array([""], "U1"), default_size=11, font_weight="normal",
                align=align, x_offset=right, y_offset=down, colors=[COLOURS[0]], apply_clip=False,
            )
            for kind, align, right, down in (("queued", "start", 2, 0), ("unqueued", "end", 2, 0))
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
            fig_margin={"top": 14, "bottom": 24, "left": 38, "right": 14},
            padding_x=0,
            padding_y=0,
            max_aspect_ratio=1000,
            min_aspect_ratio=0.01,
            display_toolbar=False,
            layout=w.Layout(height="150px", width="auto", min_width="0"),
        )
        self.figure.add_class("fv-timeline")
        self.title = slot("timeline", "fv-titleline")
        self.widget = w.VBox([self.figure, slot("needle", "fv-overlay")])
        self.widget.add_class("fv-chart")
        self._shown: tuple[Any, ...] = ()
        self._curves: list[Curve] = []

    def update(self, frame: Frame) -> None:
        """Draw the lines if they changed, and move the playhead."""
        key = (frame.span, *(id(side.curve) for side in frame.sides))
        top = float(max([1.0, *(float(side.curve.y.max(initial=0)) for side in frame.sides)]))
        if key != self._shown:
            self._shown = key
            self._curves = [side.curve for side in frame.sides]  # kept, so that their ids stay theirs
            self._draw(frame, top)
        kinds = {kind for side in frame.sides for kind, _, _ in side.curve.marks}
        parts = {"counter": counter(frame.counting), "title": title(frame, subject(frame))}
        parts["legend"] = legend(kinds, len(frame.sides))
        if len(frame.sides) > 1:
            parts["align"] = aligned(frame)
        self.screen.put("timeline", parts)
        self.screen.put("needle", NEEDLE)

    def _draw(self, frame: Frame, top: float) -> None:
        """Draw all but the playhead."""
        first, last = frame.span
        worded = any(kind in self.words for side in frame.sides for kind, _, _ in side.curve.marks)
        high = top * (HEADROOM if worded else BARE)
        with self.x.hold_sync():
            self.x.min, self.x.max = float(first), float(max(last, first + 1))
        with self.y.hold_sync():
            self.y.min, self.y.max = -top * 0.07, high
        self.axis_x.tick_labels = {
            str(tick): str(tick - first) for tick in ticks(first, last)
        }  # before the values
        self.axis_x.tick_values = np.array(ticks(first, last), np.float32)
        self.axis_y.tick_values = np.array(ticks(0, int(top), 4), np.float32)
        for place, mark in enumerate(self.lines):
            found = frame.sides[place].curve if place < len(frame.sides) else None
            with mark.hold_sync():
                mark.x = found.x if found else np.zeros(0, np.float32)
                mark.y = found.y if found else np.zeros(0, np.float32)
        for kind, mark in self.marks.items():
            points = [
                (x, y, COLOURS[place])
                for place, side in enumerate(frame.sides)
                for what, x, y in side.curve.marks
                if what == kind
            ]
            with mark.hold_sync():
                mark.x = np.array([x for x, _, _ in points], np.float32)
                mark.y = np.array([y for _, y, _ in points], np.float32)
                mark.colors = [line for _, _, line in points] or [COLOURS[0]]
        self._say(frame, top)
        inner = frame.begins[bisect_right(frame.begins, first) : bisect_left(frame.begins, last)]
        with self.bounds.hold_sync():
            self.bounds.x = np.repeat(np.array(inner, np.float32), 3)
            self.bounds.y = np.tile(np.array([0, high, np.nan], np.float32), len(inner))

    def _say(self, frame: Frame, top: float) -> None:
        """Write above the lines what the first queueing and unqueueing of each kernel are; a row per kernel."""
        said: dict[str, list[tuple[float, float, str, str]]] = {kind: [] for kind in self.words}
        for place, side in enumerate(frame.sides):
            height = top * (HEADROOM - 0.1 - 0.2 * place)
            end = -np.inf
            queued = f"queued: {side.curve.mapped} of {count(side.curve.pages, 'page')} mapped"
            for kind, text in (("queued", queued), ("unqueued", "off the queue")):
                mark = next((mark for mark in side.curve.marks if mark[0] == kind), None)
                if mark is None or (mark[1] - end) < ROOM * (frame.span[1] - frame.span[0]):
                    continue
                end = mark[1]
                said[kind].append((mark[1], height, f"{side.name} {text}", COLOURS[place]))
        for kind, label in self.words.items():
            late = [
                x
                for x, _, _, _ in said[kind]
                if x - frame.span[0] > (1 - ROOM) * (frame.span[1] - frame.span[0])
            ]
            with label.hold_sync():
                label.align = "end" if late or kind == "unqueued" else "start"
                label.x = np.array([x for x, _, _, _ in said[kind]], np.float32)
                label.y = np.array([y for _, y, _, _ in said[kind]], np.float32)
                label.text = np.array([words for _, _, words, _ in said[kind]] or [""], "U48")
                label.colors = [line for _, _, _, line in said[kind]] or [COLOURS[0]]


class Steps(Panel):
    """The heading alone, where nothing is drawn."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("timeline", "fv-titleline")

    def update(self, frame: Frame) -> None:
        """Say which step it is."""
        self.screen.put("timeline", {"title": title(frame, "Step by step")})


def subject(frame: Frame) -> str:
    """Return what the drawn counter is of."""
    text = "" if frame.counting in OF_MACHINE or not frame.focus else f"of folio {frame.focus}"
    if text and frame.counting == "mapped" and all(side.curve.pages < 2 for side in frame.sides):
        text += ": one page, PTEs that map it"
    return text + unkept(frame)


def title(frame: Frame, text: str) -> Markup:
    """Return the heading: a text, and which step of which operation it is."""
    if frame.op is None:
        return heading(text)
    begin, end = frame.begins[frame.index], frame.begins[frame.index + 1]
    note = (
        f"step {frame.position - begin} of {end - begin} · operation {frame.index + 1} of {len(frame.ops)}: "
    )
    return heading(text, note + described(frame.op) + progress(frame))


def progress(frame: Frame) -> str:
    """Return how far both kernels are by progress, or that they do not share it; "" by step."""
    if not frame.by_progress or len(frame.sides) == 1:
        return ""
    if frame.pace is None:
        return " · by step: A and B share no order of entries"
    return (
        f" · {frame.pace.dealt(frame.position - frame.begins[frame.index])} of {frame.pace.entries} entries"
    )


def aligned(frame: Frame) -> Markup:
    """Return the switch between positions by step and by progress."""
    buttons = (
        ("bystep", "by step", "A and B have done as many steps", not frame.by_progress),
        ("byprogress", "by progress", BY_PROGRESS, frame.by_progress),
    )
    return html(
        '<span class="fv-switch fv-align" role="group" aria-label="how A and B stand beside each other">{}</span>',
        joined(button(name, text, tip, on=on) for name, text, tip, on in buttons),
    )


def unkept(frame: Frame) -> str:
    """Return which kernels do not keep what is drawn, "" if all do."""
    if not frame.focus or frame.counting in OF_MACHINE:
        return ""
    names = [side.name for side in frame.sides if side.curve.pages > 1 and not side.curve.kept]
    return f" · {' and '.join(names)} {'keep' if len(names) > 1 else 'keeps'} none" if names else ""


def counter(chosen: str) -> Markup:
    """Return the menu of what is drawn; it is the first half of the heading."""
    options = joined(
        html('<option value="{}"{}>{}</option>', key, " selected" if key == chosen else "", label)
        for key, label in COUNTED.items()
    )
    tip = "what the timeline draws: of the folio in focus, or of the machine"
    named = Markup('data-count data-fv="count" aria-label="drawn counter"')
    return html('<select class="fv-counted" {} title="{}">{}</select>', named, tip, options)


def ticks(first: int, last: int, most: int = MAX_TICKS) -> list[int]:
    """Return round, evenly spaced whole numbers from ``first`` to ``last``."""
    length = max(last - first, 1)
    step = next(
        size * 10**power
        for power in range(12)
        for size in (1, 2, 4, 5, 8)
        if length / (size * 10**power) <= most
    )
    return list(range(first, last + 1, step))


def legend(kinds: set[str], sides: int) -> Markup:
    """Return what the lines and marks mean."""
    signs = {"queued": "▼ queued", "unqueued": "▲ taken off", "freed": "■ freed", "flush": "✚ TLB flush"}
    lines = [Markup('<span class="fv-A">━ A</span>'), Markup('<span class="fv-B">╍ B</span>')][:sides]
    marks = [html("<span>{}</span>", sign) for kind, sign in signs.items() if kind in kinds]
    return html('<div class="fv-legend">{}</div>', joined([*lines, *marks]))
