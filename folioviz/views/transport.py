"""Transport: to the start, back, forward, to the end, play, the slider, and the history as chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from folioviz.views.actions import described
from folioviz.views.playhead import SPEEDS, Playhead
from folioviz.views.text import count, esc

if TYPE_CHECKING:
    from folioviz.views.frame import Frame
    from folioviz.views.session import Session

MAX_CHIPS = 12


class Transport:
    """Moves the playhead."""

    def __init__(self, session: Session) -> None:
        """Make the controls."""
        self.session = session
        self.buttons = [
            self._button("|◀", "start of the history (Home)", lambda: session.seek(0)),
            self._button("◀ op", "start of this operation (Shift+←)", lambda: session.skip(-1)),
            self._button("◀ step", "previous step (←)", lambda: session.step(-1)),
            self._button("step ▶", "next step (→)", lambda: session.step(1)),
            self._button("op ▶", "end of the next operation (Shift+→)", lambda: session.skip(1)),
            self._button("▶|", "end of the history (End)", lambda: session.seek(session.history.axis.last)),
        ]
        self.slider = Playhead(session)
        self.play = self._button("Play", "play the steps, or stop (space)", self.toggle)
        self.speed = w.Dropdown(
            options=list(SPEEDS.items()), value=SPEEDS["normal"], tooltip="how fast to play"
        )
        self.speed.add_class("fv-field")
        self.whole = w.ToggleButtons(
            options=[("this operation", False), ("whole history", True)],
            tooltips=[
                "the timeline shows the operation under the playhead",
                "the timeline shows all operations",
            ],
        )
        self.whole.add_class("fv-toggle")
        self.history = w.HTML()
        self.bar = w.HBox([*self.buttons, self.play, self.speed, self.whole])
        self.bar.add_class("fv-bar")
        self.whole.observe(self._spanned, "value")
        self.speed.observe(self._paced, "value")
        self.slider.observe(self._played, "playing")

    @staticmethod
    def _button(text: str, tooltip: str, go: Any) -> w.Button:
        """Make a button."""
        button = w.Button(description=text, tooltip=tooltip)
        button.add_class("fv-small")
        button.on_click(lambda _: go())
        return button

    def toggle(self) -> None:
        """Start or stop playing."""
        self.slider.playing = not self.slider.playing

    def _played(self, _change: Any) -> None:
        """Say what the button does now."""
        self.play.description = "Stop" if self.slider.playing else "Play"

    def _paced(self, change: Any) -> None:
        """Take the speed."""
        self.slider.interval = change["new"]

    def _spanned(self, change: Any) -> None:
        """Show this operation or the whole history."""
        self.session.show_whole(change["new"])

    def show(self, frame: Frame) -> None:
        """Let the controls show where the playhead is."""
        at_start, at_end = frame.position == 0, frame.position == frame.last
        for place, button in enumerate(self.buttons):
            button.disabled = at_start if place < 3 else at_end
        self.slider.show(frame)
        self.history.value = chips(frame)


def chips(frame: Frame) -> str:
    """Return the operations as a row of buttons, and the offer to bring back what was dropped."""
    first = max(0, min(frame.index - MAX_CHIPS // 2, len(frame.ops) - MAX_CHIPS))
    out = [f'<span class="fv-dim">{first} before</span>'] if first else []
    for place, op in list(enumerate(frame.ops))[first : first + MAX_CHIPS]:
        now = ' aria-current="true"' if place == frame.index else ""
        kind = " later" if frame.begins[place] >= frame.position and place != frame.index else ""
        refused = frame.refused[place]
        sign = f' <span class="fv-bad">✗ {refused}</span>' if refused else ""
        title = f"refused by {' and '.join(refused)}" if refused else "go to where this operation is complete"
        out.append(
            f'<button class="fv-chip{kind}" data-fv="op:{place}"{now} title="{esc(title)}">'
            f"<small>{place + 1}</small> {esc(described(op))}{sign}</button>"
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
    return f'<nav class="fv-chips" aria-label="operations">{text}</nav>'
