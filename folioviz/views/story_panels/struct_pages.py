"""Struct pages: the first three of the folio in focus, word by word, and what lies there if it has fewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.machine.memory import COMPOUND_MAPPED
from folioviz.readout.words import count, minus
from folioviz.stories.order_1 import LINK
from folioviz.views.page.markup import html, joined
from folioviz.views.page.palette import colour, of_folio
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading, side_name
from folioviz.views.panels.panel import Panel

if TYPE_CHECKING:
    from folioviz.readout.state import Folio
    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame, Side
    from folioviz.views.session.session import Session

DRAWN = 3
NAMES = ("first", "second", "third")


def field(name: str, value: object = None, kind: str = "") -> Markup:
    """Return a field with its value; without one, the model does not keep it."""
    if value is None:
        return html('<li class="fv-unkept"><code>{}</code></li>', name)
    return html('<li class="{0}"><code>{1}</code> <b data-field="{1}">{2}</b></li>', kind, name, value)


def counter(side: Side, folio: Folio, name: str, value: object, key: str) -> Markup:
    """Return a counter of the folio; one that the last step changed is outlined."""
    return field(name, value, "d" if (folio.head, key) in side.fields else "")


def mapcount(side: Side, folio: Folio, page: int) -> Markup:
    """Return a page's own mapcount; raw, as the kernel keeps it."""
    hit = "d" if folio.head + page in side.pages else ""
    return field("_mapcount", minus(int(folio.mapcount[page])), hit)


def exclusive(folio: Folio, page: int) -> Markup:
    """Return the flags of a page: only AnonExclusive is kept."""
    return field("flags", "AnonExclusive" if folio.anon_exclusive[page] else "no AnonExclusive")


def link(folio: Folio) -> Markup:
    """Return the queue's link."""
    value = f"on the queue, #{folio.queue_place}" if folio.queue_place else "empty: not queued"
    value = "on the shrinker’s list" if folio.scanned else value
    return field(
        "_deferred_list", value, "fv-link-on" if folio.queue_place or folio.scanned else "fv-link-off"
    )


def fields(side: Side, folio: Folio, page: int) -> Markup:
    """Return the fields of one of a folio's struct pages, in the order in which they lie there."""
    raw = folio.nr_pages_mapped
    own = {
        0: [field("lru"), field("mapping"), field("index"), field("private")],
        1: [
            field("_head_1"),
            field("_folio_dtor"),
            field("_folio_order", folio.order),
            counter(side, folio, "_entire_mapcount", minus(folio.entire_mapcount), "entire"),
            counter(side, folio, "_nr_pages_mapped", hex(raw) if raw >= COMPOUND_MAPPED else raw, "mapped"),
            field("_pincount"),
            field("_folio_nr_pages"),
        ],
        LINK: [field("_head_2a"), link(folio)],
    }[page]
    references = [counter(side, folio, "_refcount", folio.refcount, "refcount")] if page == 0 else []
    return joined([exclusive(folio, page), *own, mapcount(side, folio, page), *references])


def missing(side: Side, folio: Folio, page: int) -> Markup:
    """Return the box of a struct page that the folio does not have: whose it is, and what would be overwritten."""
    place = folio.head + page
    owner = int(side.owners[place]) if place < side.owners.size else 0
    whose = f"a struct page of folio {owner}" if owner else "a free page’s"
    body = [html("<p>Not this folio’s: it is <b>{}</b>.</p>", whose)]
    if page == LINK:
        body.append(
            Markup(
                "<p>Where <code>_deferred_list</code> would lie, words 2 and 3, a page that heads a folio keeps "
                "<code>lru.prev</code> and <code>mapping</code>.</p>"
            )
        )
    own = of_folio(owner) if owner else colour("line")
    return html(
        '<div class="fv-struct fv-missing" data-struct="{}" data-owner="{}" style="--c:{}">'
        "<h3>{} struct page</h3>{}</div>",
        page,
        owner,
        own,
        NAMES[page],
        joined(body),
    )


def box(side: Side, folio: Folio, page: int) -> Markup:
    """Return the box of one struct page."""
    if page >= folio.mapcount.size:
        return missing(side, folio, page)
    return html(
        '<div class="fv-struct" data-struct="{}" data-owner="{}" style="--c:{}"><h3>{} struct page</h3>'
        "<ul>{}</ul></div>",
        page,
        folio.id,
        of_folio(folio.id),
        NAMES[page],
        fields(side, folio, page),
    )


def room(side: Side, folio: Folio) -> Markup:
    """Return whether the queue’s link has room, and whether the folio is queued."""
    if any("folio_order" in bug for bug in side.bugs):
        said, kind = (
            "The assertion has fired: this kernel wanted to queue a folio without room for the link.",
            "bad",
        )
    elif folio.mapcount.size <= LINK:
        said, kind = "No room for the queue’s link.", "warn"
    elif folio.queue_place:
        said, kind = (
            f"There is room for the link, and the folio is queued, at place {folio.queue_place}.",
            "good",
        )
    else:
        said, kind = "There is room for the link; the folio is not queued.", "calm"
    more = folio.mapcount.size - DRAWN
    rest = (
        html(
            " And {}, with <code>flags</code> and <code>_mapcount</code> each.",
            count(more, "more struct page"),
        )
        if more > 0
        else ""
    )
    return html('<p class="fv-struct-note fv-{0}-note" data-verdict="{0}">{1}{2}</p>', kind, said, rest)


def piece(frame: Frame, side: Side) -> Markup:
    """Return the struct pages of one kernel."""
    folio = side.folio(frame.focus or 1)
    name = side_name(side.name, side.kernel.label)
    if folio is None:
        gone = Markup('<p class="fv-empty">The folio in focus does not live here now.</p>')
        return html('<section><div class="fv-side">{}</div>{}</section>', name, gone)
    what = f"folio {folio.id}, order {folio.order}: {count(folio.mapcount.size, 'struct page')}"
    boxes = joined(box(side, folio, page) for page in range(DRAWN))
    return html(
        '<section><div class="fv-side">{} <small>{}</small></div><div class="fv-structs">{}</div>{}</section>',
        name,
        what,
        boxes,
        room(side, folio),
    )


class StructPages(Panel):
    """The struct pages under every kernel, one above the other."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.widget = slot("struct_pages", "fv-struct_pages")

    def update(self, frame: Frame) -> None:
        """Draw the folio in focus."""
        pieces = {side.name: piece(frame, side) for side in frame.sides}
        self.screen.put(
            "struct_pages", {"head": heading("Struct pages", "of the folio in focus", "page"), **pieces}
        )
