"""Folios: a card each while they are few, a line each when they are many; a filter; a column per kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.readout.words import count
from folioviz.views.page.palette import of_folio
from folioviz.views.page.screen import slot
from folioviz.views.page.text import badge, esc, side_name
from folioviz.views.panels.cells import cells, strip
from folioviz.views.panels.folio_facts import BUGS, badges, counters
from folioviz.views.panels.folio_filters import FILTER_NAMES, TESTS, filters
from folioviz.views.panels.glossary import term
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.readout.explain import Decision
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Gone, Side
    from folioviz.views.session.session import Session

FULL_CARDS = 6
MAX_LINES = 256
BLIND = f"{term('nopages', 'Cells are from the page tables')}: this kernel does not count the pages of a large folio."


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


def touched(side: Side, folio: Folio) -> bool:
    """Tell whether a decision or the last step was about a folio."""
    return folio.id in side.decisions or any(head == folio.head for head, _ in side.fields)


def card(side: Side, folio: Folio, *, focus: bool) -> str:
    """Return a folio as a card; one that nothing has happened to is one row, unless it is in focus."""
    state_ = badges(side, folio)
    if not (focus or state_ or touched(side, folio) or folio.id in side.changed):
        return calm(side, folio)
    return (
        f'<article class="fv-card{" fv-focus" if focus else ""}" data-folio="{folio.id}">'
        f"<header>{name(folio, focus=focus)}<span class='fv-badges'>{state_}</span></header>"
        f"{cells(side.name, folio, side.pages)}{counters(side, folio)}{why(side.decisions.get(folio.id))}</article>"
    )


def calm(side: Side, folio: Folio) -> str:
    """Return a folio that nothing has happened to, as one row."""
    raw = folio.nr_pages_mapped if folio.order else folio.mapcount[0] + 1
    what = "_nr_pages_mapped" if folio.order else "PTEs that map it"
    if folio.order and not folio.counts_nr:
        raw, what = folio.pages_mapped, "pages that are mapped; this kernel keeps no _nr_pages_mapped"
    shown = f"{raw:#x}" if raw >= COMPOUND_MAPPED else str(raw)
    return (
        f'<article class="fv-card fv-calm-card" data-folio="{folio.id}">{name(folio, focus=False, short=True)}'
        f"{cells(side.name, folio, side.pages)}"
        f'<span class="fv-counts"><span class="fv-count" data-counter="mapped" title="{what}"><b>{shown}</b> '
        "mapped</span>"
        f'<span class="fv-count" data-counter="refcount"><b>{folio.refcount}</b> refs</span></span></article>'
    )


def line(side: Side, folio: Folio, *, focus: bool, hit: bool) -> str:
    """Return a folio as one line of a list."""
    queued = f"#{folio.queue_place}" if folio.queue_place else ""
    kind = "bad" if side.spurious(folio) else "info" if folio.flagged == 0 else "warn"
    state_ = f'<em class="fv-{kind}">{queued}</em>' if queued else ""
    return (
        f'<button class="fv-line{" fv-focus" if focus else ""}" data-fv="folio:{folio.id}" data-folio="{folio.id}">'
        f"<b>{folio.id}</b>{strip(folio)}"
        f'<span class="{"d" if hit else ""}">{folio.pages_mapped}/{folio.mapcount.size}</span>'
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


def before(frame: Frame, side: Side) -> str:
    """Return which earlier operations a kernel refused, so that what is missing has a reason."""
    places = [
        str(place) for place, by in enumerate(frame.refused[: max(frame.index, 0)], 1) if side.name in by
    ]
    if not places:
        return ""
    which = (
        "operation " + places[0]
        if len(places) == 1
        else f"operations {', '.join(places[:-1])} and {places[-1]}"
    )
    return f'<p class="fv-note fv-warn">This kernel refused {which}: go there to see why.</p>'


def top(frame: Frame, side: Side) -> str:
    """Return what stands above the folios of one kernel."""
    refused = ""
    if side.refused:
        refused = f'<p class="fv-note fv-warn">This kernel refused the operation: {esc(side.refused)}.</p>'
    refused += before(frame, side)
    none = "" if frame.only == "all" else f"None is {FILTER_NAMES[frame.only][0]}."
    empty = (
        ""
        if any(TESTS[frame.only](side, folio) for folio in side.folios) or side.gone
        else (f'<p class="fv-empty">{none or "No folio lives here."}</p>')
    )
    name_ = side_name(side.name, side.kernel.label)
    blind = any(not folio.counts_pages for folio in side.folios)
    note = f'<p class="fv-dim fv-blind">{BLIND}</p>' if blind else ""
    return f'<div><div class="fv-side">{name_}</div>{bugs(side)}{refused}{note}{empty}</div>'


class FolioCards(Panel):
    """The panel: a column per kernel, side by side."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.columns = (slot("folios:A"), slot("folios:B"))
        columns = w.HBox(self.columns)
        columns.add_class("fv-columns")
        self.widget = w.VBox([slot("filters", "fv-filters"), columns])
        self._lines: dict[tuple[str, int], tuple[tuple[object, ...], str]] = {}

    def update(self, frame: Frame) -> None:
        """Draw the folios of each kernel."""
        self.screen.put("filters", filters(frame))
        for name_, html in zip("AB", self.columns, strict=True):
            side = frame.side(name_)
            html.layout.display = None if side else "none"
            pieces, lines = self._column(frame, side) if side else ({}, {})
            self.screen.put(f"folios:{name_}", pieces)
            self.screen.put(f"lines:{name_}", lines)

    def _column(self, frame: Frame, side: Side) -> tuple[dict[str, str], dict[str, str]]:
        """Return the pieces of a column, and of the list in it if there are many folios."""
        folios = [folio for folio in side.folios if TESTS[frame.only](side, folio)]
        gone = (
            [one for one in side.gone if one.order or len(side.gone) <= 2]
            if frame.only in {"all", "changed"}
            else []
        )
        pieces = {"top": top(frame, side)}
        if len(side.folios) + len(side.gone) > FULL_CARDS and len(folios) + len(gone) > FULL_CARDS // 2:
            return self._list(frame, side, folios, pieces)
        pieces |= {str(folio.id): card(side, folio, focus=folio.id == frame.focus) for folio in folios}
        pieces |= {str(one.id): ghost(side, one) for one in gone}
        small = len(side.gone) - len(gone)
        if small > 0 and frame.only == "all":
            pieces["gone"] = f'<p class="fv-dim">and {count(small, "page")} of order 0 freed</p>'
        return pieces, {}

    def _list(
        self, frame: Frame, side: Side, folios: list[Folio], pieces: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Return a column with the folio in focus as a card, and all as lines."""
        chosen = side.folio(frame.focus)
        pieces["card"] = card(side, chosen, focus=True) if chosen else f"<div>{why(side.latest)}</div>"
        names = ("mappings of its pages", "mapped", "refs", "queue")
        head = (
            f"<div class='fv-line fv-dim'><b>folio</b>{''.join(f'<span>{one}</span>' for one in names)}</div>"
        )
        pieces["list"] = f'<div class="fv-lines" data-slot="lines:{side.name}"></div>'
        more = len(folios) - MAX_LINES
        notes = [f"and {count(more, 'more folio')}"] if more > 0 else []
        notes += [f"{count(len(side.gone), 'folio')} freed by this operation"] if side.gone else []
        if notes:
            pieces["more"] = f'<p class="fv-dim">{"; ".join(notes)}</p>'
        heads = {head_ for head_, _ in side.fields}
        lines = {"head": head}
        for folio in folios[:MAX_LINES]:
            key = (folio, folio.id == frame.focus, folio.head in heads, side.spurious(folio))
            kept = self._lines.get((side.name, folio.id))
            if kept is None or kept[0][0] is not folio or kept[0][1:] != key[1:]:
                kept = (key, line(side, folio, focus=key[1], hit=key[2]))
                self._lines[side.name, folio.id] = kept
            lines[str(folio.id)] = kept[1]
        return pieces, lines
