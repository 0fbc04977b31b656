"""A board: panels around one session. The explorer is one, and so is every story."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import ipywidgets as w

from folioviz.errors import FoliovizError
from folioviz.files import share
from folioviz.views.page.screen import Screen, style
from folioviz.views.page.text import heading
from folioviz.views.panels.address_space import AddressSpaces
from folioviz.views.panels.controls import Controls
from folioviz.views.panels.costs import Costs
from folioviz.views.panels.events import Events
from folioviz.views.panels.folio_cards import FolioCards
from folioviz.views.panels.menus import FILES, Menus
from folioviz.views.panels.split_queue import SplitQueue
from folioviz.views.panels.timeline import Timeline
from folioviz.views.panels.trace_view import Trace
from folioviz.views.panels.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session


class View(Protocol):
    """What a board asks of a view: to show a frame, and nothing else."""

    def show(self, frame: Frame) -> None:
        """Repaint what the frame changes."""


V = TypeVar("V", bound=View)


class Board(w.VBox):
    """Panels around a session: a subclass makes those that it needs, then lays them out."""

    def __init__(self, session: Session) -> None:
        """Begin with no panel."""
        super().__init__()
        self.add_class("fv-root")
        self.session = session
        self.events = Events(session)
        self.screen = self.events.screen = Screen(self.events.heard)
        self.views: list[View] = []
        self.menus = self.add(Menus(session, self.screen))
        self.events.extra |= {"Escape": self._escape}
        self.events.extra |= {f"save{what}": partial(self.menus.save, what) for what in FILES}

    def add(self, view: V) -> V:
        """Let a view show every frame, after those added before."""
        self.views.append(view)
        return view

    def lay(self, *rows: w.Widget) -> None:
        """Put rows below one another, and show the session's frame."""
        look = w.HTML(f"<style>{style()}</style>")
        look.add_class("fv-style")
        self.screen.listen(self.events.keys)
        self.children = (look, self.screen, *rows)
        self.session.observe(self._show, "frame")
        self.show(self.session.frame)

    def show(self, frame: Frame) -> None:
        """Hand a frame to every view; what they change is sent at the end, in one message."""
        for view in self.views:
            view.show(frame)
        self.screen.flush()

    def follow(self, fields: Mapping[str, str]) -> None:
        """Open what a query string asks for, if it asks for anything; what is wrong with it is said in the page."""
        try:
            found = share.from_query(fields)
        except FoliovizError as error:
            self.session.complain("scenario", f"This link cannot be opened: {error}")
            return
        if found is not None:
            self.session.load(found)

    def follow_link(self, link: object) -> None:
        """Open what Share has copied: a whole address, or what follows its question mark."""
        self.follow(share.fields_of(str(link).rpartition("?")[2]))

    def _show(self, change: Any) -> None:
        """Repaint after a change."""
        self.show(change["new"])

    def _escape(self) -> None:
        """Take back a question."""
        if self.session.pending is not None:
            self.session.cancel()

    # ------------------------------------------------------------------------------------------ panels

    def lanes(self, *, controls: bool = True) -> w.VBox:
        """Make the address spaces, with the operations below."""
        lanes = self.add(AddressSpaces(self.screen))
        parts = [w.HTML(heading("Address spaces", "drag over pages to select, then act")), lanes.widget]
        if controls:
            self.controls = self.add(Controls(self.session, self.screen))
            self.controls.widget.add_class("fv-controls")
            parts.append(self.controls.widget)
        return panel("lanes", *parts)

    def folios(self) -> w.VBox:
        """Make the folios' cards."""
        return panel("folios", self.add(FolioCards(self.screen)).widget)

    def timeline(self, *, chart: bool = True) -> w.VBox:
        """Make the timeline, or only what moves the playhead."""
        line = self.add(Timeline(self.screen, drawn=chart))
        self.transport = self.add(Transport(self.session, self.screen))
        toggle = self.transport.toggle
        self.events.extra |= {" ": toggle, "play": toggle, "stop": self.transport.stop}
        seen = [line.title, self.transport.history, line.chart] if chart else [line.title]
        return panel("timeline", *seen, self.transport.slider, self.transport.bar)

    def queue(self) -> w.VBox:
        """Make the deferred split queue."""
        return panel("queue", self.add(SplitQueue(self.screen, self.session)).widget)

    def costs(self) -> w.VBox:
        """Make the table of costs."""
        return panel("costs", self.add(Costs(self.screen)).widget)

    def trace(self) -> w.VBox:
        """Make the trace."""
        return panel("trace", self.add(Trace(self.screen)).widget)


def panel(name: str, *children: w.Widget) -> w.VBox:
    """Make a card around widgets."""
    box = w.VBox(list(children))
    box.add_class("fv-panel")
    box.add_class(f"fv-panel-{name}")
    return box


def columns(left: list[w.Widget], right: list[w.Widget]) -> w.HBox:
    """Put panels into two columns, or into one where there is no room."""
    grid = w.HBox([w.VBox(column) for column in (left, right) if column])
    grid.add_class("fv-grid")
    return grid
