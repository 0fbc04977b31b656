"""The deferred split queue of each kernel: its order, and what being on it is good for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.readout.words import count
from folioviz.views.page.palette import of_folio
from folioviz.views.page.screen import slot
from folioviz.views.page.text import badge, esc, heading
from folioviz.views.panels.panel import Panel
from folioviz.views.session.queue_prospect import Outlook, Prospect, outlook

if TYPE_CHECKING:
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

MAX_ENTRIES = 64


def entry(side: Side, folio: Folio, prospect: Prospect) -> str:
    """Return one folio of the queue."""
    why = side.spurious(folio)
    spurious = badge("spurious", "bad", f"nothing is gained by queueing it: {why}") if why else ""
    failed = f" <code>{esc(prospect.error)}</code>" if prospect.error else ""
    then = f'<small class="fv-dim">{esc(prospect.words)}{failed}</small>' if prospect.words else ""
    return (
        f'<li data-queued="{folio.id}"><button class="fv-name" data-fv="folio:{folio.id}">'
        f'<i style="background:{of_folio(folio.id)}"></i>folio {folio.id}</button>'
        f'<span class="fv-dim">{folio.pages_mapped}/{folio.mapcount.size} mapped</span>'
        f"{flag(folio)}{spurious}{then}</li>"
    )


def flag(folio: Folio) -> str:
    """Return whether a queued folio is flagged, where its kernel keeps that."""
    if folio.flagged is None:
        return ""
    if folio.flagged:
        return badge("flagged", "warn", "PG_partially_mapped is set: the shrinker splits it")
    return badge("unflagged", "info", "queued without PG_partially_mapped: split only if it is underused")


def column(side: Side, seen: Outlook) -> str:
    """Return one kernel's queue, and what the shrinker would do with it."""
    queue = side.queue
    body = "".join(
        entry(side, folio, seen.prospects.get(folio.id, Prospect(""))) for folio in queue[:MAX_ENTRIES]
    )
    if seen.refusal:
        body += f'<li class="fv-dim">What the shrinker would do cannot be told: {esc(seen.refusal)}.</li>'
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


class SplitQueue(Panel):
    """The panel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("queue")

    def update(self, frame: Frame) -> None:
        """Draw the queues."""
        tracks = self.session.history.tracks
        sides = "".join(
            column(side, outlook(track.asking, side.queue[:MAX_ENTRIES]))
            for side, track in zip(frame.sides, tracks, strict=True)
        )
        self.screen.put("queue", f'{heading("Deferred split queue")}<div class="fv-queues">{sides}</div>')
