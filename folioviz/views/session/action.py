"""What a button is, and what the controls say when it is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from folioviz.views.session.asks import ASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from folioviz.ops import ops

Row: TypeAlias = Literal["process", "pages", "roomy", ""]
"""Where a button stands: beside the process, beside the pages, below them where there is room; "": search finds it."""


class Chosen(NamedTuple):
    """What the controls say.

    Attributes:
        mm: the process.
        lo: its first selected page.
        hi: the page after the last.
        folio: the folio in focus.
        order: the order to fault in: the largest, up to the one picked, that fits at the first selected page.
        asked: what the fields beside buttons say, by their names in :data:`folioviz.views.session.asks.ASKS`.
        empty: (folio, first page of it, pages) that Zero-fill is about.
        sizes: the orders that a fault may have now, a bit each (A's).
        early: whether 2 MiB folios are queued as they are born now (A's).
    """

    mm: int
    lo: int
    hi: int
    folio: int
    order: int
    asked: Mapping[str, int]
    empty: tuple[int, int, int] = (0, 0, 1)
    sizes: int = 0
    early: int = 0

    @property
    def pages(self) -> int:
        """Return how many pages are selected."""
        return self.hi - self.lo


NOTHING = Chosen(1, 0, 1, 1, 0, {name: ask.first for name, ask in ASKS.items()})
"""What the controls may say: enough to make an operation of each kind."""


class Action(NamedTuple):
    """A button.

    Attributes:
        name: how the program calls it.
        label: what stands on it.
        tooltip: what it does, one line.
        make: makes the operation.
        on: tells whether what a switch switches is on; None for a button that is no switch.
        row: how often it is used: the row where it is always seen, or "" if a search finds it.
        asks: the fields that stand beside it.
        under: what it stands under in the search, if that is not what its operation is for.
    """

    name: str
    label: str
    tooltip: str
    make: Callable[[Chosen], ops.Operation]
    on: Callable[[Chosen], bool] | None = None
    row: Row = ""
    asks: tuple[str, ...] = ()
    under: str = ""

    @property
    def kind(self) -> type[ops.Operation]:
        """Return the operation's kind."""
        return type(self.make(NOTHING))

    @property
    def intent(self) -> str:
        """Return what it is for, as its operation's room says."""
        return self.kind.room()

    @property
    def place(self) -> str:
        """Return where on the screen it is told what is wrong with it."""
        return next((ASKS[name].place for name in self.asks), "operations")
