"""Words of the glossary in running text: each is underlined where it comes first, and opens what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from folioviz.readout.mentions import mentions
from folioviz.views.page.markup import joined
from folioviz.views.page.text import term

if TYPE_CHECKING:
    from collections.abc import Iterable


class Underlined:
    """Makes HTML of the plain texts of one part of a page.

    Args:
        but: words of the glossary that stay as they are.
    """

    def __init__(self, but: Iterable[str] = ()) -> None:
        self.known = set(but)

    def __call__(self, text: str) -> Markup:
        """Return a text in which the words that are new to the part are underlined."""
        return joined(term(name, said) if name else escape(said) for name, said in mentions(text, self.known))
