"""Folios: a card each while they are few, a line each when they are many; one HTML widget per kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from folioviz import state
from folioviz.machine import COMPOUND_MAPPED
from folioviz.views.cells import cells
from folioviz.views.palette import of_folio
from folioviz.views.text import badge, count, esc, side_name

if TYPE_CHECKING:
    from folioviz.explain import Decision
    from folioviz.state import Folio
    from folioviz.views.frame import Frame, Gone, Side

FULL_CARDS = 6
MAX_LINES = 256
BUGS = {
    "free_mapped": "Bad page state, nonzero mapcount: a folio was freed while page tables still map it.",
    "uaf": "Use after free: the kernel went on to use a folio that it had freed.",
    "vm_bug:folio_order(folio) < 2": "VM_BUG_ON(folio_order(folio) < 2): an order-1 folio has no room for the "
    "queue's link, so it must not be queued.",
    "vm_bug:batch->nr > batch->max": "VM_BUG_ON(batch->nr > batch->max): the mmu_gather was overrun, pages were "
    "written behind its end.",
}
"""Bug name -> what a person reads."""


def badges(side: Side, folio: Folio) -> str:
    """Return what state a folio is in."""
    found = []
    if folio.queue_place:
        spurious = side.spurious(folio)
        why = (
            "nothing is gained by being there: this operation unmaps all of it"
            if spurious
            else "on the deferred split queue: memory pressure may split it"
        )
        found.append(
            badge(
                f"queued #{folio.queue_place}{' · spurious' if spurious else ''}",
                "bad" if spurious else "warn",
                why,
            )
        )
    if folio.scanned:
        found.append(badge("with the shrinker", "warn", "on the shrinker's private list"))
    if folio.gather_refs:
        found.append(
            badge(
                "waiting in mmu_gather",
                "info",
                f"{count(folio.gather_refs, 'reference')} wait for the TLB flush",
            )
        )
    if folio.pins:
        found.append(
            badge(f"pinned ×{folio.pins}" if folio.pins > 1 else "pinned", "info", "get took a reference")
        )
    if folio.pmds:
        found.append(badge("PMD-mapped", "calm", f"mapped by {count(folio.pmds, 'PMD')}"))
    if folio.refcount <= 0 and folio.pages_mapped:
        found.append(badge("freed, still mapped", "bad"))
    elif folio.partially_mapped and not folio.queue_place:
        found.append(
            badge("partially mapped", "calm", f"{folio.pages_mapped} of {folio.mapcount.size} pages")
        )
    return "".join(found)


def refcount(folio: Folio) -> str:
    """Return the reference count and what it is made of."""
    parts = [(folio.ptes + folio.pmds, "mappings"), (folio.gather_refs, "gather"), (folio.pins, "pins")]
    parts.append((max(folio.other_refs, 0), "other"))
    early = f" − {-folio.other_refs} dropped before its mapping" if folio.other_refs < 0 else ""
    shown = [f"{number} {what}" for number, what in parts if number]
    if shown == [f"{folio.refcount} mappings"]:
        return f'{folio.refcount} <small title="every reference is a mapping’s">all mappings</small>'
    return f"{folio.refcount}" + (f" <small>= {' + '.join(shown)}{early}</small>" if shown else "")


def counters(side: Side, folio: Folio, *, short: bool = False) -> str:
    """Return a folio's counters; those that the last step changed are outlined."""
    raw = folio.nr_pages_mapped
    parts = []
    if folio.order:
        decoded = f" <small>= {esc(state.decoded(raw))}</small>" if raw >= COMPOUND_MAPPED else ""
        shown = f"{raw:#x}" if raw >= COMPOUND_MAPPED else str(raw)
        parts += [("mapped", "_nr_pages_mapped", shown + decoded)]
        if folio.pmds or not short:
            parts += [("entire", "_entire_mapcount", str(folio.entire_mapcount).replace("-", "−"))]
    parts += [("refcount", "refcount", refcount(folio))]
    out = []
    for key, name, value in parts:
        hit = " d" if (folio.head, key) in side.fields else ""
        out.append(f'<span class="fv-count{hit}" data-counter="{key}">{name} <b>{value}</b></span>')
    return f'<div class="fv-counts">{"".join(out)}</div>'


def why(decision: Decision | None) -> str:
    """Return the sentence of a decision, with the kernel function and its source."""
    if decision is None:
        return ""
    return (
        f'<p class="fv-why">{esc(decision.sentence)} '
        f"<small><code>{esc(decision.function)}</code> {esc(decision.source)}</small></p>"
    )


def name(folio: Folio, *, focus: bool, short: bool = False) -> str:
    """Return a folio's name, which is the button that puts it into focus."""
    pages = "" if short else f" · {count(folio.mapcount.size, 'page')}"
    on = ' aria-pressed="true"' if focus else ""
    return (
        f'<button class="fv-name" data-fv="folio:{folio.id}"{on} title="put this folio into focus">'
        f'<i style="background:{of_folio(folio.id)}"></i>folio {folio.id}</button>'
        f'<span class="fv-dim">order {folio.order}{pages}</span>'
    )


