"""What a button is, and what the controls say when it is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.ops import ops


class Chosen(NamedTuple):
    """What the controls say.

    Attributes:
        mm: the process.
        lo: its first selected page.
        hi: the page after the last.
        folio: the folio in focus.
        order: the order to fault in: the largest, up to the one picked, that fits at the first selected page.
        target: where a move goes.
        scan: how many folios the shrinker takes at most.
        empty: (folio, first page of it, pages) that Zero-fill is about.
        sizes: the orders that a fault may have now, a bit each (A's).
        early: whether 2 MiB folios are queued as they are born now (A's).
        none: the max_ptes_none to set.
    """

    mm: int
    lo: int
    hi: int
    folio: int
    order: int
    target: int
    scan: int
    empty: tuple[int, int, int] = (0, 0, 1)
    sizes: int = 0
    early: int = 0
    none: int = 511

    @property
    def pages(self) -> int:
        """Return how many pages are selected."""
        return self.hi - self.lo


class Action(NamedTuple):
    """A button.

    Attributes:
        name: how the program calls it.
        label: what stands on it.
        tooltip: what it does, one line.
        make: makes the operation.
        on: tells whether what a switch switches is on; None for a button that is no switch.
    """

    name: str
    label: str
    tooltip: str
    make: Callable[[Chosen], ops.Operation]
    on: Callable[[Chosen], bool] | None = None
