"""The summary: what the operation under the playhead comes to, and the history so far, a sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.views.page.screen import slot
from folioviz.views.panels.panel import Panel
from folioviz.views.session.described import described

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

NOTHING = "Nothing is done yet: make a process, map some pages, fault folios in, and take them away again."

MORE = Markup(
    '<button class="fv-btn fv-said-whole" aria-expanded="false" aria-label="the whole sentences" '
    'title="the whole sentences"></button>'
)
"""Where there is little room: shows the sentences whole, over what is below; the browser alone does that."""


class Summary(Panel):
    """Says it."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("summary", "fv-summary")

    def update(self, frame: Frame) -> None:
        """Say what the whole operation comes to, wherever in it the playhead is, and all up to it."""
        line = Markup('<p title="{0}">{0}</p>')
        before = (
            f"So far: {'the same.' if frame.so_far == frame.told else frame.so_far}" if frame.so_far else ""
        )
        self.screen.put(
            "summary", {"op": line.format(words(frame)), "all": line.format(before), "more": MORE}
        )


def words(frame: Frame) -> str:
    """Return the sentence; its subject is the operation as the strip of operations calls it."""
    if frame.op is None:
        return NOTHING
    subject = described(frame.op)
    return f"{subject[0].upper()}{subject[1:]}: {frame.told}"
