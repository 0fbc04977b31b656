"""Folios: a card each while they are few, a line each when they are many; a filter; a column per kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w
from markupsafe import Markup

from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.readout.words import count
from folioviz.views.page.alike import alike, common
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.palette import of_folio
from folioviz.views.page.screen import slot
from folioviz.views.page.text import badge, side_name, term
from folioviz.views.panels.awaited import awaited
from folioviz.views.panels.cells import cells, strip
from folioviz.views.panels.folio_facts import BUGS, badges, counters, in_line
from folioviz.views.panels.folio_filters import FILTER_NAMES, TESTS, filters
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.readout.explain import Decision
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.player.snapshot import Gone
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

FULL_CARDS = 6
MAX_LINES = 256
NO_REASON = Markup('<p class="fv-why"></p>')
BLIND = html(
    "{}: this kernel does not count the pages of a large folio.",
    term("nopages", "Cells are from the page tables"),
)


def why(decision: Decision | None) -> Markup:
    """Return the sentence of a decision, with the kernel function and its source; without one its room stays."""
    if decision is None:
        return NO_REASON
    return html(
        '<p class="fv-why">{} <small><code>{}</code> {}</small></p>',
        decision.sentence,
        decision.function,
        decision.source,
    )


def name(folio: Folio, *, focus: bool, short: bool = False) -> Markup:
    """Return a folio's name, which is the button that puts it into focus."""
    pages = "" if short else f" · {count(folio.mapcount.size, 'page')}"
    on = Markup(' aria-pressed="true"') if focus else ""
    return html(
        '<button class="fv-name" data-fv="folio:{0}"{1} title="put this folio into focus">'
        '<i style="background:{2}"></i>folio {0}</button><span class="fv-dim">order {3}{4}</span>',
        folio.id,
        on,
        of_folio(folio.id),
        folio.order,
        pages,
    )


def touched(side: Side, folio: Folio) -> bool:
    """Tell whether a decision or the last step was about a folio."""
    return folio.id in side.decisions or any(head == folio.head for head, _ in side.fields)


def card(
    side: Side,
    folio: Folio,
    *,
    focus: bool,
    opened: bool = False,
    awaited: str = "",
    marked: tuple[int, int] = (0, 0),
) -> Markup:
    """Return a folio as a card; one that nothing has happened to is one row, unless it is in focus or was opened.

    ``awaited`` is what the other side shows of it and this one does not yet; ``marked`` its highlighted pages.
    """
    state_ = [badge(awaited, "calm", "where the other side is already")] if awaited else []
    state_ += badges(side, folio)
    if not (focus or opened or state_ or touched(side, folio) or folio.id in side.changed):
        return calm(side, folio)
    return html(
        '<article class="fv-card{}" data-folio="{}"><header>{}'
        '<span class="fv-badges">{}</span></header>{}{}{}</article>',
        " fv-focus" if focus else "",
        folio.id,
        name(folio, focus=focus),
        in_line(state_),
        cells(side.name, folio, side.pages, marked),
        counters(side, folio),
        why(side.decisions.get(folio.id)),
    )


def calm(side: Side, folio: Folio) -> Markup:
    """Return a folio that nothing has happened to, as one row."""
    raw = folio.nr_pages_mapped if folio.order else folio.mapcount[0] + 1
    what = "_nr_pages_mapped" if folio.order else "PTEs that map it"
    if folio.order and not folio.counts_nr:
        raw, what = folio.pages_mapped, "pages that are mapped; this kernel keeps no _nr_pages_mapped"
    shown = f"{raw:#x}" if raw >= COMPOUND_MAPPED else str(raw)
    return html(
        '<article class="fv-card fv-calm-card" data-folio="{}">{}{}<span class="fv-counts">'
        '<span class="fv-count" data-counter="mapped" title="{}"><b>{}</b> mapped</span>'
        '<span class="fv-count" data-counter="refcount"><b>{}</b> refs</span></span></article>',
        folio.id,
        name(folio, focus=False, short=True),
        cells(side.name, folio, side.pages),
        what,
        shown,
        folio.refcount,
    )


def line(side: Side, folio: Folio, *, focus: bool, hit: bool) -> Markup:
    """Return a folio as one line of a list."""
    queued = f"#{folio.queue_place}" if folio.queue_place else ""
    kind = "bad" if side.spurious(folio) else "info" if folio.flagged == 0 else "warn"
    state_ = html('<em class="fv-{}">{}</em>', kind, queued) if queued else ""
    return html(
        '<button class="fv-line{0}" data-fv="folio:{1}" data-folio="{1}"><b>{1}</b>{2}'
        '<span class="{3}">{4}/{5}</span><span>{6}</span><span>{7}</span></button>',
        " fv-focus" if focus else "",
        folio.id,
        strip(folio),
        "d" if hit else "",
        folio.pages_mapped,
        folio.mapcount.size,
        folio.refcount,
        state_,
    )


def ghost(side: Side, gone: Gone) -> Markup:
    """Return the card of a folio that this operation has freed."""
    return html(
        '<article class="fv-card fv-gone" data-gone="{0}"><header><span class="fv-name">folio {0}</span>'
        '<span class="fv-dim">order {1} · {2}</span><span class="fv-badges">{3}</span></header>{4}</article>',
        gone.id,
        gone.order,
        count(1 << gone.order, "page"),
        badge("freed", "calm", "its last reference went in this operation", "folio"),
        why(side.decisions.get(gone.id)),
    )


