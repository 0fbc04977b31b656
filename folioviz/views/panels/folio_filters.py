"""Which folios are shown: all, queued, changed by this operation, or partially mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.views.page.markup import html
from folioviz.views.page.text import heading

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.views.session.frame import Frame

TESTS = {
    "all": lambda _side, _folio: True,
    "queued": lambda _side, folio: folio.queue_place > 0,
    "changed": lambda side, folio: folio.id in side.changed,
    "partial": lambda _side, folio: folio.partially_mapped,
}
"""Filter -> which folios it lets through."""

FILTER_NAMES = {
    "all": ("all", "every folio that lives"),
    "queued": ("queued", "on the deferred split queue"),
    "changed": ("changed", "changed by this operation so far"),
    "partial": ("partially mapped", "some pages mapped, some not"),
}


def filters(frame: Frame) -> dict[str, Markup]:
    """Return the heading and a button per filter, with how many folios (under A and B together) pass it."""
    found = {
        only: len({folio.id for side in frame.sides for folio in side.folios if test(side, folio)})
        for only, test in TESTS.items()
    }
    pieces = {"": heading("Folios", about="folio")}
    for only, (text, tooltip) in FILTER_NAMES.items():
        on = "true" if frame.only == only else "false"
        pieces[only] = html(
            '<button class="fv-filter" data-fv="filter:{}" aria-pressed="{}" title="{}">{} '
            "<small>{}</small></button>",
            only,
            on,
            tooltip,
            text,
            found[only],
        )
    return pieces
