"""At rest: the folios that a question is about, before anything of what it asks has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from folioviz.readout.words import count
from folioviz.views.page.markup import html, joined
from folioviz.views.panels.cells import cells
from folioviz.views.session.described import described

if TYPE_CHECKING:
    from folioviz.ops.op import Op
    from folioviz.readout.state import Folio
    from folioviz.views.session.frame import Frame

MOST_OPS = 3


def mapped(folio: Folio) -> str:
    """Return how a folio is mapped: "16 pages, all mapped, by 16 PTEs"."""
    pages = folio.mapcount.size
    parts = "all" if folio.pages_mapped == pages else str(folio.pages_mapped or "none")
    by = [count(number, kind) for number, kind in ((folio.pmds, "PMD"), (folio.ptes, "PTE")) if number]
    return f"{count(pages, 'page')}, {parts} mapped" + (f", by {' and '.join(by)}" if by else "")


def figure(side: str, folio: Folio) -> Markup:
    """Return one folio: what it is, and its pages."""
    return html(
        '<div><p><b>folio {}</b> <span class="fv-dim">order {}</span> {}</p>{}</div>',
        folio.id,
        folio.order,
        mapped(folio),
        cells(side, folio, frozenset()),
    )


def whose(op: Op) -> str:
    """Return whose pages an operation is about; fork and exit name their process."""
    mm, vpn = getattr(op, "mm", None), getattr(op, "vpn", None)
    return "" if mm is None or vpn is None else f" of process {mm}"


def at_rest(frame: Frame, figures: int) -> Markup:
    """Return the folios of A as they are now, the first ``figures`` drawn, and the operations that come."""
    side = frame.sides[0]
    shown = joined(figure(side.name, folio) for folio in side.folios[:figures])
    more = len(side.folios) - figures
    others = html('<p class="fv-dim">and {} like these</p>', count(more, "folio")) if more > 0 else ""
    coming = frame.ops[frame.index + 1 :]
    several = len(side.processes) > 1
    named = [described(op) + whose(op) * several for op in coming[:MOST_OPS]]
    named += [f"and {len(coming) - MOST_OPS} more"] if len(coming) > MOST_OPS else []
    chips = joined(html('<span class="fv-chip">{}</span>', one) for one in named)
    then = html('<p class="fv-then">then: {}</p>', chips) if named else Markup("")
    return html(
        '<section class="fv-rest" aria-label="before it happens">{}{}{}</section>', shown, others, then
    )
