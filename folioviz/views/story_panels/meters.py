"""Meters: refcount and mapcount of the folio in focus as two bars per kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.views.page.markup import html
from folioviz.views.page.screen import slot
from folioviz.views.page.text import side_name
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session


def bar(name: str, value: int, most: int, kind: str) -> Markup:
    """Return one bar with its number."""
    high = 100 * max(value, 0) / max(most, 1)
    return html(
        '<div class="fv-meter fv-{0}"><span>{1}</span><i><b style="height:{2}%"></b></i>'
        '<strong data-meter="{0}">{3}</strong></div>',
        kind,
        name,
        f"{high:.1f}",
        value,
    )


def rule(side: Side, refcount: int, mappings: int) -> Markup:
    """Return whether the two numbers keep the reviewers’ rule."""
    if side.bugs:
        text, kind = "Freed while mapped, or used after that: the kernel has hit a bug.", "bad"
    elif mappings > refcount:
        text, kind = "More mappings than references: for a moment the reviewers’ rule does not hold.", "warn"
    else:
        text, kind = "No more mappings than references: the reviewers’ rule holds.", "good"
    return html('<p class="fv-verdict fv-{0}-note" data-verdict="{0}">{1}</p>', kind, text)


def pair(side: Side, folio: Folio | None, most: int) -> Markup:
    """Return the meters of one kernel, as high as ``most``."""
    refcount, mappings = (folio.refcount, folio.total_mapcount) if folio else (0, 0)
    said = rule(side, refcount, mappings)
    if folio is None and not side.bugs:
        said = Markup(
            '<p class="fv-verdict" data-verdict="gone">The folio in focus does not live here now.</p>'
        )
    bars = bar("refcount", refcount, most, "refs") + bar("mappings", mappings, most, "maps")
    name = side_name(side.name, side.kernel.label)
    return html(
        '<section><div class="fv-side">{}</div><div class="fv-pair">{}{}</div></section>', name, bars, said
    )


class Meters(Panel):
    """Both meters of every kernel, side by side."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("meters", "fv-meters")
        self._most: dict[tuple[object, ...], int] = {}

    def update(self, frame: Frame) -> None:
        """Draw the folio in focus."""
        folios = [side.folio(frame.focus) for side in frame.sides]
        key = (frame.ops, frame.focus)
        most = max(
            [self._most.get(key, 1), *(max(one.refcount, one.total_mapcount) for one in folios if one)]
        )
        self._most = {key: most}
        self.screen.put(
            "meters",
            {side.name: pair(side, one, most) for side, one in zip(frame.sides, folios, strict=True)},
        )
