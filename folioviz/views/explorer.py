"""The explorer: all panels around one session."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import ipywidgets as w

from folioviz import share
from folioviz.errors import FoliovizError
from folioviz.views.address_space import AddressSpaces
from folioviz.views.bar import Bar
from folioviz.views.controls import Controls
from folioviz.views.costs import Costs
from folioviz.views.events import Events
from folioviz.views.folio_cards import FolioCards
from folioviz.views.menus import FILES, Menus
from folioviz.views.screen import Screen, style
from folioviz.views.session import Session
from folioviz.views.split_queue import SplitQueue
from folioviz.views.text import heading
from folioviz.views.timeline import Timeline
from folioviz.views.trace_view import Trace
from folioviz.views.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        link: what Share has copied, the whole address or what follows its question mark.
    """

    def __init__(self, session: Session | None = None, *, link: str = "") -> None:
        """Lay the panels out and show the session's frame."""
        self.session = session or Session()
        self.events = Events(self.session)
        self.screen = self.events.screen = Screen(self.events.heard)
        self.menus = Menus(self.session, self.screen)
        self.bar = Bar(self.session, self.menus)
        self.events.extra |= {
            "Escape": self._escape,
            " ": self._toggle,
            "play": self._toggle,
            "stop": self._stop,
        } | {f"save{what}": partial(self.menus.save, what) for what in FILES}
        self.screen.listen(self.events.keys)
        self.lanes = AddressSpaces(self.screen)
        self.controls = Controls(self.session, self.screen)
        self.controls.widget.add_class("fv-controls")
        self.folios = FolioCards(self.screen)
        self.timeline = Timeline(self.screen)
        self.transport = Transport(self.session, self.screen)
        self.queue = SplitQueue(self.screen)
        self.costs = Costs(self.screen)
        self.trace = Trace(self.screen)
        self.views: tuple[View, ...] = (
            self.bar,
            self.menus,
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
        self.follow(share.fields_of(str(link).rpartition("?")[2]))

    def follow(self, fields: Mapping[str, str]) -> None:
        """Open what a query string asks for, if it asks for anything; what is wrong with it is said in the page."""
        try:
            found = share.from_query(fields)
        except FoliovizError as error:
            self.session.complain("scenario", f"This link cannot be opened: {error}")
            return
        if found is not None:
            self.session.load(found)

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
        """Take back a question."""
        if self.session.pending is not None:
            self.session.cancel()

    def show(self, frame: Frame) -> None:
        """Hand a frame to every panel; what they change is sent at the end, in one message."""
        for view in self.views:
            view.show(frame)
        self.screen.flush()
