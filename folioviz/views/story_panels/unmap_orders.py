"""All orders: one count of the munmap for every order under every kernel, on demand, with its progress."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from folioviz.stories.from_3n_to_2 import KERNELS, ops, short, shown
from folioviz.stories.parts.parts import Table
from folioviz.stories.parts.unmapping import NOTHING, Unmapped, unmapped
from folioviz.views.page.screen import slot
from folioviz.views.page.text import heading
from folioviz.views.panels.panel import Panel
from folioviz.views.panels.story_parts import table
from folioviz.views.panels.transport import button
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

ORDERS = tuple(range(1, 10))
COUNTS: dict[str, Callable[[Unmapped], int]] = {
    "split_queue_lock taken": lambda one: one.costs["sqlock"],
    "atomics": lambda one: one.atomics,
    "deferred split events": lambda one: one.events,
    "TLB flushes": lambda one: one.costs["thw"],
}
"""What may be counted; the first at first."""


class UnmapOrders(Panel):
    """Counts when asked to, small orders first."""

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.found: dict[tuple[str, int], Unmapped] = {}
        self.work = Work(self._draw)
        self.actions = {"orders": self.start, "ordersstop": self.work.stop}
        self.counter = w.Dropdown(options=[*COUNTS], description="count", tooltip="what the table shows")
        self.counter.add_class("fv-field")
        self.counter.observe(lambda _: self._draw(), "value")
        row = w.HBox([slot("ordersgo", "fv-buttons"), self.counter])
        row.add_class("fv-bar")
        head = w.HTML(heading("All orders", "the munmap chosen above"))
        self.widget = w.VBox([head, row, slot("orderstable")])

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take what the story's choices say; counts of another munmap are no longer shown."""
        if any(self.values.get(name) != values[name] for name in ("range", "who")):
            self.work.stop()
            self.found = {}
        super().choose(values)

    def start(self) -> None:
        """Begin to count."""
        if self.work.task is None:
            self.found = {}
            self.work.start(self._count())

    def _count(self) -> Iterator[None]:
        """Count every order under every kernel."""
        for order in ORDERS:
            for key in KERNELS:
                self.found[key, order] = unmapped(self.text(order), key)
                yield

    def text(self, order: int) -> str:
        """Return the operations for an order."""
        return ops({**self.values, "order": order})

    def _draw(self) -> None:
        """Show what has been counted so far."""
        self.redraw()

    def update(self, _frame: Frame) -> None:
        """Show the button or the progress, and the table of the orders that are complete."""
        go = button("orders", "Count all orders", "this munmap for orders 1 to 9 under every kernel")
        self.screen.put(
            "ordersgo", self.work.pieces(go, "ordersstop", len(self.found), len(ORDERS) * len(KERNELS))
        )
        whole = [order for order in ORDERS if all((key, order) in self.found for key in KERNELS)]
        name = self.counter.value
        rows = tuple(
            (short(key), *(self._cell(key, order, COUNTS[name]) for order in whole)) for key in KERNELS
        )
        note = "Computed by the model, now. Red: queued for nothing, or a bug; –: no such folio."
        made = Table("Order by order", (name, *(f"order {order}" for order in whole)), rows, note)
        self.screen.put("orderstable", {"": f"<div>{table(made) if whole else ''}</div>"})

    def _cell(self, key: str, order: int, count: Callable[[Unmapped], int]) -> object:
        """Return one count, which opens its scenario."""
        one = self.found[key, order]
        number = f"{count(one):,}" if one.counted else ""
        return shown(one, number, self.text(order), key, "bad" if one.visit == NOTHING else "")
