"""The memory as a CPU's functions see it: as a machine whose elements are asked for, and as a machine itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from folioviz.machine.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.race.memory import Shared


class RawView:
    """The memory as primitives see it that do a step: no questions asked."""

    if TYPE_CHECKING:  # the table of fields names them

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, shared: Shared, number: int, tell: Callable[..., None]) -> None:
        """Look at the memory as CPU ``number`` does; ``tell`` takes rows that change no memory."""
        self.mem, self.rows = shared.mem, shared.rows
        self.base = shared.many.bases[number]
        self.tell = tell
        for row, start, length in zip(FIELDS, self.base, shared.many.lengths, strict=True):
            setattr(self, row.name, self.mem[start : start + length])


class Tracked:
    """A field as a kernel function sees it: to read an element is an event."""

    __slots__ = ("event", "kind", "length", "start")

    def __init__(self, event: Callable[..., Any], start: int, length: int, kind: int) -> None:
        """Stand for a field of ``length`` elements that starts at an address; ``event`` is asked, as a kind of read."""
        self.event, self.start, self.length, self.kind = event, start, length, kind

    def __getitem__(self, index: int) -> int:
        """Ask for an element."""
        return int(self.event(self.kind, self.start + index, None, ()))

    def __len__(self) -> int:
        """Return how many elements there are."""
        return self.length
