"""Transport: buttons to go back and forth, play, the slider, and the history as chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from folioviz.readout.words import count
from folioviz.views.page.screen import slot
from folioviz.views.page.text import esc
from folioviz.views.panels.panel import Panel
from folioviz.views.session.actions import described

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

MAX_CHIPS = 8
SPEEDS = {"slow": 600, "normal": 150, "fast": 50}
"""Milliseconds between two steps."""

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

SLIDER = (
    '<div class="fv-playhead"><input type="range" step="1" aria-label="playhead" '
    'title="playhead: drag, or use the arrow keys"></div>'
)


def button(name: str, text: str, tooltip: str, *, off: bool = False, on: bool | None = None) -> str:
    """Return a plain button that asks for ``do:NAME``; ``on`` makes it a switch."""
    pressed = "" if on is None else f' aria-pressed="{"true" if on else "false"}"'
    return (
        f'<button class="fv-btn fv-go-{name}" data-fv="do:{name}" title="{esc(tooltip)}"{pressed}'
        f"{' disabled' if off else ''}>{esc(text)}</button>"
    )


class Transport(Panel):
    """Moves the playhead."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.playing = False
        self.speed = w.Dropdown(
            description="speed",
            options=list(SPEEDS.items()),
            value=SPEEDS["normal"],
            tooltip="how fast to play",
        )
        self.speed.add_class("fv-field")
        self.speed.add_class("fv-quiet")
        self.actions = {" ": self.toggle, "play": self.toggle, "stop": self.stop}
        self.history = slot("chips")
        self.slider = slot("slider")
        self.widget = w.HBox([slot("transport", "fv-buttons"), self.speed, slot("span", "fv-switch")])
        self.widget.add_class("fv-bar")
        self.speed.observe(self._paced, "value")

    def toggle(self) -> None:
        """Start or stop playing."""
        self.playing = not self.playing
        self.redraw()

    def stop(self) -> None:
        """Stop playing."""
        self.playing = False
        self.redraw()

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
        self.screen.put("chips", chips(frame))
        first, last = frame.span
        head = {
            "first": first,
            "last": max(last, first + 1),
            "end": frame.last,
            "value": frame.position,
            "words": f"step {frame.position - first} of {last - first}",
            "playing": self.playing,
            "interval": self.speed.value or SPEEDS["normal"],
        }
        self.screen.give("head", head)


def question(frame: Frame) -> str:
    """Return what is asked before an operation drops later ones."""
    if frame.pending is None:
        return ""
    op, later = frame.pending
    return (
        '<div class="fv-ask" role="alertdialog" aria-label="act in the past"><p>'
        f"<b>{esc(described(op))}</b> here, in the past, drops {count(later, 'later operation')}; Redo brings "
        f"{'it' if later == 1 else 'them'} back.</p>"
        f"{button('branch', 'Branch here', 'do it, and drop what comes later')} "
        f"{button('cancel', 'Cancel', 'change nothing (Esc)')}</div>"
    )


def chips(frame: Frame) -> str:
    """Return the operations as a row of buttons, and the offer to bring back what was dropped."""
    first = max(0, min(frame.index - MAX_CHIPS // 2, len(frame.ops) - MAX_CHIPS))
    out = [f'<span class="fv-dim">{first} before</span>'] if first else []
    for place, op in enumerate(frame.ops[first : first + MAX_CHIPS], start=first):
        now = ' aria-current="true"' if place == frame.index else ""
        kind = " later" if frame.begins[place] >= frame.position and place != frame.index else ""
        refused = frame.refused[place]
        sign = f'<span class="fv-bad">✗ {refused}</span> ' if refused else ""
        title = f"refused by {' and '.join(refused)}" if refused else "go to where this operation is complete"
        out.append(
            f'<button class="fv-chip{kind}" data-fv="op:{place}"{now} title="{esc(title)}">'
            f"<small>{place + 1}</small> {sign}{esc(described(op))}</button>"
        )
    after = len(frame.ops) - first - MAX_CHIPS
    if after > 0:
        out.append(f'<span class="fv-dim">{after} after</span>')
    text = "".join(out) or '<span class="fv-empty">No operation yet.</span>'
    note = frame.messages.get("history", "")
    if note or frame.dropped:
        note = note or f"{count(frame.dropped, 'operation')} dropped"
        offer = '<button class="fv-link" data-fv="do:restore">Bring back</button>' if frame.dropped else ""
        text += f'<span class="fv-note" role="status">{esc(note)}. {offer}</span>'
    return f'<nav class="fv-chips" aria-label="operations">{text}</nav>{question(frame)}'
