"""The explorer: all panels around one session."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as w

from folioviz.views.address_space import AddressSpaces
from folioviz.views.bar import Bar
from folioviz.views.controls import Controls
from folioviz.views.costs import Costs
from folioviz.views.events import STATIC, Events
from folioviz.views.folio_cards import FolioCards
from folioviz.views.playhead import Playhead
from folioviz.views.session import Session
from folioviz.views.split_queue import SplitQueue
from folioviz.views.text import heading
from folioviz.views.timeline import Timeline
from folioviz.views.trace_view import Trace
from folioviz.views.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.views.frame import Frame


class View(Protocol):
    """What the explorer asks of a panel: to show a frame, and nothing else."""

    def show(self, frame: Frame) -> None:
        """Repaint what the frame changes."""


def panel(*children: w.Widget, name: str) -> w.VBox:
    """Make a card around widgets."""
    box = w.VBox(list(children))
    box.add_class("fv-panel")
    box.add_class(f"fv-panel-{name}")
    return box


def below(widget: w.Widget) -> Iterator[w.Widget]:
    """Yield a widget and all that are inside it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from below(child)


class Explorer(w.VBox):
    """Map folios, zap ranges and watch the counters, under one kernel or two side by side.

    Args:
        session: what to show; by default a new one that opens on the first scenario of the library.
    """

    def __init__(self, session: Session | None = None) -> None:
        """Lay the panels out and show the session's frame."""
        self.session = session or Session()
        self.bar = Bar(self.session)
        self.lanes = AddressSpaces(self.session)
        self.controls = Controls(self.session)
        self.folios = FolioCards()
        self.timeline = Timeline()
        self.transport = Transport(self.session)
        self.queue = SplitQueue()
        self.costs = Costs()
        self.trace = Trace()
        self.views: tuple[View, ...] = (
            self.bar,
            self.lanes,
            self.controls,
            self.folios,
            self.timeline,
            self.transport,
            self.queue,
            self.costs,
            self.trace,
        )
        self.events = Events(
            self.session,
            {"?": self.bar.toggle_help, "Escape": self.bar.close_help, " ": self.transport.toggle},
        )
        style = w.HTML(f"<style>{(STATIC / 'style.css').read_text(encoding='utf-8')}</style>")
        style.add_class("fv-style")
        left = w.VBox(
            [
                panel(
                    w.HTML(heading("Address spaces", "drag over pages to select, then act")),
                    self.lanes.widget,
                    self.controls.widget,
                    name="lanes",
                ),
                panel(w.HTML(heading("Folios")), self.folios.widget, name="folios"),
                panel(
                    self.timeline.title,
                    self.transport.history,
                    self.timeline.figure,
                    self.transport.slider,
                    self.transport.bar,
                    self.timeline.legend,
                    name="timeline",
                ),
            ]
        )
        right = w.VBox(
            [
                panel(self.queue.widget, name="queue"),
                panel(self.costs.widget, name="costs"),
                panel(self.trace.widget, name="trace"),
            ]
        )
        grid = w.HBox([left, right])
        grid.add_class("fv-grid")
        super().__init__([style, self.events, self.bar.widget, grid])
        self.add_class("fv-root")
        self._held = [widget for widget in below(self) if isinstance(widget, w.HTML | w.Button | Playhead)]
        self.session.observe(self._show, "frame")
        self.show(self.session.frame)

    def _show(self, change: Any) -> None:
        """Repaint after a change."""
        self.show(change["new"])

    def show(self, frame: Frame) -> None:
        """Hand a frame to every panel; what they change is sent at the end, in one go, so that it is painted once."""
        with ExitStack() as stack:
            for widget in reversed(self._held):  # sent in the order of the page: the trace comes last
                stack.enter_context(widget.hold_sync())
            for view in self.views:
                view.show(frame)
