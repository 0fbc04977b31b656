"""Counting for every order of folio under every kernel: what the panels that do so share."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from folioviz.views.panels.panel import Panel
from folioviz.views.panels.transport import button
from folioviz.views.panels.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from folioviz.views.page.screen import Screen
    from folioviz.views.session.frame import Frame
    from folioviz.views.session.session import Session

T = TypeVar("T")


class ByOrder(Panel, Generic[T]):
    """Counts as soon as it is shown, small orders first; counts of another operation are no longer shown.

    A subclass says what is counted, and draws it.
    """

    name: ClassVar[str]
    """``do:NAME`` begins, ``do:NAMEstop`` cancels; the slot ``NAMEgo`` has the buttons."""
    tooltip: ClassVar[str]
    """What counting does."""
    orders: ClassVar[tuple[int, ...]]
    kernels: ClassVar[tuple[str, ...]]

    def __init__(self, screen: Screen, session: Session) -> None:
        super().__init__(screen, session)
        self.found: dict[tuple[str, int], T] = {}
        self.work = Work(self.redraw)
        self.wanted = True
        self.actions = {self.name: self.start, f"{self.name}stop": self.work.stop}

    @abstractmethod
    def count(self, order: int, key: str) -> T:
        """Count for one order under one kernel."""

    @abstractmethod
    def draw(self) -> None:
        """Show what has been counted so far."""

    def choose(self, values: Mapping[str, Any]) -> None:
        """Take what the story's choices say."""
        if any(self.values.get(name) != values[name] for name in ("range", "who")):
            self.work.stop()
            self.found = {}
            self.wanted = True
        super().choose(values)

    def start(self) -> None:
        """Begin to count."""
        self.wanted = False
        if self.work.task is None:
            self.found = {}
            self.work.start(self._count())

    def _count(self) -> Iterator[None]:
        """Count every order under every kernel."""
        for order in self.orders:
            for key in self.kernels:
                self.found[key, order] = self.count(order, key)
                yield

    @property
    def whole(self) -> list[int]:
        """Return the orders that have been counted under every kernel."""
        return [order for order in self.orders if all((key, order) in self.found for key in self.kernels)]

    def update(self, _frame: Frame) -> None:
        """Begin if nobody has yet; show the button or the progress, and what has been counted."""
        if self.wanted and self.work.able:
            self.start()
        go = button(self.name, "Count all orders", self.tooltip)
        total = len(self.orders) * len(self.kernels)
        pieces = self.work.pieces(go, f"{self.name}stop", len(self.found), total)
        self.screen.put(f"{self.name}go", pieces)
        self.draw()
