"""Address spaces: a lane per process, drawn as one picture, with a brush over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bqplot
import ipywidgets as w
import numpy as np
from bqplot.interacts import BrushIntervalSelector

from folioviz.views import png
from folioviz.views.lane_picture import BETWEEN, HEIGHT, PALETTE, Strip, picture, stacked, strip
from folioviz.views.text import address, count, esc

if TYPE_CHECKING:
    from folioviz.views.frame import Frame
    from folioviz.views.session import Session

MAX_LANES = 8
WIDTH = 1792
"""Pixels of a lane's picture; a browser scales it to the lane."""
MOST_TICKS = 5
LETTER = 14
"""Pixels of the picture that a letter of a label takes."""


class Lane:
    """One process: a heading, its pages (A's above B's), addresses, and the brush."""

    def __init__(self, session: Session, place: int) -> None:
        """Make an empty lane."""
        self.session = session
        self.mm = 0
        self._quiet = False
        self.head = w.HTML()
        self.x = bqplot.LinearScale(min=0.0, max=64.0, allow_padding=False)
        self.y = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        scales = {"x": self.x, "y": self.y}
        self.axis = bqplot.Axis(
            scale=self.x, grid_lines="none", tick_values=[0.0], tick_style={"font-size": "10px"}
        )
        self.image = bqplot.Image(
            image=w.Image(value=b"", format="png"), scales=scales, x=[0, 64], y=[0, 1], pixelated=False
        )
        self.names = bqplot.Label(
            scales=scales, x=[0.0], y=[0.0], text=[""], align="start", default_size=11, colors=["#1c2128"],
            font_weight="normal", y_offset=0, x_offset=7,
        )  # fmt: skip
        self.names.font_unit = "px"
        self.brush = BrushIntervalSelector(scale=self.x, color="#0072b2")
        self.figure = bqplot.Figure(
            marks=[self.image, self.names],
            axes=[self.axis],
            interaction=self.brush,
            scale_x=self.x,
            scale_y=self.y,
            fig_margin={"top": 2, "bottom": 20, "left": 2, "right": 2},
            padding_x=0,
            padding_y=0,
            max_aspect_ratio=1000,
            min_aspect_ratio=0.01,
            display_toolbar=False,
            layout=w.Layout(height="80px", width="auto", min_width="0"),
        )
        self.figure.add_class("fv-lane")
        self.widget = w.VBox([self.head, self.figure])
        self.widget.add_class("fv-lane-box")
        self._png = self._key = b""
        self.brush.observe(self._dragged, ["selected", "brushing"])
        self.place = place

    def _dragged(self, change: Any) -> None:
        """Take the selection that a person drags, snapped to pages."""
        if self._quiet or not self.mm:
            return
        pages = snapped(self.brush.selected, self.session.frame.view)
        if pages is not None and (self.mm, *pages) != (self.session.mm, self.session.lo, self.session.hi):
            self.session.select(self.mm, *pages)
        elif change["name"] == "brushing" and not self.brush.brushing:
            self._mirror(self.session.frame)

    def _mirror(self, frame: Frame) -> None:
        """Let the brush show the selection, unless a person is dragging it."""
        if self.brush.brushing:
            return
        wanted = [float(frame.lo), float(frame.hi)] if frame.mm == self.mm else None
        have = self.brush.selected
        same = have is None if wanted is None else have is not None and np.array_equal(have, wanted)
        if not same:
            self._quiet = True
            self.brush.selected = None if wanted is None else np.array(wanted, np.float32)
            self._quiet = False

    def show(self, frame: Frame, mm: int) -> None:
        """Draw a process."""
        self.mm = mm
        first, last = frame.view
        found = [next((p for p in side.processes if p.id == mm), None) for side in frame.sides]
        strips = [
            strip(process, side.owners, first, last) for process, side in zip(found, frame.sides, strict=True)
        ]
        key = b"".join(array.tobytes() for part in strips for array in part)
        if key != self._key:
            self._key, drawn = key, png.encode(stacked([picture(part, WIDTH) for part in strips]), PALETTE)
        else:
            drawn = self._png
        rows = len(strips)
        self.figure.layout.height = f"{(HEIGHT * rows + BETWEEN * (rows - 1)) // 2 + 22}px"
        with self.x.hold_sync():
            self.x.min, self.x.max = float(first), float(last)
        ticks = tick_pages(first, last)
        # The labels first, and in a message of their own: bqplot draws new values with the labels it had before.
        self.axis.tick_labels = {str(tick): address(tick) for tick in ticks}
        if list(self.axis.tick_values) != ticks:
            self.axis.tick_values = np.array(ticks, np.float32)
        if drawn != self._png or [first, last] != list(self.image.x):
            old = self.image.image
            with self.image.hold_sync():
                self.image.image = w.Image(value=drawn, format="png")
                self.image.x = [first, last]
            old.layout.close()
            old.close()
            self._png = drawn
        self._name(strips, first, last)
        self.head.value = self._heading(frame, found[0] or found[-1])
        self._mirror(frame)

    def _name(self, strips: list[Strip], first: int, last: int) -> None:
        """Write each folio's number where there is room for it."""
        xs, ys, texts = [], [], []
        room = WIDTH / (last - first)
        height = HEIGHT * len(strips) + BETWEEN * (len(strips) - 1)
        for row, part in enumerate(strips):
            cuts = np.flatnonzero(np.diff(part.folio)) + 1
            starts = [0, *cuts.tolist()]
            for start, end in zip(starts, [*cuts.tolist(), part.folio.size], strict=True):
                folio = int(part.folio[start])
                long, short = f"folio {folio}", f"{folio}"
                text = next((t for t in (long, short) if len(t) * LETTER + 12 < (end - start) * room), "")
                if folio and text:
                    xs.append(first + start)
                    ys.append(1 - (row * (HEIGHT + BETWEEN) + HEIGHT / 2) / height)
                    texts.append(text)
        if texts != list(self.names.text) or xs != list(self.names.x) or ys != list(self.names.y):
            with self.names.hold_sync():
                self.names.x, self.names.y = np.array(xs, np.float32), np.array(ys, np.float32)
                self.names.text = np.array(texts or [""], dtype="U16")

    @staticmethod
    def _heading(frame: Frame, process: Any) -> str:
        """Return the line above the lane."""
        rss = [next((p.rss for p in side.processes if p.id == process.id), 0) for side in frame.sides]
        shown = count(rss[0], "page") if len(set(rss)) == 1 else f"{rss[0]} in A, {rss[1]} in B"
        text = f"<b>process {process.id}</b> <span>RSS {esc(shown)}</span>"
        if frame.mm == process.id:
            text += (
                f'<span class="fv-picked">{address(frame.lo)} – {address(frame.hi)} · '
                f"{esc(count(frame.hi - frame.lo, 'page'))}</span>"
            )
        return f'<div class="fv-lane-head">{text}</div>'