def card(side: Side, folio: Folio, *, focus: bool) -> str:
    """Return a folio as a card; one that nothing has happened to is small, unless it is in focus."""
    state_ = badges(side, folio)
    touched = state_ or folio.id in side.decisions or any(head == folio.head for head, _ in side.fields)
    short = not (touched or focus)
    kind = " fv-focus" if focus else " fv-calm-card" if short else ""
    return (
        f'<article class="fv-card{kind}" data-folio="{folio.id}">'
        f"<header>{name(folio, focus=focus, short=short)}<span class='fv-badges'>{state_}</span></header>"
        f"{cells(folio, side.pages)}{counters(side, folio, short=short)}{why(side.decisions.get(folio.id))}</article>"
    )


def line(side: Side, folio: Folio, *, focus: bool) -> str:
    """Return a folio as one line of a list."""
    queued = f"#{folio.queue_place}" if folio.queue_place else ""
    state_ = f'<em class="fv-{"bad" if side.spurious(folio) else "warn"}">{queued}</em>' if queued else ""
    hit = " d" if any(head == folio.head for head, _ in side.fields) else ""
    return (
        f'<button class="fv-line{" fv-focus" if focus else ""}" data-fv="folio:{folio.id}" data-folio="{folio.id}">'
        f"<b>{folio.id}</b>{cells(folio, side.pages, small=True)}"
        f'<span class="{hit}">{folio.pages_mapped}/{folio.mapcount.size}</span>'
        f"<span>{folio.refcount}</span><span>{state_}</span></button>"
    )


def ghost(side: Side, gone: Gone) -> str:
    """Return the card of a folio that this operation has freed."""
    return (
        f'<article class="fv-card fv-gone" data-gone="{gone.id}"><header><span class="fv-name">folio {gone.id}</span>'
        f'<span class="fv-dim">order {gone.order} · {count(1 << gone.order, "page")}</span>'
        f"<span class='fv-badges'>{badge('freed', 'calm', 'its last reference went in this operation')}</span></header>"
        f"{why(side.decisions.get(gone.id))}</article>"
    )


def bugs(side: Side) -> str:
    """Return the banner of a kernel that has hit a bug."""
    if not side.bugs:
        return ""
    items = "".join(f"<p>{esc(BUGS.get(name, name))}</p>" for name in side.bugs)
    return f'<div class="fv-bug" role="alert"><b>This kernel has hit a bug.</b>{items}<p>Undo to go on.</p></div>'


def column(frame: Frame, side: Side) -> str:
    """Return all folios of one kernel."""
    top = f'<div class="fv-side">{side_name(side.name, side.kernel.label)}</div>{bugs(side)}'
    if side.refused:
        top += f'<p class="fv-note fv-warn">This kernel refused the operation: {esc(side.refused)}.</p>'
    big_gone = [gone for gone in side.gone if gone.order or len(side.gone) <= 2]
    many = len(side.folios) + len(big_gone) > FULL_CARDS
    if not many:
        body = "".join(card(side, folio, focus=folio.id == frame.focus) for folio in side.folios)
        body += "".join(ghost(side, gone) for gone in big_gone)
        small = len(side.gone) - len(big_gone)
        body += f'<p class="fv-dim">and {count(small, "page")} of order 0 freed</p>' if small > 0 else ""
        return top + (body or '<p class="fv-empty">No folio lives here.</p>')
    chosen = next((folio for folio in side.folios if folio.id == frame.focus), None)
    body = card(side, chosen, focus=True) if chosen else why(side.latest)
    names = ("mappings of its pages", "mapped", "refs", "queue")
    head = (
        f"<div class='fv-line fv-dim'><b>folio</b>{''.join(f'<span>{name}</span>' for name in names)}</div>"
    )
    body += f'<div class="fv-lines">{head}'
    body += "".join(line(side, folio, focus=folio.id == frame.focus) for folio in side.folios[:MAX_LINES])
    body += "</div>"
    more = len(side.folios) - MAX_LINES
    body += f'<p class="fv-dim">and {count(more, "more folio")}</p>' if more > 0 else ""
    body += (
        f'<p class="fv-dim">{count(len(side.gone), "folio")} freed by this operation</p>' if side.gone else ""
    )
    return top + body


class FolioCards:
    """The panel: one HTML widget per kernel, side by side."""

    def __init__(self) -> None:
        """Make the panel."""
        self.columns = (w.HTML(), w.HTML())
        self.widget = w.HBox(self.columns)
        self.widget.add_class("fv-columns")

    def show(self, frame: Frame) -> None:
        """Draw the folios of each kernel."""
        for place, html in enumerate(self.columns):
            html.value = column(frame, frame.sides[place]) if place < len(frame.sides) else ""
            html.layout.display = None if place < len(frame.sides) else "none"