def bugs(side: Side) -> Markup:
    """Return the banner of a kernel that has hit a bug."""
    if not side.bugs:
        return EMPTY
    items = joined(html("<p>{}</p>", BUGS.get(name, name)) for name in side.bugs)
    return html(
        '<div class="fv-bug" role="alert"><b>This kernel has hit a bug.</b>{}<p>Undo to go on.</p></div>',
        items,
    )


def before(frame: Frame, side: Side) -> Markup:
    """Return which earlier operations a kernel refused, so that what is missing has a reason."""
    places = [
        str(place) for place, by in enumerate(frame.refused[: max(frame.index, 0)], 1) if side.name in by
    ]
    if not places:
        return EMPTY
    which = (
        "operation " + places[0]
        if len(places) == 1
        else f"operations {', '.join(places[:-1])} and {places[-1]}"
    )
    return html('<p class="fv-note fv-warn">This kernel refused {}: go there to see why.</p>', which)


def top(frame: Frame, side: Side) -> Markup:
    """Return what stands above the folios of one kernel."""
    trouble = ""
    if side.refused:
        trouble = html('<p class="fv-note fv-warn">This kernel refused the operation: {}.</p>', side.refused)
    if side.failed:
        trouble = html('<p class="fv-note fv-warn">The operation ends with an error. {}.</p>', side.failed)
    trouble += before(frame, side)
    none = "" if frame.only == "all" else f"None is {FILTER_NAMES[frame.only][0]}."
    empty = (
        ""
        if any(TESTS[frame.only](side, folio) for folio in side.folios) or side.gone
        else (html('<p class="fv-empty">{}</p>', none or "No folio lives here."))
    )
    name_ = side_name(side.name, side.kernel.label)
    blind = any(not folio.counts_pages for folio in side.folios)
    note = html('<p class="fv-dim fv-blind">{}</p>', BLIND) if blind else ""
    return html('<div><div class="fv-side">{}</div>{}{}{}{}</div>', name_, bugs(side), trouble, note, empty)


def marked(frame: Frame, folio: Folio) -> tuple[int, int]:
    """Return the pages [first, after last) of a folio that are highlighted; (0, 0) for none."""
    mark = frame.noted.mark
    return mark.pages if mark and (mark.kind, mark.of) == ("folio", folio.id) else (0, 0)


class FolioCards(Panel):
    """The panel: a column per kernel, side by side."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.columns = (slot("folios:A"), slot("folios:B"))
        columns = alike(w.HBox, self.columns)
        columns.add_class("fv-columns")
        self.widget = alike(w.VBox, [slot("filters", "fv-filters"), columns])
        self._lines: dict[tuple[str, int], tuple[tuple[object, ...], Markup]] = {}
        self._opened: tuple[object, set[int]] = (None, set())
        """An operation, and the folios that were in focus in it: their cards stay open, so that none below moves up."""

    def update(self, frame: Frame) -> None:
        """Draw the folios of each kernel."""
        if self._opened[0] != (frame.ops, frame.index):
            self._opened = (frame.ops, frame.index), set()
        self._opened[1].add(frame.focus)
        self.screen.put("filters", filters(frame))
        for name_, column in zip("AB", self.columns, strict=True):
            side = frame.side(name_)
            column.layout = common(w.Layout) if side else common(w.Layout, display="none")
            pieces, lines = self._column(frame, side) if side else ({}, {})
            self.screen.put(f"folios:{name_}", pieces)
            self.screen.put(f"lines:{name_}", lines)

    def _column(self, frame: Frame, side: Side) -> tuple[dict[str, Markup], dict[str, Markup]]:
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
        pieces |= {
            str(folio.id): card(
                side,
                folio,
                focus=folio.id == frame.focus,
                opened=folio.id in self._opened[1],
                awaited=awaited(frame, side, folio.id),
                marked=marked(frame, folio),
            )
            for folio in folios
        }
        pieces |= {str(one.id): ghost(side, one) for one in gone}
        small = len(side.gone) - len(gone)
        if small > 0 and frame.only == "all":
            pieces["gone"] = html('<p class="fv-dim">and {} of order 0 freed</p>', count(small, "page"))
        return pieces, {}

    def _list(
        self, frame: Frame, side: Side, folios: list[Folio], pieces: dict[str, Markup]
    ) -> tuple[dict[str, Markup], dict[str, Markup]]:
        """Return a column with the folio in focus as a card, and all as lines."""
        chosen = side.folio(frame.focus)
        pieces["card"] = (
            card(
                side,
                chosen,
                focus=True,
                awaited=awaited(frame, side, chosen.id),
                marked=marked(frame, chosen),
            )
            if chosen
            else html("<div>{}</div>", why(side.latest))
        )
        names = ("mappings of its pages", "mapped", "refs", "queue")
        head = html(
            "<div class='fv-line fv-dim'><b>folio</b>{}</div>",
            joined(html("<span>{}</span>", one) for one in names),
        )
        pieces["list"] = html('<div class="fv-lines" data-slot="lines:{}"></div>', side.name)
        more = len(folios) - MAX_LINES
        notes = [f"and {count(more, 'more folio')}"] if more > 0 else []
        notes += [f"{count(len(side.gone), 'folio')} freed by this operation"] if side.gone else []
        if notes:
            pieces["more"] = html('<p class="fv-dim">{}</p>', "; ".join(notes))
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
