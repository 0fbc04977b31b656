"""Clicks on parts of HTML panels, and keys: one invisible widget reports them, and everything it says is checked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.views.session import Session

STATIC = Path(__file__).parent / "static"

KEYS: dict[str, tuple[str, Callable[[Session], None]]] = {
    "ArrowRight": ("next step", lambda s: s.step(1)),
    "ArrowLeft": ("previous step", lambda s: s.step(-1)),
    "Shift+ArrowRight": ("end of the next operation", lambda s: s.skip(1)),
    "Shift+ArrowLeft": ("start of this operation", lambda s: s.skip(-1)),
    "Home": ("start of the history", lambda s: s.seek(0)),
    "End": ("end of the history", lambda s: s.seek(s.history.axis.last)),
    "u": ("undo", lambda s: s.undo()),
    "r": ("redo, or bring back what was dropped", lambda s: s.redo()),
    "m": ("munmap the selected pages", lambda s: s.do("munmap")),
    "d": ("MADV_DONTNEED on the selected pages", lambda s: s.do("dontneed")),
    "f": ("fault in at the first selected page", lambda s: s.do("fault")),
    "w": ("write to the first selected page", lambda s: s.do("write")),
    "[": ("move the selection one page down", lambda s: s.select(s.mm, s.lo - 1, s.hi - 1)),
    "]": ("move the selection one page up", lambda s: s.select(s.mm, s.lo + 1, s.hi + 1)),
    "{": ("make the selection one page shorter", lambda s: s.select(s.mm, s.lo, s.hi - 1)),
    "}": ("make the selection one page longer", lambda s: s.select(s.mm, s.lo, s.hi + 1)),
}
"""Key -> what it does, in words and in fact."""

CLICK = re.compile(r"(row:[AB]|op|folio|do):([a-z0-9]{1,12})")


class Events(anywidget.AnyWidget):
    """Tells the session about clicks and keys."""

    _esm = STATIC / "events.js"
    heard = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, session: Session, extra: dict[str, Callable[[], None]]) -> None:
        """Serve a session; ``extra`` has actions of the page itself, by key or by the name in ``do:NAME``."""
        super().__init__(heard=[*KEYS, *extra])
        self.session = session
        self.extra = extra
        self.on_msg(self._heard)

    def _heard(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Take a message of the browser; one that is not understood is ignored."""
        if not isinstance(content, dict):
            return
        key, click = content.get("key"), content.get("click")
        if isinstance(key, str) and key in self.extra:
            self.extra[key]()
        elif isinstance(key, str) and key in KEYS:
            KEYS[key][1](self.session)
        elif isinstance(click, str):
            self._clicked(click)

    def _clicked(self, what: str) -> None:
        """Do what a click on ``data-fv`` asks for."""
        match = CLICK.fullmatch(what)
        if match is None:
            return
        kind, value = match.groups()
        if kind == "do":
            if value == "restore":
                self.session.restore()
            elif value in self.extra:
                self.extra[value]()
        elif value.isdigit():
            number = int(value)
            if kind == "op":
                self.session.go_to_op(number)
            elif kind == "folio":
                self.session.focus_on(number)
            else:
                self.session.go_to_row(kind[-1], number)
