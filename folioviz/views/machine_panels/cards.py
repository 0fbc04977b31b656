"""The folios of a 2 MiB block as cards like the explorer's: cells for their pages, and what is counted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.capture import kernel_side
from folioviz.evidence.recordings import observed as shape
from folioviz.readout.runs import placed
from folioviz.readout.words import count, dashed
from folioviz.views.machine_panels import orders
from folioviz.views.page.markup import EMPTY, html, joined
from folioviz.views.page.text import badge
from folioviz.views.panels.cells import FEW, Told, seen

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.views.machine_panels.taken import Taken

MOST: Final = 40
"""So many cards are shown; no 2 MiB has more folios of 64 KiB."""
RUNS: Final = 6
"""So many runs of pages are told of for those who cannot see the cells."""


class Found(NamedTuple):
    """A folio that has pages in a block.

    Attributes:
        id: its number in the capture.
        order: its order.
        here: its pages ``[first, end)`` that the block maps, counted in the region.
        mapcount: how often each of its pages is mapped, by whomever.
        unsure: whether others may map pages of it.
        seen: what the kernel's own memory says of it, by the names of columns.
    """

    id: int
    order: int
    here: tuple[int, int]
    mapcount: np.ndarray
    unsure: bool
    seen: dict[str, int]

    @property
    def held(self) -> int:
        """How many of its pages nobody maps."""
        return int((self.mapcount == 0).sum())


def folios(taken: Taken, number: int, block: int) -> tuple[list[Found], int, int]:
    """Return a block's large folios by place; how many of a single page there are, and how many of these are shared."""
    capture = taken.capture
    start, end = taken.span(number, block)
    table = capture.table(number, start, end)
    present = table[:, shape.STATE] == shape.PRESENT
    small = table[present & (table[:, shape.ORDER] == 0)]
    large = np.flatnonzero(present & (table[:, shape.ORDER] > 0))
    ids, first = np.unique(table[large, shape.FOLIO], return_index=True)
    out = []
    for folio, at in sorted(zip(ids.tolist(), large[first].tolist(), strict=True), key=lambda one: one[1]):
        pages = large[table[large, shape.FOLIO] == folio]
        span = slice(int(capture.slots[folio]), int(capture.slots[folio + 1]))
        out.append(
            Found(
                folio,
                int(capture.orders[folio]),
                (start + at, start + int(pages[-1]) + 1),
                capture.mapcounts[span] + capture.foreign[span],
                bool(capture.unsure[folio]),
                kernel_side.seen(capture, folio),
            )
        )
    return out, len(small), int((small[:, shape.EXCLUSIVE] == 0).sum())


def words(mapcount: np.ndarray) -> str:
    """Return how often a folio's pages are mapped, in words."""
    found = placed(mapcount)
    said = {0: "not mapped", 1: "mapped once"}
    parts = [
        f"pages {dashed(first, end)} {said.get(times, f'mapped {times} times')}"
        for first, end, times in found[:RUNS]
    ]
    return "; ".join(parts) + ("; …" if len(found) > RUNS else "")


def card(one: Found) -> Markup:
    """Return a folio's card."""
    pages, mapped = one.mapcount.size, one.mapcount.size - one.held
    name = f"folio {one.id}"
    if one.unsure:
        state = badge(
            "maybe held" if one.held else "maybe shared",
            "calm",
            "others may map pages of it: the kernel does not tell",
        )
    elif one.held:
        state = badge(
            f"holds {count(one.held, 'page')}", "warn", "pages that nobody maps: a split gives them back"
        )
    else:
        state = EMPTY
    if state == EMPTY and pages <= FEW:
        return calm(one, name)
    return html(
        '<article class="fv-card fv-mc-card"><header><span class="fv-name"><i style="background:{}"></i>{}</span>'
        '<span class="fv-dim">order {}</span><span class="fv-badges">{}</span></header>{}'
        '<div class="fv-counts"><span class="fv-count"><b>{}</b> of {} pages mapped</span>'
        '<span class="fv-count"><b>{}</b> mappings of pages</span>'
        '<span class="fv-count">from page {} of the region</span></div>{}</article>',
        orders.of(one.order),
        name,
        one.order,
        state,
        seen(one.id, one.mapcount, Told(name, words(one.mapcount), one.order)),
        mapped,
        pages,
        f"{int(one.mapcount.sum()):,}",
        f"{one.here[0]:,}",
        from_the_kernel(one),
    )


def calm(one: Found, name: str) -> Markup:
    """Return a folio that is mapped as a whole, and has few pages, as one row."""
    return html(
        '<article class="fv-card fv-calm-card fv-mc-card"><span class="fv-name"><i style="background:{}"></i>{}</span>'
        '<span class="fv-dim">order {}</span>{}<span class="fv-counts"><span class="fv-count"><b>{}</b> mapped</span>'
        '<span class="fv-count">from page {}</span></span>{}</article>',
        orders.of(one.order),
        name,
        one.order,
        seen(one.id, one.mapcount, Told(name, words(one.mapcount), one.order)),
        one.mapcount.size,
        f"{one.here[0]:,}",
        from_the_kernel(one),
    )


def from_the_kernel(one: Found) -> Markup:
    """Return what the kernel's own memory says of a folio, as it was seen there; nothing if it was not read."""
    if not one.seen:
        return EMPTY
    return html(
        '<div class="fv-counts fv-mc-seen"><span class="fv-count">from the kernel:</span>{}</div>',
        joined(
            html('<span class="fv-count">{} <b>{}</b></span>', what, value)
            if value
            else html('<span class="fv-count"><b>{}</b></span>', what)
            for what, value in kernel_side.words(one.seen)
        ),
    )


def tip(taken: Taken, folio: int, page: int) -> Markup:
    """Return what is known of a page of a folio, "" if there is no such one."""
    capture = taken.capture
    if not (0 <= folio < capture.orders.size and 0 <= page < 1 << int(capture.orders[folio])):
        return EMPTY
    slot = int(capture.slots[folio]) + page
    here, others = int(capture.mapcounts[slot]), int(capture.foreign[slot])
    unsure = "; others may map it, too" if capture.unsure[folio] else ""
    return html(
        "<b>folio {}, page {} of {}</b><p>mapped {} by what was captured, {} by other processes{}</p>",
        folio,
        page,
        1 << int(capture.orders[folio]),
        f"{here:,} ×",
        f"{others:,} ×",
        unsure,
    )


def pieces(taken: Taken, number: int, block: int) -> dict[str, Markup]:
    """Return a block's folios as pieces; of a whole region there are too many."""
    if not taken.capture.about.privileged:
        return {
            "none": html(
                '<p class="fv-empty">Which pages are of one folio is to be seen with privileges only.</p>'
            )
        }
    if number == 0 or block < 0:
        return {
            "none": html('<p class="fv-empty">Select a cell of the heat map: its folios are shown here.</p>')
        }
    large, small, shared = folios(taken, number, block)
    out = {f"f{one.id}": card(one) for one in large[:MOST]}
    if rest := len(large) - MOST:
        out |= {"more": html("<p>{} more</p>", count(rest, "folio"))} if rest > 0 else {}
    if small:
        said = f", {shared:,} of them shared" if shared else ""
        out["small"] = html(
            '<p class="fv-mc-small"><i class="fv-mc-key" style="background:{}"></i>{}{}</p>',
            orders.of(0),
            f"{count(small, 'folio')} of a single page",
            said,
        )
    if not out:
        out["none"] = html('<p class="fv-empty">Nothing is mapped in it.</p>')
    return {"list": html("<div>{}</div>", joined(out.values()))}
