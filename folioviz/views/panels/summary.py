"""The summary: what the operation under the playhead comes to, in one sentence, at a place that is always there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.views.page.markup import html
from folioviz.views.page.screen import slot
from folioviz.views.panels.panel import Panel
from folioviz.views.session.actions import described

if TYPE_CHECKING:
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

NOTHING = "Nothing is done yet: make a process, map some pages, fault folios in, and take them away again."


class Summary(Panel):
    """Says it."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("summary", "fv-summary")

    def update(self, frame: Frame) -> None:
        """Say what the whole operation comes to, wherever in it the playhead is."""
        self.screen.put("summary", {"": html('<p title="{0}">{0}</p>', words(frame))})


def words(frame: Frame) -> str:
    """Return the sentence; its subject is the operation as the strip of operations calls it."""
    if frame.op is None:
        return NOTHING
    subject = described(frame.op)
    return f"{subject[0].upper()}{subject[1:]}: {frame.told}"
