"""What is told of a cell of the heat map, or of a page on a card, when it is pointed at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from folioviz.views.machine_panels import cards, heat_map
from folioviz.views.page.markup import EMPTY
from folioviz.views.panels.cells import SEEN
from folioviz.views.panels.events import is_whole

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.views.machine_panels.taken import Taken


def tip(taken: Taken, asked: list[Any]) -> Markup:
    """Return what is told, "" of anything else; ``asked`` comes from the browser."""
    match asked:
        case ["block", region, block] if is_whole(region) and is_whole(block):
            return heat_map.tip(taken, region, block)
        case ["card", str(side), folio, page] if side == SEEN and is_whole(folio) and is_whole(page):
            return cards.tip(taken, folio, page)
    return EMPTY
