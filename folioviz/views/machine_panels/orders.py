"""The colours of orders, in the heat map, its legend and on cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.capture.captured import NR_ORDERS
from folioviz.readout.words import size
from folioviz.views.page.markup import html, joined
from folioviz.views.page.palette import colour

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.capture.sums import Sums

UNSEEN: Final = NR_ORDERS
"""In the place of an order: folios were not to be seen."""
NOTHING: Final = 255
"""Nothing is mapped."""


def name(order: int) -> str:
    """Return what a folio of an order is called."""
    if order == UNSEEN:
        return "order not to be seen"
    return f"{size(order)} pages" if order == 0 else f"order {order}, {size(order)}"


def of(order: int) -> str:
    """Return an order's colour."""
    return colour("unmapped") if order == UNSEEN else colour(f"order-{order}")


def most(sums: Sums) -> np.ndarray:
    """Return the order of most of each place's mapped pages: UNSEEN if not seen, NOTHING if none, uint8.

    Where folios were not to be seen, a PMD still tells that there is one of 2 MiB.
    """
    seen = sums.orders.sum(axis=1) > 0
    found = np.where(seen, sums.orders.argmax(axis=1), UNSEEN)
    found = np.where(~seen & (sums.huge * 2 > sums.mapped), NR_ORDERS - 1, found)
    return np.where(sums.mapped + sums.held > 0, found, NOTHING).astype(np.uint8)


def legend(sums: Sums) -> Markup:
    """Return what the colours and signs of the heat map mean: of the orders, those that are there."""
    there = sorted({*np.unique(most(sums)).tolist()} - {NOTHING})
    marks = [
        html('<span><i class="fv-mc-key" style="background:{}"></i>{}</span>', of(one), name(one))
        for one in there
    ]
    marks.append(html('<span><i class="fv-mc-key fv-mc-hatch"></i>held, mapped by nobody</span>'))
    marks.append(html('<span><i class="fv-mc-key fv-mc-dot"></i>shared</span>'))
    return html('<div class="fv-mc-legend">{}</div>', joined(marks))