class AddressSpaces:
    """All lanes; a lane is made when it is first needed and used again."""

    def __init__(self, session: Session) -> None:
        """Make the panel."""
        self.session = session
        self.lanes: list[Lane] = []
        self.note = w.HTML()
        self.box = w.VBox([])
        self.widget = w.VBox([self.box, self.note])

    def show(self, frame: Frame) -> None:
        """Draw the processes that live in A or in B."""
        ids = sorted({process.id for side in frame.sides for process in side.processes})
        shown = ids[:MAX_LANES]
        if frame.mm in ids[MAX_LANES:]:
            shown[-1] = frame.mm
        while len(self.lanes) < len(shown):
            self.lanes.append(Lane(self.session, len(self.lanes)))
        for lane, mm in zip(self.lanes, shown, strict=False):
            lane.show(frame, mm)
        children = tuple(lane.widget for lane in self.lanes[: len(shown)])
        if children != self.box.children:
            self.box.children = children
        note = (
            "" if ids else '<p class="fv-empty">No process lives here. Press “New process” to make one.</p>'
        )
        if len(ids) > MAX_LANES:
            note = f'<p class="fv-empty">{len(ids) - MAX_LANES} more processes: choose one in “process” to see it.</p>'
        self.note.value = note


def tick_pages(first: int, last: int) -> list[int]:
    """Return the pages whose addresses stand below a lane: multiples of a power of two, few enough to be read."""
    step = 1
    while (last - first) / step > MOST_TICKS:
        step *= 2
    return list(range(-(-first // step) * step, last - step // 2, step)) or [first]


def snapped(selected: Any, view: tuple[int, int]) -> tuple[int, int] | None:
    """Return the pages [lo, hi) that a brush touches, or None if what it says is no range."""
    try:
        ends = np.asarray(selected, float).reshape(-1)
    except (TypeError, ValueError):
        return None
    if ends.size != 2 or not np.isfinite(ends).all():
        return None
    lo = int(np.clip(np.floor(min(ends) + 0.25), view[0], view[1] - 1))
    hi = int(np.clip(np.ceil(max(ends) - 0.25), lo + 1, view[1]))
    return lo, hi
