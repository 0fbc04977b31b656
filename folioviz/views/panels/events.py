"""What the browser reports: clicks, keys, drags, looks. Everything it says is checked; the rest is ignored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from folioviz.views.page.markup import EMPTY
from folioviz.views.panels.tooltip import tooltip
from folioviz.views.session.edits import edit

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.session import Session

MOVES: dict[str, Callable[[Session], None]] = {
    "start": lambda s: s.seek(0),
    "backop": lambda s: s.skip(-1),
    "backcall": lambda s: s.call(-1),
    "back": lambda s: s.step(-1),
    "next": lambda s: s.step(1),
    "nextcall": lambda s: s.call(1),
    "nextop": lambda s: s.skip(1),
    "end": lambda s: s.seek(s.history.axis.last),
}
"""Name in ``do:NAME`` -> where it brings the playhead; it ends a play, even where there is nothing to go to."""

KEYS: dict[str, tuple[str, Callable[[Session], None]]] = {
    "ArrowRight": ("next step", MOVES["next"]),
    "ArrowLeft": ("previous step", MOVES["back"]),
    ".": ("next kernel function", MOVES["nextcall"]),
    ",": ("previous kernel function", MOVES["backcall"]),
    "Shift+ArrowRight": ("end of the next operation", MOVES["nextop"]),
    "Shift+ArrowLeft": ("start of this operation", MOVES["backop"]),
    "Home": ("start of the history", MOVES["start"]),
    "End": ("end of the history", MOVES["end"]),
    "u": ("undo", lambda s: s.undo()),
    "r": ("redo, or bring back what was dropped", lambda s: s.redo()),
    "m": ("munmap the selected pages", lambda s: s.do("munmap")),
    "d": ("MADV_DONTNEED on the selected pages", lambda s: s.do("dontneed")),
    "f": ("fault in at the first selected page", lambda s: s.do("fault")),
    "w": ("write to the first selected page", lambda s: s.do("write")),
    "/": ("search an operation, or close the search", lambda s: s.selection.show_more()),
    "[": ("move the selection one page down", lambda s: s.selection.move(-1, -1, s.frame.breaks)),
    "]": ("move the selection one page up", lambda s: s.selection.move(1, 1, s.frame.breaks)),
    "{": ("make the selection one page shorter", lambda s: s.selection.move(0, -1, s.frame.breaks)),
    "}": ("make the selection one page longer", lambda s: s.selection.move(0, 1, s.frame.breaks)),
    "+": ("zoom the lanes in", lambda s: s.selection.zoom_by(0.5, s.frame)),
    "-": ("zoom the lanes out", lambda s: s.selection.zoom_by(2.0, s.frame)),
    "c": ("the trace, the code that runs, what differs, or /proc", lambda s: s.selection.turn()),
    "t": ("trace, code and /proc: the other kernel's", lambda s: s.selection.swap()),
    "x": ("trace, code and /proc: large, or in their place", lambda s: s.selection.enlarge()),
    "0": ("show all pages in the lanes", lambda s: s.selection.zoom_to(None, s.frame)),
}
"""Key -> what it does, in words and in fact."""

BUTTONS: dict[str, Callable[[Session], None]] = {
    **MOVES,
    "restore": lambda s: s.restore(),
    "branch": lambda s: s.branch(),
    "cancel": lambda s: s.cancel(),
    "zoomin": lambda s: s.selection.zoom_by(0.5, s.frame),
    "zoomout": lambda s: s.selection.zoom_by(2.0, s.frame),
    "zoomsel": lambda s: s.selection.zoom_to_selection(s.frame),
    "zoomall": lambda s: s.selection.zoom_to(None, s.frame),
    "thisop": lambda s: s.selection.show_whole(False),
    "allops": lambda s: s.selection.show_whole(True),
    "zoomfolio": lambda s: s.selection.show_near(not s.selection.near),
    "bystep": lambda s: s.align(by_progress=False),
    "byprogress": lambda s: s.align(by_progress=True),
    "large": lambda s: s.selection.enlarge(),
    "more": lambda s: s.selection.show_more(),
}
"""Name in ``do:NAME`` -> what it does."""

CLICK = re.compile(r"(row:[AB]|op|folio|do|act|filter|trace|read|file|guess|region):([a-zA-Z0-9]{1,12})")
RANGE = 3
NAMED = {"Escape", "ArrowLeft", "ArrowRight"}
"""Keys with a name that a board may take for itself."""


class Events:
    """Tells the session what a person does."""

    def __init__(self, session: Session, screen: Screen) -> None:
        """Serve a session; listen to a screen."""
        self.session = session
        self.screen = screen
        screen.hear = self.heard
        self.extra: dict[str, Callable[[], None]] = {}
        """Actions of the page itself, by key or by the name in ``do:NAME``."""
        self.texts: dict[str, Callable[[str], None]] = {}
        """What takes a text that only some panel asks for, by the name in its message."""
        self.acts = KEYS
        """What the keys of every board do; a board of its own mind takes another table."""
        self.guessed: Callable[[int], None] = lambda _: None
        """What takes the option that a person guesses, -1 for none."""
        self.advance: Callable[[int], None] = lambda _: None
        """What plays some steps on."""
        self.halt: Callable[[], None] = lambda: None
        """What ends a play, if anything plays."""
        self.drew: Callable[[object], None] = lambda _: None
        """What takes the curve that a person guesses, as the browser says it."""
        self.cell: Callable[[int, int], None] = lambda *_: None
        """What takes a region, and a 2 MiB block of it or -1, that is chosen in a heat map."""
        self.tip: Callable[[list[Any]], Markup] = lambda _: EMPTY
        """What tells of what is looked at, before all others."""
        self.checked: Callable[[str], None] = lambda _: None
        """What says what a pasted text holds."""
        self.edited: Callable[[str], None] = lambda _: None
        """What says what an operation in the short form is."""

    @property
    def keys(self) -> list[str]:
        """Return the keys that the browser reports."""
        return [*self.acts, *(key for key in self.extra if len(key) == 1 or key in NAMED)]

    def heard(self, content: dict[str, Any]) -> None:
        """Take a message of the browser; one that is not understood is ignored."""
        key, click = content.get("key"), content.get("click")
        if isinstance(key, str) and key in self.extra:
            self.extra[key]()
        elif isinstance(key, str) and key in self.acts:
            self._by_hand(self.acts[key][1])
        elif isinstance(click, str):
            self._clicked(click)
        elif (
            name := next((name for name in (*TEXTS, *self.texts) if isinstance(content.get(name), str)), "")
        ) != "":
            (self.texts.get(name) or TEXTS[name](self))(content[name])
        elif isinstance(content.get("kernel"), list):
            self._chosen(content["kernel"])
        elif is_whole(content.get("seek")):
            self._by_hand(lambda session: session.seek(content["seek"]))
        elif is_whole(content.get("step")) and content["step"] == 1:
            self.advance(1)
        elif is_whole(content.get("stride")):
            self.advance(content["stride"])
        elif content.get("play") is False and "stop" in self.extra:
            self.extra["stop"]()
        else:
            self._pointed(content)

    def _by_hand(self, act: Callable[[Session], None]) -> None:
        """Do what a hand asks for; where it goes elsewhere or changes what there is, nothing plays on."""
        before = self._moment()
        act(self.session)
        if act in MOVES.values() or self._moment() != before:
            self.halt()

    def _moment(self) -> tuple[object, ...]:
        """Return what a play would disturb: where the playhead is, in which history, and what is asked there."""
        history = self.session.history
        return history.position, len(history.ops), self.session.pending

    def _chosen(self, pair: list[Any]) -> None:
        """Take a kernel that was picked for A or B."""
        if len(pair) == RANGE - 1 and pair[0] in ("A", "B") and isinstance(pair[1], str):
            self.session.choose("AB".index(pair[0]), pair[1])

    def _pointed(self, content: dict[str, Any]) -> None:
        """Take what the pointer does: select, zoom and look at pages, draw a guess; and changes of the past."""
        chosen, zoom, look = content.get("select"), content.get("zoom"), content.get("look")
        change, cell = content.get("edit"), content.get("cell")
        if isinstance(change, list) and len(change) == RANGE:
            self._by_hand(lambda session: edit(session, *change))
        if isinstance(chosen, list) and len(chosen) == RANGE and all(map(is_whole, chosen)):
            self.session.selection.select(*chosen)
        elif isinstance(zoom, list) and len(zoom) == RANGE - 1 and all(map(is_whole, zoom)):
            self.session.selection.zoom_to((zoom[0], zoom[1]), self.session.frame)
        elif isinstance(look, list):
            self.screen.tip(self.tip(look) or tooltip(self.session.frame, look))
        elif isinstance(cell, list) and len(cell) == RANGE - 1 and all(map(is_whole, cell)):
            self.cell(*cell)
        elif isinstance(content.get("drawn"), list):
            self.drew(content["drawn"])

    def _clicked(self, what: str) -> None:
        """Do what a click on ``data-fv`` asks for."""
        match = CLICK.fullmatch(what)
        if match is None:
            return
        kind, value = match.groups()
        selection = self.session.selection
        named = {
            "act": self.session.do,
            "filter": selection.show_only,
            "trace": selection.trace,
            "read": selection.read,
            "file": selection.read_file,
            "region": lambda number: self.cell(int(number), -1) if number.isdecimal() else None,
        }
        if kind == "do":
            if value in BUTTONS:
                self._by_hand(BUTTONS[value])
            elif value in self.extra:
                self.extra[value]()
        elif kind in named:
            self._by_hand(lambda _: named[kind](value))
        elif kind == "guess":
            self.guessed(int(value) if value.isdigit() else -1)
        elif value.isdigit():
            number = int(value)
            if kind == "op":
                self._by_hand(lambda session: session.go_to_op(number))
            elif kind == "folio":
                selection.focus_on(number)
            else:
                self._by_hand(lambda session: session.go_to_row(kind[-1], number))


def is_whole(value: Any) -> bool:
    """Tell whether a value of the browser is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


TEXTS: dict[str, Callable[[Events], Callable[[str], None]]] = {
    "gone": lambda events: events.session.miss,
    "check": lambda events: events.checked,
    "operation": lambda events: events.edited,
    "count": lambda events: events.session.selection.count,
}
"""Name in a message that holds a text -> what takes it."""
