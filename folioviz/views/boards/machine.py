"""A running machine: what processes have mapped, what their folios hold, and what a kernel would do about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from folioviz.capture import write
from folioviz.errors import FoliovizError, LiveError
from folioviz.files import share
from folioviz.readout.glossary import TERMS
from folioviz.serving.live import allowed
from folioviz.stories.ways import way
from folioviz.views.boards import machine_layout
from folioviz.views.machine_panels import (
    asking,
    beside,
    cards,
    chosen,
    figures,
    heat_map,
    live,
    look,
    menus,
    orders,
    regions,
    tables,
    taken,
    tips,
)
from folioviz.views.page.alike import common
from folioviz.views.page.markup import EMPTY, html
from folioviz.views.page.screen import Screen, sheet
from folioviz.views.panels import tooltip, ways
from folioviz.views.panels.controls import message
from folioviz.views.panels.events import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from markupsafe import Markup

    from folioviz.views.machine_panels.taken import Taken

DIGITS = 7
"""Most digits of a region or a process."""
HEARD = ["Escape"]
"""Keys that the browser reports."""


class Machine(w.VBox):
    """What a capture shows: the example that comes with folioviz, a file, or what is dropped on the page.

    Args:
        file: the path of a capture.
        link: what Share has copied, the whole address or what follows its question mark.

    Raises:
        DocumentError: if the file is no capture.
    """

    def __init__(self, file: str | Path | None = None, *, link: str = "") -> None:
        """Lay the panels out and show the capture."""
        super().__init__(layout=common(w.Layout))
        for name in ("fv-root", "fv-shell", "fv-machine"):
            self.add_class(name)
        self.screen = Screen()
        self.screen.hear = self.heard
        self.look = look.Look(taken.of_file(file)) if file else look.Look()
        self.said = ""
        self.live: live.Running | None = None
        self.asking = asking.Asking(self.show)
        self.acts: dict[str, Callable[[], None]] = {
            "words": self._words,
            "more": self.look.more,
            "example": lambda: self.look.take(taken.example()),
            "away": lambda: None,
            "tick": self._tick,
            "processes": self._processes,
            "ask": lambda: self.asking.ask(self.look),
            **{by: partial(self.look.sort, by) for by in look.ORDERS},
            **{f"save{name}": partial(self.save, name) for name in menus.FILES},
        }
        self._shown: tuple[object, ...] = ()
        self._drawn: Taken | None = None
        key = str(self.screen.model_id)
        self.screen.put("ways", {"name": ways.name(), "menu": ways.menu(key)})
        self.screen.put("words", ways.WAITING)
        self.screen.put(
            "told", html("<p>{} explains what files of /proc say.</p>", ways.to(way(ways.OWN), "A story"))
        )
        self.menus = menus.pieces(key)
        self.screen.put("menus", self.menus)
        self.screen.put("pasted", menus.checked(""))
        self.screen.listen(HEARD)
        self.children = (sheet(), self.screen, machine_layout.bar(), *machine_layout.body())
        self.show()
        self.follow_link(link)

    # ------------------------------------------------------------------------------------------- what is shown

    def show(self) -> None:
        """Show what is looked at; what changed is sent in one message.

        What is asked of a block is answered then; of a whole region, which may take seconds, only when it is wished.
        """
        if self.look.block >= 0:
            self.asking.ask(self.look)
        now, put = self.look, self.screen.put
        fresh = self._drawn is not now.taken
        if fresh:
            self._drawn = now.taken
            put("what", figures.bar(now.taken))
            put("figures", figures.strip(now.taken))
            put("counters", beside.panel(now.taken))
            put("legend", orders.legend(now.taken.blocks))
            self.screen.give("heat", heat_map.cells(now.taken))
            self.screen.give("captured", "" if now.taken.example else now.taken.name)
        if fresh or self._shown != (now.by, now.shown):
            self._shown = now.by, now.shown
            put("heat", heat_map.pieces(now))
            put("sorting", regions.sorting(now))
        put("regions", regions.table(now))
        put("chosen", chosen.words(now))
        put("folios", cards.pieces(now.taken, now.region, now.block))
        put("asked", asking.pieces(now, self.asking, str(self.screen.model_id)))
        put("said", self._said())
        self.screen.give("chosen", {"region": now.region, "block": now.block})
        self.screen.give("link", menus.link(now))
        self.screen.flush()

    def _said(self) -> Markup:
        """Return what went wrong, or that this is an example."""
        if self.said:
            return html(
                '<p>{} <button class="fv-btn fv-small" data-fv="do:away" aria-label="close">×</button></p>',
                message(self.said),
            )
        return EMPTY

    def _words(self) -> None:
        """Show the glossary, which nobody reads before the menu is open."""
        self.screen.put("words", ways.glossary())

    # ------------------------------------------------------------------------------------------- what is done

    def show_machine(self) -> None:
        """Show this machine, too: its counters each second, and its processes; say so where it has none."""
        try:
            self.live = live.Running()
        except LiveError as error:
            self.said = str(error)
            return
        column = self.children[-1].children[-1]
        column.children = (*column.children, machine_layout.live())
        self.screen.put("livehead", live.head())
        self.screen.put("menus", {"live": live.menu_button(str(self.screen.model_id)), **self.menus})
        self.screen.put("processes", live.menu(self.live, str(self.screen.model_id)))

    def _tick(self) -> None:
        """Take a sample, if this page may see the machine."""
        if self.live is None:
            return
        try:
            self.live.tick()
        except LiveError as error:
            self.said = str(error)
        self.screen.put("live", live.counters(self.live))
        self.screen.give("ticked", self.live.series.taken)

    def _processes(self) -> None:
        """List the processes anew."""
        if self.live is not None:
            self.live.look_again()
            self.screen.put("processes", live.menu(self.live, str(self.screen.model_id)))

    def _capture(self, pid: int) -> None:
        """Capture a process that is listed; what goes wrong is said, and nothing changes."""
        if self.live is None:
            return
        running = self.live
        self.take(lambda _: running.capture(pid), "")

    def follow(self, fields: Mapping[str, str]) -> None:
        """Open what a query string asks for, if it asks for anything; what is wrong with it is said in the page."""
        self.said = " ".join(self.look.follow(fields))
        if self.live is None and allowed(fields):
            self.show_machine()
            self._tick()
        self.show()

    def follow_link(self, link: object) -> None:
        """Open what Share has copied: a whole address, or what follows its question mark."""
        self.follow(share.fields_of(str(link).rpartition("?")[2]))

    def take(self, read: Callable[[str], Taken], text: str) -> None:
        """Show a capture; one that is wrong changes nothing, and what is wrong is said."""
        try:
            self.look.take(read(text))
            self.said = ""
        except FoliovizError as error:
            self.said = f"Not opened: {error}"
        self.show()

    def save(self, name: str) -> None:
        """Send a file to the browser, which saves it."""
        now = self.look.taken
        made = {"regions": tables.regions, "blocks": tables.blocks}
        data = made[name](now).encode() if name in made else write(now.capture)
        self.screen.send({"file": menus.FILES[name][0]}, [data])

    def heard(self, content: dict[str, Any]) -> None:
        """Take a message of the browser; one that is not understood is ignored."""
        match content:
            case {"click": str(what)}:
                self._clicked(what)
            case {"key": "Escape"}:
                self._clicked("do:away")
            case {"cell": [region, block]} if is_whole(region) and is_whole(block):
                self._select(region, block)
            case {"kernel": ["A", str(key)]}:
                self._choose(key)
            case {"capture": str(text)}:
                self.take(taken.of_browser, text)
            case {"open": str(text)}:
                self.take(taken.of_paste, text)
            case {"check": str(text)}:
                self.screen.put("pasted", menus.checked(text))
                self.screen.flush()
            case {"look": list(asked)}:
                self.screen.tip(self._tip(asked))

    def _clicked(self, what: str) -> None:
        """Do what a click on ``data-fv`` asks for."""
        kind, _, name = what.partition(":")
        if kind == "do" and name in self.acts:
            self.said = self.said if name == "tick" else ""
            self.acts[name]()
            self.show()
        elif kind == "region" and name.isdecimal() and len(name) <= DIGITS:
            self._select(int(name), look.WHOLE)
        elif kind == "pid" and name.isdecimal() and len(name) <= DIGITS:
            self._capture(int(name))

    def _select(self, region: int, block: int) -> None:
        """Select a block, or a region."""
        try:
            self.look.select(region, block)
        except FoliovizError as error:
            self.said = f"{error}"
        self.show()

    def _choose(self, key: str) -> None:
        """Ask another kernel."""
        try:
            self.look.ask(key)
        except FoliovizError as error:
            self.said = f"{error}"
        self.show()

    def _tip(self, asked: list[Any]) -> Markup:
        """Return a tooltip: of a cell, of a page on a card, or of a word."""
        match asked:
            case ["term", str(name)] if name in TERMS:
                return tooltip.term(name)
        return tips.tip(self.look.taken, asked)
