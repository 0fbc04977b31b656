"""The deferred split queue of each kernel: its order, and what being on it is good for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.readout.words import count
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.palette import of_folio
from folioviz.views.page.screen import slot
from folioviz.views.page.text import badge, heading, term
from folioviz.views.panels.awaited import queueing
from folioviz.views.panels.folio_facts import passed_over
from folioviz.views.panels.panel import Panel
from folioviz.views.session.queue_prospect import Outlook, Prospect, outlook

if TYPE_CHECKING:
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

MAX_ENTRIES = 64
MAX_MISSING = 3


def entry(side: Side, folio: Folio, prospect: Prospect) -> Markup:
    """Return one folio of the queue."""
    why = side.spurious(folio)
    spurious = badge("spurious", "bad", f"nothing is gained by queueing it: {why}", "spurious") if why else ""
    nothing = html('<small class="fv-nothing">for nothing: {}</small>', why) if why else ""
    failed = html(" <code>{}</code>", prospect.error) if prospect.error else ""
    said = prospect.words.replace("the shrinker", "", 1)
    then = (
        html('<small class="fv-dim">the {}{}{}</small>', term("shrinker", "shrinker"), said, failed)
        if prospect.words
        else ""
    )
    return html(
        '<li data-queued="{0}"><button class="fv-name" data-fv="folio:{0}">'
        '<i style="background:{1}"></i>folio {0}</button>'
        '<span class="fv-dim">{2}/{3} mapped</span>{4}{5}{6}{7}{8}</li>',
        folio.id,
        of_folio(folio.id),
        folio.pages_mapped,
        folio.mapcount.size,
        whose(side, side.cgroups.of(folio)),
        flag(folio),
        spurious,
        nothing,
        then,
    )


def whose(side: Side, cgroup: int) -> Markup:
    """Return whose queue a folio is on, if it is not the root's."""
    if side.cgroups.passed_over(cgroup):
        return badge(f"cgroup {cgroup}, removed", "bad", passed_over(cgroup), "cgroup")
    return (
        badge(f"cgroup {cgroup}", "calm", f"on the queue of cgroup {cgroup}", "cgroup") if cgroup else EMPTY
    )


def flag(folio: Folio) -> Markup:
    """Return whether a queued folio is flagged, where its kernel keeps that."""
    if folio.flagged is None:
        return EMPTY
    if folio.flagged:
        return badge("flagged", "warn", "PG_partially_mapped is set: the shrinker splits it", "flag")
    return badge(
        "unflagged", "info", "queued without PG_partially_mapped: split only if it is underused", "flag"
    )


def missing(frame: Frame, side: Side) -> list[Markup]:
    """Return when a side queues what the other has on its queue now: a text for each folio, few of them."""
    queued = [folio.id for other in frame.sides if other is not side for folio in other.queue]
    texts = [(ident, queueing(frame, side, ident)) for ident in queued[: MAX_ENTRIES + len(side.queue)]]
    said = [
        html('<span data-awaited="{0}">folio {0}: {1}</span>', ident, text) for ident, text in texts if text
    ]
    return said[:MAX_MISSING] + [html("<span>and {}</span>", count(len(said) - MAX_MISSING, "more"))] * (
        len(said) > MAX_MISSING
    )


def column(frame: Frame, side: Side, seen: Outlook) -> Markup:
    """Return one kernel's queue, and what the shrinker would do with it."""
    queue = side.queue
    body = joined(
        entry(side, folio, seen.prospects.get(folio.id, Prospect(""))) for folio in queue[:MAX_ENTRIES]
    )
    if seen.refusal:
        body += html('<li class="fv-dim">What the shrinker would do cannot be told: {}.</li>', seen.refusal)
    more = (
        html('<p class="fv-dim">and {}</p>', count(len(queue) - MAX_ENTRIES, "more"))
        if len(queue) > MAX_ENTRIES
        else ""
    )
    length = html(' <span class="fv-dim">{}</span>', count(len(queue), "folio")) if queue else ""
    shown = (
        html('<ol class="fv-queue">{}</ol>{}', body, more)
        if queue
        else Markup('<p class="fv-empty">empty</p>')
    )
    later = missing(frame, side)
    shown += html('<p class="fv-awaited">{}</p>', joined(later)) if later else ""
    return html(
        '<section data-side="{0}"><b class="fv-{0}">{0}</b>{1}{2}</section>', side.name, length, shown
    )


class SplitQueue(Panel):
    """The panel."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("queue")

    def update(self, frame: Frame) -> None:
        """Draw the queues."""
        tracks = self.session.history.tracks
        sides = joined(
            column(frame, side, outlook(track.asking, side.queue[:MAX_ENTRIES]))
            for side, track in zip(frame.sides, tracks, strict=True)
        )
        self.screen.put(
            "queue",
            html('{}<div class="fv-queues">{}</div>', heading("Deferred split queue", about="queue"), sides),
        )
