"""The screen: one widget that holds every HTML panel, and sends one message per change with what changed in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as w
import traitlets
from markupsafe import Markup

from folioviz.views.page.alike import alike, common
from folioviz.views.page.markup import EMPTY, html
from folioviz.views.page.modules import join
from folioviz.views.page.palette import SHEET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STATIC = Path(__file__).parent / "static"
SIZES = (Path(__file__).parents[2] / "sizes.css").read_text(encoding="utf-8")
"""The sizes of text, as variables."""
STYLES = (
    "base.css",
    "controls.css",
    "finder.css",
    "help.css",
    "share.css",
    "called.css",
    "ways.css",
    "story.css",
    "terms.css",
    "lanes.css",
    "folios.css",
    "cells.css",
    "panels.css",
    "reading.css",
    "proc.css",
    "apart.css",
    "timeline.css",
    "shell.css",
    "machine.css",
    "page.css",
    "print.css",
)
"""The look, in this order; then that of the stories' panels."""

OWN = ("parts", "data", "serial")


def style() -> str:
    """Return the style sheet of boards."""
    files = [*(STATIC / name for name in STYLES), *sorted(STATIC.glob("story_*.css"))]
    return "\n".join([SHEET, SIZES, *(file.read_text(encoding="utf-8") for file in files)])


def sheet() -> w.HTML:
    """Make the place of the style sheet."""
    place = alike(w.HTML, f"<style>{style()}</style>")
    place.add_class("fv-style")
    return place


def slot(name: str, kind: str = "") -> w.HTML:
    """Make the place of a part; the screen fills it."""
    place = filled(html('<div data-slot="{}"></div>', name))
    if kind:
        place.add_class(kind)
    return place


def filled(what: Markup = EMPTY) -> w.HTML:
    """Make a place that is no slot."""
    return alike(w.HTML, what)


def fill(place: w.HTML, what: Markup) -> None:
    """Show something else in a place that is no slot."""
    place.value = what


class Screen(anywidget.AnyWidget):
    """Parts of the page, by the name of their slot; each is a list of pieces that are replaced one by one.

    A browser can set the synced traits to anything: nobody reads them, and what is sent comes from private copies.
    """

    _esm = join(STATIC, "screen", "widget")
    parts = traitlets.Dict().tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    serial = traitlets.Int(0).tag(sync=True)
    heard = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self) -> None:
        """Begin with an empty page."""
        self.hear: Callable[[dict[str, Any]], None] = lambda _: None
        """What takes the browser's messages."""
        self.missed: Callable[[], None] = lambda: None
        """What sends again what other widgets show: the browser has missed something of this one."""
        self._now: dict[str, dict[str, Markup]] = {}
        self._data: dict[str, Any] = {}
        self._new: dict[str, dict[str, Any]] = {}
        self._fresh: dict[str, Any] = {}
        self._count = 0
        self._keys: list[str] = []
        super().__init__(layout=common(w.Layout))
        self.on_msg(self._receive)

    def listen(self, keys: list[str]) -> None:
        """Let the browser report these keys."""
        self._keys = list(keys)
        self.set_trait("heard", self._keys)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the state that a new view begins with: all that is on the screen."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        parts = {name: list(map(list, pieces.items())) for name, pieces in self._now.items()}
        mine = {"parts": parts, "data": dict(self._data), "serial": self._count, "heard": self._keys}
        state.update({name: value for name, value in mine.items() if name in state})
        return state

    def _receive(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Take a message of the browser; send everything again if it missed something."""
        if not isinstance(content, dict):
            return
        if "have" in content:
            if content["have"] != self._count:
                self.send_state(list(OWN))
                self.missed()
            return
        self.hear(content)

    def put(self, name: str, pieces: Markup | Mapping[str, Markup]) -> None:
        """Show pieces of HTML, each one element, in a slot; those that are there already are not sent."""
        now = {"": html("<div>{}</div>", pieces)} if isinstance(pieces, Markup) else dict(pieces)
        old = self._now.get(name, {})
        if now == old and list(now) == list(old):
            return
        change = self._new.setdefault(name, {"set": {}, "order": None})
        change["set"].update({key: piece for key, piece in now.items() if old.get(key) != piece})
        if list(now) != list(old):
            change["order"] = list(now)
        self._now[name] = now

    def give(self, name: str, value: Any) -> None:
        """Hand data (what JSON holds, or bytes) to the scripts; None takes it away."""
        if self._data.get(name) == value:
            return
        self._fresh[name] = value
        if value is None:
            self._data.pop(name, None)
        else:
            self._data[name] = value

    def taken(self, prefix: str) -> list[str]:
        """Return the names of data that begin so."""
        return [name for name in self._data if name.startswith(prefix)]

    def flush(self) -> None:
        """Send what changed, in one message."""
        if not self._new and not self._fresh:
            return
        self._count += 1
        buffers = [value for value in self._fresh.values() if isinstance(value, bytes)]
        binary = [name for name, value in self._fresh.items() if isinstance(value, bytes)]
        plain = {name: value for name, value in self._fresh.items() if not isinstance(value, bytes)}
        parts, self._new, self._fresh = self._new, {}, {}
        for change in parts.values():  # a piece that came and went before this message
            if change["order"] is not None:
                change["set"] = {key: html for key, html in change["set"].items() if key in change["order"]}
        self.send({"serial": self._count, "parts": parts, "data": plain, "binary": binary}, buffers)

    def tip(self, text: Markup) -> None:
        """Send what the tooltip tells, which is no part of the page."""
        self.send({"tip": text})
