"""Folding: what repeats in a sequence of lines is one line, or one group of lines, with a count; nothing is lost.

Lines are equal where their marks are. A block is a group of lines that is there several times in a row; groups of
blocks fold again, so that a loop within a loop is a block of blocks. What is left is a list of :class:`Fold`, and
each knows every line that it stands for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 64
"""A block has at most so many lines and blocks of its own."""


class Fold(NamedTuple):
    """A line, and the others that it stands for.

    Attributes:
        first: the first of them, counted from 0; -1 for the head of a loop, which stands for none.
        depth: how deep it is drawn: a loop's lines are one deeper than its head.
        times: how often each block around it repeats, from the outside.
        strides: so many lines after a repetition of each of these blocks comes the next.
        counted: the counts that are written at this line: those of the blocks that it begins.
    """

    first: int
    depth: int
    times: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    counted: tuple[int, ...] = ()

    @property
    def lines(self) -> np.ndarray:
        """Return every line that it stands for, int64 of the shape of ``times``; empty for the head of a loop."""
        if self.first < 0:
            return np.empty(0, np.int64)
        found = np.full(self.times, self.first, np.int64)
        for axis, (times, stride) in enumerate(zip(self.times, self.strides, strict=True)):
            shape = [1] * len(self.times)
            shape[axis] = times
            found += (np.arange(times) * stride).reshape(shape)
        return found

    def holds(self, line: int) -> bool:
        """Tell whether it stands for a line, counted from 0."""
        left = line - self.first
        for times, stride in zip(self.times, self.strides, strict=True):
            nth, left = divmod(left, stride)  # what is inside is shorter than a stride
            if not 0 <= nth < times:
                return False
        return left == 0 <= self.first


class _Block(NamedTuple):
    """A block: how often it is there, its parts (lines and blocks, by number), and how many lines one time has."""

    times: int
    parts: tuple[int, ...]
    lines: int


class _Folding:
    """A sequence while it folds; a number below ``size`` is a line, one from there on a block."""

    def __init__(self, marks: np.ndarray, depths: np.ndarray) -> None:
        self.size = len(marks)
        self.parts = np.arange(self.size)
        self.depths = depths
        self.marks = marks
        self.line_marks = marks
        self.blocks: list[_Block] = []
        self._known: dict[tuple[int, ...], int] = {}

    def lines_of(self, part: int) -> int:
        """Return how many lines a line or block stands for."""
        if part < self.size:
            return 1
        block = self.blocks[part - self.size]
        return block.times * block.lines

    def fold(self) -> None:
        """Fold until nothing repeats, the shortest blocks first; O(lines x LONGEST)."""
        period = 1
        while period <= min(LONGEST, len(self.parts) // 2):
            runs = self._runs(period)
            if runs:
                self._replace(runs, period)
                period = 1
            else:
                period += 1

    def again(self, marks: np.ndarray) -> None:
        """Take other marks of the same lines, and fold on."""
        self.line_marks = marks
        self._known.clear()
        of_block = [0] * len(self.blocks)
        for number, block in enumerate(self.blocks):  # a block's parts are made before it
            of_block[number] = self._mark(block, of_block)
        of = np.array(of_block, np.int64)
        lines = self.parts < self.size
        self.marks = np.empty(len(self.parts), np.int64)
        self.marks[lines] = marks[self.parts[lines]]
        self.marks[~lines] = of[self.parts[~lines] - self.size]
        self.fold()

    def _mark(self, block: _Block, of_block: Sequence[int] = ()) -> int:
        """Return the mark of a block: blocks of equal parts and counts have one; no line has a negative mark."""
        marks = [
            int(self.line_marks[part]) if part < self.size else of_block[part - self.size]
            for part in block.parts
        ]
        return self._known.setdefault((block.times, *marks), -1 - len(self._known))

    def _runs(self, period: int) -> list[tuple[int, int]]:
        """Return where blocks of so many parts begin, and how often each is there; none overlap."""
        same = np.concatenate([[False], self.marks[:-period] == self.marks[period:], [False]])
        edges = np.flatnonzero(same[1:] != same[:-1])
        found, free = [], 0
        for start, end in edges.reshape(-1, 2).tolist():
            if end - start < period:
                continue
            shallow = self.depths[start : start + period]
            begin = max(start + int(np.argmin(shallow)), free)
            if self.depths[begin] > shallow.min():
                begin += int(np.argmin(self.depths[begin : begin + period]))
            times = (end + period - begin) // period
            after = begin + times * period
            if after < len(self.depths) and self.depths[after] > self.depths[begin]:
                times -= 1  # the last one goes on within its last call: it is not as the others
            if times > 1:
                found.append((begin, times))
                free = begin + times * period
        return found

    def _replace(self, runs: list[tuple[int, int]], period: int) -> None:
        """Put blocks in the place of what repeats."""
        keep = np.ones(len(self.parts), bool)
        for begin, times in runs:
            parts = tuple(self.parts[begin : begin + period].tolist())
            block = _Block(times, parts, sum(map(self.lines_of, parts)))
            marks = self.marks[begin : begin + period].tolist()
            self.parts[begin] = self.size + len(self.blocks)
            self.marks[begin] = self._known.setdefault((times, *marks), -1 - len(self._known))
            self.blocks.append(block)
            keep[begin + 1 : begin + times * period] = False
        self.parts, self.marks, self.depths = self.parts[keep], self.marks[keep], self.depths[keep]


def fold(depths: np.ndarray, *marks: np.ndarray) -> list[Fold]:
    """Fold lines.

    Args:
        depths: how deep each is, int64; a block begins with one of its shallowest lines.
        marks: lines that have the same are equal, int64, from 0; what is left is folded again by each further one.

    Returns:
        what is left. Together its ``lines`` are all lines, each once.
    """
    folding = _Folding(marks[0].copy(), depths.copy())
    folding.fold()
    for more in marks[1:]:
        folding.again(more)
    found: list[Fold] = []
    for part in folding.parts.tolist():
        _open(folding, depths, part, Fold(0, 0), found)
    return found


def _first(folding: _Folding, part: int) -> int:
    """Return the first line of a part."""
    while part >= folding.size:
        part = folding.blocks[part - folding.size].parts[0]
    return part


def _open(folding: _Folding, depths: np.ndarray, part: int, around: Fold, found: list[Fold]) -> None:
    """Append the folds of a part. ``around`` has the blocks around it, and ``depth``: how much deeper it is drawn."""
    if part < folding.size:
        found.append(around._replace(first=part, depth=int(depths[part]) + around.depth))
        return
    block = folding.blocks[part - folding.size]
    inside = around._replace(times=(*around.times, block.times), strides=(*around.strides, block.lines))
    firsts = [_first(folding, one) for one in block.parts]
    if any(depths[one] <= depths[firsts[0]] for one in firsts[1:]):  # a loop: no call is around all of it
        head = around._replace(first=-1, depth=int(depths[firsts[0]]) + around.depth)
        found.append(head._replace(counted=(*around.counted, block.times)))
        inside = inside._replace(depth=around.depth + 1, counted=())
    else:
        inside = inside._replace(counted=(*around.counted, block.times))
    for place, one in enumerate(block.parts):
        _open(folding, depths, one, inside if place == 0 else inside._replace(counted=()), found)
