"""All orders: one count of the munmap for every order under every kernel, on demand, with its progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from folioviz.stories.from_3n_to_2 import KERNELS, ops, short, shown
from folioviz.stories.parts.parts import Table
from folioviz.stories.parts.pieces import cost_name
from folioviz.stories.parts.unmapping import NOTHING, Unmapped, unmapped
from folioviz.views.page.alike import alike
from folioviz.views.page.markup import html
from folioviz.views.page.screen import filled, slot
from folioviz.views.page.text import heading
from folioviz.views.panels.story_parts import table
from folioviz.views.story_panels.by_order import ByOrder

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.session import Session

ORDERS = tuple(range(1, 10))
COUNTS: dict[str, Callable[[Unmapped], int]] = {
    cost_name("sqlock"): lambda one: one.costs["sqlock"],
    "atomics": lambda one: one.atomics,
    "deferred split events": lambda one: one.events,
    cost_name("thw"): lambda one: one.costs["thw"],
}
"""What may be counted; the first at first."""


class UnmapOrders(ByOrder[Unmapped]):
    """Counts the story's munmap, and shows a row per kernel."""

    name = "orders"
    tooltip = "this munmap for orders 1 to 9 under every kernel"
    orders, kernels = ORDERS, KERNELS

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.counter = alike(
            w.Dropdown, options=[*COUNTS], description="count", tooltip="what the table shows"
        )
        self.counter.add_class("fv-field")
        self.counter.observe(lambda _: self.redraw(), "value")
        row = alike(w.HBox, [slot("ordersgo", "fv-buttons"), self.counter])
        row.add_class("fv-bar")
        head = filled(heading("All orders", "the munmap chosen above", "order"))
        self.widget = alike(w.VBox, [head, row, slot("orderstable")])

    def count(self, order: int, key: str) -> Unmapped:
        """Return what the munmap comes to."""
        return unmapped(self.text(order), key)

    def text(self, order: int) -> str:
        """Return the operations for an order."""
        return ops({**self.values, "order": order})

    def draw(self) -> None:
        """Show the table of the orders that are complete."""
        whole = self.whole
        name = self.counter.value
        rows = tuple(
            (short(key), *(self._cell(key, order, COUNTS[name]) for order in whole)) for key in KERNELS
        )
        note = "Computed by the model, now. Red: queued for nothing, or a bug; –: no such folio."
        made = Table("Order by order", (name, *(f"order {order}" for order in whole)), rows, note)
        self.screen.put(
            "orderstable", {"": html("<div>{}</div>", table(made, self.come_from) if whole else "")}
        )

    def _cell(self, key: str, order: int, count: Callable[[Unmapped], int]) -> object:
        """Return one count, which opens its scenario."""
        one = self.found[key, order]
        number = f"{count(one):,}" if one.counted else ""
        return shown(one, number, self.text(order), key, "bad" if one.visit == NOTHING else "")
