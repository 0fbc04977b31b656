"""Transport: buttons to go back and forth, play, the slider, and the history as chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
from markupsafe import Markup

from folioviz.readout.words import count
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import EMPTY, html, truth
from folioviz.views.page.screen import slot
from folioviz.views.panels import edit_menu
from folioviz.views.panels.op_strip import chips
from folioviz.views.panels.panel import Panel
from folioviz.views.session.described import described

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

SPEEDS = {"slow": 600, "normal": 150, "fast": 50}
"""Milliseconds between two steps."""
SHOWN = 24
"""So many strides are enough to see what happens."""

BUTTONS = (
    ("start", "|◀", "start of the history (Home)", -1),
    ("backop", "◀ op", "start of this operation (Shift+←)", -1),
    ("backcall", "◀ fn", "previous kernel function (,)", -1),
    ("back", "◀ step", "previous step (←)", -1),
    ("next", "step ▶", "next step (→)", 1),
    ("nextcall", "fn ▶", "next kernel function (.)", 1),
    ("nextop", "op ▶", "end of the next operation (Shift+→)", 1),
    ("end", "▶|", "end of the history (End)", 1),
)
"""(name, what stands on it, tooltip, which way it goes)."""

SLIDER = Markup(
    '<div class="fv-playhead"><input type="range" step="1" aria-label="playhead" '
    'title="playhead: drag, or use the arrow keys"></div>'
)


def button(name: str, text: str, tooltip: str, *, off: bool = False, on: bool | None = None) -> Markup:
    """Return a plain button that asks for ``do:NAME``; ``on`` makes it a switch."""
    pressed = "" if on is None else html(' aria-pressed="{}"', truth(on))
    return html(
        '<button class="fv-btn fv-go-{0}" data-fv="do:{0}" title="{1}"{2}{3}>{4}</button>',
        name,
        tooltip,
        pressed,
        " disabled" if off else "",
        text,
    )


class Transport(Panel):
    """Moves the playhead."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.playing = False
        self.goal: int | None = None
        """Where what nobody asked to play ends."""
        self.stride = 1
        self.speed = alike(
            w.Dropdown,
            description="speed",
            options=list(SPEEDS.items()),
            value=SPEEDS["normal"],
            tooltip="how fast to play",
        )
        self.speed.add_class("fv-field")
        self.speed.add_class("fv-quiet")
        self.actions = {" ": self.toggle, "play": self.toggle, "stop": self.stop}
        screen.put("edited", edit_menu.HINT)
        self.history = alike(w.HBox, [slot("chips"), slot("edit", "fv-editing")])
        self.history.add_class("fv-done")
        self.slider = slot("slider")
        self.widget = alike(w.HBox, [slot("transport", "fv-buttons"), self.speed, slot("span", "fv-switch")])
        self.widget.add_class("fv-bar")
        self.speed.observe(self._paced, "value")

    def check(self, text: str) -> None:
        """Say what an operation in the short form is; nothing else changes."""
        self.screen.put("edited", edit_menu.checked(text))
        self.screen.flush()

    def toggle(self) -> None:
        """Start or stop playing."""
        self.playing, self.goal = not self.playing, None
        self.redraw()

    def stop(self) -> None:
        """Stop playing."""
        self.playing, self.goal = False, None
        self.redraw()

    def halt(self) -> None:
        """Stop playing, if it plays: a hand has taken over."""
        if self.playing:
            self.stop()

    def play_to(self, goal: int) -> None:
        """Play to a position without having been asked to, in :data:`SHOWN` strides at most."""
        self.playing, self.goal = True, goal
        self.stride = max(1, -(-(goal - self.session.frame.position) // SHOWN))
        self.redraw()

    def advance(self, steps: int) -> None:
        """Play some steps on, at most to a goal, if there is one; a message may come when nothing plays any more."""
        if self.playing and steps > 0:
            goal = self.session.frame.last if self.goal is None else self.goal
            self.session.seek(min(self.session.frame.position + steps, goal))

    def _paced(self, _change: Any) -> None:
        """Take the speed."""
        self.redraw()

    def update(self, frame: Frame) -> None:
        """Let the controls show where the playhead is."""
        off = {-1: frame.position == 0, 1: frame.position == frame.last}
        pieces = {name: button(name, text, tooltip, off=off[way]) for name, text, tooltip, way in BUTTONS}
        pieces["play"] = button(
            "play", "Stop" if self.playing else "Play", "play the steps, or stop (space)", on=self.playing
        )
        self.screen.put("transport", pieces)
        everything = frame.span == (0, frame.last) and self.session.selection.whole_history
        self.screen.put(
            "span",
            {
                "this": button(
                    "thisop",
                    "this operation",
                    "the timeline shows the operation under the playhead",
                    on=not everything,
                ),
                "all": button("allops", "whole history", "the timeline shows all operations", on=everything),
            },
        )
        self.screen.put("slider", {"": SLIDER})
        self.screen.put("chips", html("{}{}", chips(frame), question(frame)))
        key = self.screen.model_id
        self.screen.put("edit", {"button": edit_menu.button(frame, key), "box": edit_menu.box(key)})
        first, last = frame.span
        head = {
            "first": first,
            "last": max(last, first + 1),
            "end": frame.last if self.goal is None else self.goal,
            "value": frame.position,
            "at": frame.plain,
            "words": f"step {frame.position - first} of {last - first}",
            "stride": 1 if self.goal is None else self.stride,
            "playing": self.playing,
            "unasked": self.goal is not None,
            "interval": self.speed.value or SPEEDS["normal"],
        }
        self.screen.give("head", head)


def question(frame: Frame) -> Markup:
    """Return what is asked before an operation drops later ones."""
    if frame.pending is None:
        return EMPTY
    op, later = frame.pending
    return html(
        '<div class="fv-ask" role="alertdialog" aria-label="act in the past"><p>'
        "<b>{}</b> here, in the past, drops {}; Redo brings {} back.</p>{} {}</div>",
        described(op),
        count(later, "later operation"),
        "it" if later == 1 else "them",
        button("branch", "Branch here", "do it, and drop what comes later"),
        button("cancel", "Cancel", "change nothing (Esc)"),
    )
