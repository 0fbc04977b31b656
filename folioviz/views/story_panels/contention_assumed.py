"""Assumed: what the simulation assumes, what is missing in it, and what may be concluded; always on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.contention import words
from folioviz.stories.parts.hardware import hardware, loop_of
from folioviz.views.page.markup import html, joined
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session


def items(sentences: Iterable[str]) -> Markup:
    """Return sentences as a list."""
    return html("<ul>{}</ul>", joined(html("<li>{}</li>", one) for one in sentences))


class ContentionAssumed(Panel):
    """Sentences."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("assumed", "fv-assumed")

    def update(self, _frame: Frame) -> None:
        """Say it for what is chosen."""
        one = loop_of(self.values)
        said = words.assumptions(one, hardware(self.values))
        missing = (sentence.removeprefix("Missing: ") for sentence in words.missing(one))
        self.screen.put(
            "assumed",
            {
                "head": html(
                    "<div>{}<p>{}</p></div>",
                    heading("Simulated, not measured", about="simulated"),
                    words.VERDICT,
                ),
                "said": html("<div><h3>It assumes</h3>{}</div>", items(said[1:])),
                "missing": html("<div><h3>What is missing</h3>{}</div>", items(missing)),
            },
        )
