"""The explorer: the board with everything."""

from __future__ import annotations

from folioviz.views.boards.board import Board, columns
from folioviz.views.panels.bar import Bar
from folioviz.views.panels.summary import Summary
from folioviz.views.session.session import Session


class Explorer(Board):
    """Map folios, zap ranges and watch the counters, under one kernel or two side by side.

    Args:
        session: what to show; by default a new one that opens on the first scenario of the library.
        link: what Share has copied, the whole address or what follows its question mark.
    """

    def __init__(self, session: Session | None = None, *, link: str = "") -> None:
        """Lay the panels out and show the session's frame."""
        super().__init__(session or Session())
        self.bar = self.add(Bar)
        self.bar.tell(self.add(Summary).widget)
        self.bar.hold(self.menus.widget)
        self.add_class("fv-shell")
        left = [self.lanes(), self.panel("folios"), self.chart()]
        right = [*map(self.panel, ("queue", "costs", "trace"))]
        self.lay(self.bar.widget, columns(left, right), self.dock())
        self.follow_link(link)
