"""Held against what was published: which number is fitted, which predicted, which counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.stories.contention import held, held_steps
from folioviz.views.page.screen import slot
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import table
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.stories.parts.parts import Table
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

WORKING = Markup('<p class="fv-nothing">Simulating what was published …</p>')


class ContentionHeld(Panel):
    """A table, simulated once."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("held", "fv-held")
        self.found: Table | None = None
        self.work = Work(self.redraw)

    def simulate(self) -> Iterator[None]:
        """Simulate what the table needs."""
        yield from held_steps()
        self.found = held()

    def update(self, _frame: Frame) -> None:
        """Begin if nobody has yet; show the table."""
        if self.found is None and self.work.able:
            self.work.start(self.simulate())
        self.screen.put("held", WORKING if self.found is None else table(self.found, self.come_from))
