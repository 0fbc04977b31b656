"""Meters: refcount and mapcount of the folio in focus as two bars per kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.views.page.screen import slot
from folioviz.views.page.text import esc, side_name
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session


def bar(name: str, value: int, most: int, kind: str) -> str:
    """Return one bar with its number."""
    high = 100 * max(value, 0) / max(most, 1)
    return (
        f'<div class="fv-meter fv-{kind}"><span>{esc(name)}</span><i><b style="height:{high:.1f}%"></b></i>'
        f'<strong data-meter="{kind}">{value}</strong></div>'
    )


def rule(side: Side, refcount: int, mappings: int) -> str:
    """Return whether the two numbers keep the reviewers’ rule."""
    if side.bugs:
        text, kind = "Freed while mapped, or used after that: the kernel has hit a bug.", "bad"
    elif mappings > refcount:
        text, kind = "More mappings than references: for a moment the reviewers’ rule does not hold.", "warn"
    else:
        text, kind = "No more mappings than references: the reviewers’ rule holds.", "good"
    return f'<p class="fv-verdict fv-{kind}-note" data-verdict="{kind}">{text}</p>'


def pair(side: Side, folio: Folio | None, most: int) -> str:
    """Return the meters of one kernel, as high as ``most``."""
    refcount, mappings = (folio.refcount, folio.total_mapcount) if folio else (0, 0)
    said = rule(side, refcount, mappings)
    if folio is None and not side.bugs:
        said = '<p class="fv-verdict" data-verdict="gone">The folio in focus does not live here now.</p>'
    bars = bar("refcount", refcount, most, "refs") + bar("mappings", mappings, most, "maps")
    name = side_name(side.name, side.kernel.label)
    return f'<section><div class="fv-side">{name}</div><div class="fv-pair">{bars}{said}</div></section>'


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
