"""A guess that is pointed at: which page of a folio; the options that are no pages stand beside them as buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.views.page.markup import html, joined

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.stories.parts.parts import Question


def pages(asked: Question, guess: int, right: int | None) -> Markup:
    """Return the pages of a folio as buttons; after the guess, which it is, and which it was thought to be."""
    return html(
        '<div class="fv-pointed" role="group" aria-label="the pages of the folio">{}</div>',
        joined(page(place, guess, right) for place in range(asked.pages)),
    )


def page(place: int, guess: int, right: int | None) -> Markup:
    """Return one page."""
    told = right is not None
    kind = " fv-right" if told and place == right else " fv-wrong" if told and place == guess else ""
    return html(
        '<button class="fv-page{}" data-fv="guess:{}" aria-label="page {}" aria-pressed="{}"{}>{}</button>',
        kind,
        place,
        place,
        str(place == guess).lower(),
        html(" disabled") if told else "",
        place,
    )
