"""The deferred split queue of each kernel: its order, and what being on it is good for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.views.page.palette import of_folio
from folioviz.views.page.screen import slot
from folioviz.views.page.text import badge, count, esc, heading
from folioviz.views.session.queue_prospect import prospect

if TYPE_CHECKING:
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side

MAX_ENTRIES = 64


def entry(side: Side, folio: Folio) -> str:
    """Return one folio of the queue."""
    why = side.spurious(folio)
    spurious = badge("spurious", "bad", f"nothing is gained by queueing it: {why}") if why else ""
    words, error = prospect(folio, side.settings)
    failed = f" <code>{esc(error)}</code>" if error else ""
    return (
        f'<li data-queued="{folio.id}"><button class="fv-name" data-fv="folio:{folio.id}">'
        f'<i style="background:{of_folio(folio.id)}"></i>folio {folio.id}</button>'
        f'<span class="fv-dim">{folio.pages_mapped}/{folio.mapcount.size} mapped</span>{flag(folio)}{spurious}'
        f'<small class="fv-dim">{esc(words)}{failed}</small></li>'
    )


def flag(folio: Folio) -> str:
    """Return whether a queued folio is flagged, where its kernel keeps that."""
    if folio.flagged is None:
        return ""
    if folio.flagged:
        return badge("flagged", "warn", "PG_partially_mapped is set: the shrinker splits it")
    return badge("unflagged", "info", "queued without PG_partially_mapped: split only if it is underused")


def column(side: Side) -> str:
    """Return one kernel's queue."""
    queue = side.queue
    body = "".join(entry(side, folio) for folio in queue[:MAX_ENTRIES])
    more = (
        f'<p class="fv-dim">and {count(len(queue) - MAX_ENTRIES, "more")}</p>'
        if len(queue) > MAX_ENTRIES
        else ""
    )
    length = f' <span class="fv-dim">{count(len(queue), "folio")}</span>' if queue else ""
    shown = f'<ol class="fv-queue">{body}</ol>{more}' if queue else '<p class="fv-empty">empty</p>'
    return (
        f'<section data-side="{side.name}"><b class="fv-{side.name}">{side.name}</b>{length}{shown}</section>'
    )


class SplitQueue:
    """The panel."""

    def __init__(self, screen: Screen) -> None:
        """Make the panel."""
        self.screen = screen
        self.widget = slot("queue")

    def show(self, frame: Frame) -> None:
        """Draw the queues."""
        sides = "".join(column(side) for side in frame.sides)
        self.screen.put("queue", f'{heading("Deferred split queue")}<div class="fv-queues">{sides}</div>')
