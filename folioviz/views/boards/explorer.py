"""The explorer: the board with everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.errors import LimitError
from folioviz.stories import ways
from folioviz.views.boards.board import Board, columns
from folioviz.views.panels.bar import Bar
from folioviz.views.panels.summary import Summary
from folioviz.views.panels.ways import Ways
from folioviz.views.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping


SLIVER = 16
"""Selected pages of which so many times fit into the lanes are hard to see."""


class Explorer(Board):
    """Map folios, zap ranges and watch the counters, under one kernel or two side by side.

    Args:
        session: what to show; by default a new one that opens on the first scenario of the library.
        link: what Share has copied, the whole address or what follows its question mark.
    """

    def __init__(self, session: Session | None = None, *, link: str = "") -> None:
        """Lay the panels out and show the session's frame."""
        super().__init__(session or Session())
        self.ways = self.add(Ways)
        self.bar = self.add(Bar)
        self.bar.tell(self.add(Summary).widget)
        self.bar.hold(self.ways.widget, self.menus.widget)
        self.add_class("fv-shell")
        left = [self.lanes(), self.panel("folios"), self.chart()]
        right = [*map(self.panel, ("queue", "costs", "trace"))]
        self.lay(self.bar.widget, columns(left, right), self.dock())
        self.follow_link(link)

    def came(self, fields: Mapping[str, str]) -> tuple[str, ...]:
        """Take the story that a link came from; where its pages would be a sliver, the lanes show them large."""
        if "from" not in fields:
            return ()
        try:
            self.ways.came(ways.back(fields["from"]))
        except LimitError as error:
            return (str(error),)
        selection, frame = self.session.selection, self.session.frame
        first, last = frame.whole
        if (selection.hi - selection.lo) * SLIVER < last - first:
            selection.zoom_to_selection(frame)
        else:
            self.show(frame)
        return ()
