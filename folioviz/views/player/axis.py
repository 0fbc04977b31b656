"""The common axis of two tracks: what a position of the playhead is in each."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from folioviz.views.player.progress import Pace
    from folioviz.views.player.track import Track


class Axis:
    """The common axis: operation k takes as many positions as its longest track has steps, and at least one.

    By progress (:mod:`folioviz.views.player.progress`), each part of an operation does, between two entries of page
    tables that both kernels deal with. A position is that of an operation's begin and an offset.
    """

    def __init__(self) -> None:
        """Begin with no operation."""
        self.begins: list[int] = [0]
        """Where each operation begins; the last is where all end."""
        self.plain: list[int] = [0]
        """Where each operation would begin by step."""
        self.paces: list[Pace | None] = []
        """Per operation how the tracks walk through it; None for step by step."""

    def add(self, tracks: list[Track], pace: Pace | None = None) -> None:
        """Measure the operation that the tracks have done after those measured."""
        index = len(self.begins) - 1
        steps = max(1, *(track.parts[index].steps.size for track in tracks))
        self.begins.append(self.last + (steps if pace is None else pace.last))
        self.plain.append(self.plain[-1] + steps)
        self.paces.append(pace)

    def cut(self, count: int) -> None:
        """Forget all operations but the first ``count``."""
        del self.begins[count + 1 :], self.plain[count + 1 :], self.paces[count:]

    def _pace(self, index: int) -> Pace | None:
        """Return how the tracks walk through an operation; step by step before the first and after the last."""
        return self.paces[index] if 0 <= index < len(self.paces) else None

    def step(self, track: Track, index: int, offset: int) -> int:
        """Return how many steps of an operation a track has done at an offset; past its last, any number."""
        pace = self._pace(index)
        return offset if pace is None else pace.step("AB".index(track.side), offset)

    def position(self, track: Track, index: int, steps: np.ndarray) -> np.ndarray:
        """Return the first positions at which a track has done so many steps of an operation."""
        pace = self._pace(index)
        return self.begins[index] + (steps if pace is None else pace.offset("AB".index(track.side), steps))

    def first(self, track: Track, index: int, step: int) -> int:
        """Return the first position at which a track has done so many steps of an operation."""
        return int(self.position(track, index, np.array([step]))[0])

    @property
    def last(self) -> int:
        """Return the last position."""
        return self.begins[-1]

    def at(self, position: int) -> tuple[int, int]:
        """Return (operation, step) of a position; a position between two operations is the end of the first."""
        if position <= 0:
            return 0, 0
        index = bisect_left(self.begins, position) - 1
        return index, position - self.begins[index]

    def complete(self, position: int) -> int:
        """Return how many operations are complete once the one under a position is."""
        return bisect_left(self.begins, position)

    def within(self, span: tuple[int, int]) -> tuple[int, int]:
        """Return (first, after the last) operation of a span that begins and ends where operations do."""
        return bisect_left(self.begins, span[0]), bisect_left(self.begins, span[1])
