"""Every counter and every cost in two sentences, and where it is in the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from markupsafe import escape

from folioviz.machine.costs import COSTS
from folioviz.machine.fields import ON_CARD
from folioviz.views.page.markup import html

if TYPE_CHECKING:
    from markupsafe import Markup


class Term(NamedTuple):
    """A counter or a cost: its name, what it counts and what it tells, and its place."""

    title: str
    text: str
    source: str


OPTION = Term(
    "CONFIG_NO_PAGE_MAPCOUNT",
    "The kernel keeps one count of all mappings of a large folio, none for its pages. It calls a folio partially "
    "mapped if it has fewer mappings than pages, which another process that shares it can hide.",
    "since v6.15; __folio_remove_rmap(), mm/rmap.c",
)
TERMS: dict[str, Term] = {
    **{row.shown: Term(row.word, row.text, row.source) for row in ON_CARD if row.text},
    **{name: Term(row.words, row.text, row.source) for name, row in COSTS.items() if row.text},
    "nopages": OPTION,
}
"""By the name of a cost, or of a counter on a card."""


def term(name: str, text: str) -> Markup:
    """Return a name of the kernel's or ours that opens its explanation."""
    if name not in TERMS:
        return escape(text)
    return html('<button class="fv-term" data-term="{}" title="what is this?">{}</button>', name, text)
