"""The explorer: all panels around one session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as w

from folioviz.views.address_space import AddressSpaces
from folioviz.views.bar import Bar
from folioviz.views.controls import Controls
from folioviz.views.costs import Costs
from folioviz.views.events import Events
from folioviz.views.folio_cards import FolioCards
from folioviz.views.screen import Screen, style
from folioviz.views.session import Session
from folioviz.views.split_queue import SplitQueue
from folioviz.views.text import heading
from folioviz.views.timeline import Timeline
from folioviz.views.trace_view import Trace
from folioviz.views.transport import Transport

if TYPE_CHECKING:
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


class Explorer(w.VBox):
    """Map folios, zap ranges and watch the counters, under one kernel or two side by side.

    Args:
        session: what to show; by default a new one that opens on the first scenario of the library.
    """

    def __init__(self, session: Session | None = None) -> None:
        """Lay the panels out and show the session's frame."""
        self.session = session or Session()
        self.bar = Bar(self.session)
        self.events = Events(
            self.session,
            {
                "?": self.bar.toggle_help,
                "Escape": self._escape,
                " ": self._toggle,
                "play": self._toggle,
                "stop": self._stop,
            },
        )
        self.screen = self.events.screen = Screen(self.events.heard, self.events.keys)
        self.lanes = AddressSpaces(self.screen)
        self.controls = Controls(self.session, self.screen)
        self.folios = FolioCards(self.screen)
        self.timeline = Timeline(self.screen)
        self.transport = Transport(self.session, self.screen)
        self.queue = SplitQueue(self.screen)
        self.costs = Costs(self.screen)
        self.trace = Trace(self.screen)
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
        look = w.HTML(f"<style>{style()}</style>")
        look.add_class("fv-style")
        left = w.VBox(
            [
                panel(
                    w.HTML(heading("Address spaces", "drag over pages to select, then act")),
                    self.lanes.widget,
                    self.controls.widget,
                    name="lanes",
                ),
                panel(self.folios.widget, name="folios"),
                panel(
                    self.timeline.title,
                    self.transport.history,
                    self.timeline.chart,
                    self.transport.slider,
                    self.transport.bar,
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
        super().__init__([look, self.screen, self.bar.widget, grid])
        self.add_class("fv-root")
        self.session.observe(self._show, "frame")
        self.show(self.session.frame)

    def _show(self, change: Any) -> None:
        """Repaint after a change."""
        self.show(change["new"])

    def _toggle(self) -> None:
        """Play, or stop."""
        self.transport.toggle()

    def _stop(self) -> None:
        """Stop playing."""
        self.transport.stop()

    def _escape(self) -> None:
        """Close what is open: a question, or the help."""
        self.bar.close_help()
        if self.session.pending is not None:
            self.session.cancel()

    def show(self, frame: Frame) -> None:
        """Hand a frame to every panel; what they change is sent at the end, in one message."""
        for view in self.views:
            view.show(frame)
        self.screen.flush()
