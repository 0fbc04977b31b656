"""Boards as tests read them: what has a place on the page."""

from __future__ import annotations

import re

from markupsafe import Markup

SLOT = re.compile(r'data-slot="([^"]+)"')


def on_page(board):
    """Return the HTML of the slots that have a place on the page, slot by slot: some are filled that have none yet."""
    parts = board.screen.get_state()["parts"]
    found, places = {}, list(board.children)
    while places:
        place = places.pop()
        places += getattr(place, "children", ())
        text = getattr(place, "value", "")
        for name in SLOT.findall(text if isinstance(text, str) else ""):
            found[name] = Markup().join(piece for _, piece in parts.get(name, ()))
    return found


def widgets(one):
    """Yield a widget and all below it."""
    yield one
    for child in getattr(one, "children", ()):
        yield from widgets(child)
