"""A board: panels around one session. The explorer is one, and so is every story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import ipywidgets as w

from folioviz.errors import DocumentError
from folioviz.files import paste, share
from folioviz.files.scenario import Scenario
from folioviz.race import link
from folioviz.race.document import RaceDocument
from folioviz.views.page.alike import alike, common
from folioviz.views.page.screen import Screen, filled, sheet
from folioviz.views.page.text import heading
from folioviz.views.panels.address_space import AddressSpaces
from folioviz.views.panels.called import Called
from folioviz.views.panels.controls import Controls
from folioviz.views.panels.costs import Costs
from folioviz.views.panels.events import Events
from folioviz.views.panels.finder import Finder
from folioviz.views.panels.folio_cards import FolioCards
from folioviz.views.panels.links import shown
from folioviz.views.panels.menus import Menus
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.reading import Reading
from folioviz.views.panels.split_queue import SplitQueue
from folioviz.views.panels.timeline import Timeline
from folioviz.views.panels.transport import Transport
from folioviz.views.session import looks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session


P = TypeVar("P", bound=Panel)
PARTLY = "Not all of this link can be shown"


class Board(w.VBox):
    """Panels around a session: a subclass makes those that it needs, then lays them out."""

    def __init__(self, session: Session) -> None:
        """Begin with the menus, which every board has."""
        super().__init__(layout=common(w.Layout))
        self.add_class("fv-root")
        self.session = session
        self.screen = Screen()
        self.events = Events(session, self.screen)
        self.events.extra["Escape"] = self._escape
        self.screen.missed = self._again
        self.events.texts |= {"open": self._pasted, "looks": self._looked}
        self.panels: list[Panel] = []
        self.menus = self.add(Menus)
        self.called = self.add(Called)
        self.events.checked = self.menus.check

    def add(self, kind: type[P]) -> P:
        """Make a panel that shows every frame, after those made before."""
        made = kind(self.screen, self.session)
        self.panels.append(made)
        if isinstance(made, Transport):
            self.events.edited = made.check
        self.events.extra |= made.actions
        self.events.texts |= made.texts
        self.events.cell = made.cell or self.events.cell
        self.events.tip = made.tip or self.events.tip
        return made

    def lay(self, *rows: w.Widget) -> None:
        """Put rows below one another, and show the session's frame."""
        look = sheet()
        self.screen.listen(self.events.keys)
        self.children = (look, self.screen, self.called.widget, *rows)
        self.session.observe(self._show, "frame")
        self.show(self.session.frame)

    def show(self, frame: Frame) -> None:
        """Hand a frame to every panel; what they change is sent at the end, in one message."""
        for panel in self.panels:
            panel.update(frame)
        self.screen.flush()

    def _again(self) -> None:
        """Let every panel send again what its own widgets show."""
        for panel in self.panels:
            panel.send_again()

    def follow(self, fields: Mapping[str, str]) -> None:
        """Open what a query string asks for, if it asks for anything; what is wrong with it is said in the page."""
        kept = "kept" in fields  # the browser knows what the tab has kept
        found, faults = (None, ()) if kept else self._asked(fields)
        if found is not None:
            self.session.load(found)
        if isinstance(found, RaceDocument) and self.session.frame.race == found:
            faults += self._at(fields)
        more = () if kept else (*self.came(fields), *looks.take(self.session, fields))
        nothing = faults and found is None
        self.complain((*faults, *more), "This link cannot be opened" if nothing else PARTLY)

    def _asked(self, fields: Mapping[str, str]) -> tuple[Scenario | RaceDocument | None, tuple[str, ...]]:
        """Return what a query string asks for, and a sentence for each fault."""
        if "race" not in fields:
            return share.read(fields, shown(self.session.frame))
        try:
            return link.read(fields), ()
        except DocumentError as error:
            return None, (str(error),)

    def _at(self, fields: Mapping[str, str]) -> tuple[str, ...]:
        """Bring the playhead in a race to where a link says; return a sentence if that is nowhere."""
        asked = share.read({"at": fields["at"]} if "at" in fields else {}, Scenario(()))
        if asked.found and asked.found.at is not None:
            self.session.seek(asked.found.at)
        return asked.faults

    def _pasted(self, text: str) -> None:
        """Open what a person pasted, or a file's text; a link says how it is looked at, too."""
        self.session.load(text)
        if not self.session.messages:
            race = self.session.frame.race
            fields = link.fields_in(text) if race else paste.fields(text)
            self.complain((*(self._at(fields) if race else ()), *looks.take(self.session, fields)))

    def _looked(self, text: str) -> None:
        """Take how an address looks at the work that the tab had kept."""
        self.complain(looks.take(self.session, share.fields_of(text)))

    def came(self, _fields: Mapping[str, str]) -> tuple[str, ...]:
        """Take where a link says that it came from; return a sentence for each fault."""
        return ()

    def complain(self, faults: tuple[str, ...], what: str = PARTLY) -> None:
        """Say what is wrong with a link, if anything is."""
        if faults:
            self.session.complain("scenario", f"{what}: {'; '.join(faults)}")

    def follow_link(self, link: object) -> None:
        """Open what Share has copied: a whole address, or what follows its question mark."""
        self.follow(share.fields_of(str(link).rpartition("?")[2]))

    def _show(self, change: Any) -> None:
        """Repaint after a change."""
        self.show(change["new"])

    def _escape(self) -> None:
        """Take back a question, or what is open or large."""
        if self.session.pending is not None:
            self.session.cancel()
        elif self.session.selection.more:
            self.session.selection.show_more()
        elif self.session.selection.large:
            self.session.selection.enlarge()
        else:
            self.called.away()

    # ------------------------------------------------------------------------------------------ panels in cards

    def lanes(self, *, controls: bool = True) -> w.VBox:
        """Make the address spaces, with the operations below."""
        lanes = self.add(AddressSpaces)
        parts = [
            filled(heading("Address spaces", "drag over pages to select, then act", "space")),
            lanes.widget,
        ]
        if controls:
            self.controls = self.add(Controls)
            self.finder = self.add(Finder)
            self.controls.widget.add_class("fv-controls")
            parts.append(self.controls.widget)
        return card("lanes", *parts)

    def chart(self) -> w.VBox:
        """Make the timeline alone."""
        line = self.add(Timeline)
        return card("timeline", line.title, line.widget)

    def dock(self) -> w.VBox:
        """Make what moves the playhead, and the operations: a bar that stays at the bottom of the window."""
        self.transport = self.add(Transport)
        self.events.advance, self.events.halt = self.transport.advance, self.transport.halt
        row = alike(w.HBox, [self.transport.widget, self.transport.slider])
        row.add_class("fv-drive")
        box = alike(w.VBox, [self.transport.history, row])
        box.add_class("fv-dock")
        return box

    def panel(self, name: str) -> w.VBox:
        """Make a panel in a card of its own, by the card's name."""
        return card(name, self.add(CARDS[name]).widget)


CARDS: dict[str, type[Panel]] = {
    "folios": FolioCards,
    "queue": SplitQueue,
    "costs": Costs,
    "trace": Reading,
}
"""Name of a card -> its panel."""


def card(name: str, *children: w.Widget) -> w.VBox:
    """Make a card around widgets."""
    box = alike(w.VBox, list(children))
    box.add_class("fv-panel")
    box.add_class(f"fv-panel-{name}")
    return box


def columns(left: list[w.Widget], right: list[w.Widget]) -> w.HBox:
    """Put cards into two columns, or into one where there is no room."""
    grid = alike(w.HBox, [alike(w.VBox, column) for column in (left, right) if column])
    grid.add_class("fv-grid")
    return grid
