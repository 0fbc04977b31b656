"""The traces of the kernels on the screen beside each other: what both do stands on one row.

Each trace is folded first (:class:`folioviz.readout.repeats.Repeats`); then the folded lines are aligned by what they
are about, and what is left over on either side has a row of its own.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.readout.repeats import Repeats

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from folioviz.views.player.track import Track

ALL = 160
"""Of more rows, only some around where each kernel is are shown: so many before it, and so many from there on."""
BEFORE, AFTER = 12, 40
MOST = 1_000_000
"""A diff compares at most so many pairs of lines; longer traces are compared in pieces."""
NOTHING = -1


class Cell(NamedTuple):
    """A folded line of one kernel.

    Attributes:
        kind: a kind of :mod:`folioviz.machine.journal`; EXIT for the head of a loop.
        name: the function, or what was written or counted.
        what: the change, the amount, or the sentence of a decision.
        counted: how often it, or the loop that begins with it, is there, from the outside; none for once.
        depth: how many functions and loops are around it.
        row: the row to go to: the first, or if it is lit the one just done; -1 for the head of a loop.
        nth: which of them has just been done, from 1; 0 if none: it is not lit.
        total: how many rows it stands for.
        now: name and change of the row just done, if it is lit; what the line says else.
        cpu: whose it is; -1 where there is one CPU only.
    """

    kind: int
    name: str
    what: str
    counted: tuple[int, ...]
    depth: int
    row: int
    nth: int
    total: int
    now: tuple[str, str]
    cpu: int = -1


class Pair(NamedTuple):
    """A row: per kernel a line, or None where it does nothing of the kind.

    Attributes:
        number: its place among all rows.
        cells: the lines, in the order of the kernels.
        sign: "" if they say the same, "≠" if not, or the side that alone has one: "A" or "B".
        skipped: how many rows before it are not shown.
    """

    number: int
    cells: tuple[Cell | None, ...]
    sign: str
    skipped: int


class Alongside:
    """One operation's traces. The labs stand somewhere in it, or where it begins or ends; O(rows)."""

    def __init__(self, tracks: Sequence[Track], index: int) -> None:
        """Fold the traces of operation ``index`` and align them."""
        self.names = [track.side for track in tracks]
        self.repeats = [_repeats(track, index) for track in tracks]
        keys = [one.keys for one in self.repeats]
        sizes = [len(one.folds) for one in self.repeats]
        self.rows = aligned(*keys) if len(keys) == 2 else [(number,) for number in range(sizes[0])]
        self._places = [np.zeros(size, np.int64) for size in sizes]
        for number, row in enumerate(self.rows):
            for places, one in zip(self._places, row, strict=True):
                if one != NOTHING:
                    places[one] = number
        self._kept: dict[int, Pair] = {}

    def window(self, rows: Sequence[int]) -> tuple[Pair, ...]:
        """Return the rows near where the kernels are; lit is the line of the journal row each has just done (or -1)."""
        lit = [self._at(side, row) for side, row in enumerate(rows)]
        wanted = self._near([place for place, _, _ in lit if place != NOTHING])
        shown, before = [], -1
        for number in wanted:
            pair = self._pair(number)
            for side, (place, fold, line) in enumerate(lit):
                if place == number:
                    pair = self._lit(pair, side, fold, line)
            shown.append(pair._replace(skipped=number - before - 1) if number - before > 1 else pair)
            before = number
        return tuple(shown)

    def number(self, side: str, row: int) -> int:
        """Return at which of all rows a row of a side's journal stands; NOTHING if at none."""
        return self._at(self.names.index(side), row)[0] if side in self.names else NOTHING

    def _at(self, side: int, row: int) -> tuple[int, int, int]:
        """Return at which place, in which fold, and which line a journal row is; NOTHING for each if it is no line."""
        lines = self.repeats[side].lines
        line = int(np.searchsorted(lines, row))
        if row < 0 or line >= lines.size or lines[line] != row:
            return NOTHING, NOTHING, NOTHING
        fold = self.repeats[side].of(line)
        return int(self._places[side][fold]), fold, line

    def _near(self, places: Sequence[int]) -> Sequence[int]:
        """Return the places that are shown, in order."""
        size = len(self.rows)
        if size <= ALL:
            return range(size)
        found = {near for place in places or [0] for near in range(place - BEFORE, place + AFTER)}
        return sorted(near for near in found if 0 <= near < size)

    def _pair(self, number: int) -> Pair:
        """Return a row of which nothing is lit; it is kept."""
        if number not in self._kept:
            row = zip(self.repeats, self.rows[number], strict=True)
            cells = tuple(None if fold == NOTHING else _cell(one, fold) for one, fold in row)
            self._kept[number] = Pair(number, cells, self._sign(cells), 0)
        return self._kept[number]

    def _sign(self, cells: Sequence[Cell | None]) -> str:
        """Return whether cells of a row say the same, or who alone has one."""
        alone = [name for name, cell in zip(self.names, cells, strict=True) if cell]
        if len(alone) < len(cells):
            return alone[0]
        said = {(cell.name, cell.what, cell.counted) for cell in cells if cell}
        return "≠" if len(said) > 1 else ""

    def _lit(self, pair: Pair, side: int, fold: int, line: int) -> Pair:
        """Return a row with one side's line lit."""
        repeats, cell = self.repeats[side], pair.cells[side]
        rows = repeats.rows(fold)
        row = int(repeats.lines[line])
        nth = int(np.searchsorted(rows, row)) + 1
        said = repeats.one(line)
        lit = cell._replace(row=row, nth=nth, now=(said.name, said.what)) if cell else None
        return pair._replace(cells=(*pair.cells[:side], lit, *pair.cells[side + 1 :]))


def _repeats(track: Track, index: int) -> Repeats:
    """Return the folded lines of one kernel."""
    part = track.parts[index]
    return Repeats(track.lab, part.start, part.end, part.lines, part.depths)


def _cell(repeats: Repeats, number: int) -> Cell:
    """Return a fold that is not lit."""
    one, words = repeats.folds[number], repeats.words(number)
    row = int(repeats.lines[one.first]) if one.first >= 0 else NOTHING
    total = int(np.prod(one.times, dtype=np.int64))
    cpu = repeats.cpu(number)
    return Cell(words.kind, words.name, words.what, one.counted, one.depth, row, 0, total, words[1:], cpu)


def aligned(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Return rows of (place in a, place in b), NOTHING where one has no equal; all places are there, in order."""
    if len(a) * len(b) > MOST:
        half = len(a) // 2, len(b) // 2
        rest = aligned(a[half[0] :], b[half[1] :])
        return aligned(a[: half[0]], b[: half[1]]) + [
            (one if one == NOTHING else one + half[0], other if other == NOTHING else other + half[1])
            for one, other in rest
        ]
    found: list[tuple[int, int]] = []
    at = [0, 0]
    for block in SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks():
        found += [(place, NOTHING) for place in range(at[0], block.a)]
        found += [(NOTHING, place) for place in range(at[1], block.b)]
        found += [(block.a + step, block.b + step) for step in range(block.size)]
        at = [block.a + block.size, block.b + block.size]
    return found
