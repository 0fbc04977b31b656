"""The playhead: a slider that reports only what a person does, and the clock that plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from folioviz.views.events import STATIC

if TYPE_CHECKING:
    from folioviz.views.frame import Frame
    from folioviz.views.session import Session

SPEEDS = {"slow": 600, "normal": 150, "fast": 50}
"""Milliseconds between two steps."""


class Playhead(anywidget.AnyWidget):
    """A slider over the positions ``first`` to ``last``; ``frame`` counts up whenever they or ``value`` are set."""

    _esm = STATIC / "playhead.js"
    first = traitlets.Int(0).tag(sync=True)
    last = traitlets.Int(1).tag(sync=True)
    end = traitlets.Int(1).tag(sync=True)
    value = traitlets.Int(0).tag(sync=True)
    words = traitlets.Unicode("").tag(sync=True)
    playing = traitlets.Bool(default_value=False).tag(sync=True)
    interval = traitlets.Int(SPEEDS["normal"]).tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)

    def __init__(self, session: Session) -> None:
        """Serve a session."""
        super().__init__()
        self.session = session
        self.on_msg(self._heard)

    def _heard(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Take a message of the browser; one that is not understood is ignored."""
        if not isinstance(content, dict):
            return
        seek = content.get("seek")
        if isinstance(seek, int) and not isinstance(seek, bool):
            self.session.seek(seek)
        elif content.get("step") == 1:
            self.session.step(1)
        elif content.get("play") is False:
            self.playing = False

    def show(self, frame: Frame) -> None:
        """Stand where the playhead is."""
        first, last = frame.span
        with self.hold_sync():
            self.first, self.last, self.end = first, max(last, first + 1), frame.last
            self.value = frame.position
            self.words = f"step {frame.position - first} of {last - first}"
            self.frame = (self.frame + 1) % 1_000_000 if isinstance(self.frame, int) else 0
