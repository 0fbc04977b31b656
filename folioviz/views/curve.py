"""The timeline's data: `_nr_pages_mapped` of one folio over the positions of the axis, and what happened to it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz import journal as j
from folioviz.machine import (
    COMPOUND_MAPPED,
    FOLIO_ID,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_ORDER,
    PAGE_MAPCOUNT,
)

if TYPE_CHECKING:
    from folioviz.views.snapshot import Footprint
    from folioviz.views.track import Axis, Track

MARKS = {
    j.QUEUED: "queued",
    j.UNQUEUED_FREED: "unqueued",
    j.UNQUEUED_SPLIT: "unqueued",
    j.FREED: "freed",
    j.FREED_MAPPED: "freed",
}
MAX_POINTS = 2_000
MAX_MARKS = 200


class Curve(NamedTuple):
    """One kernel's line of the timeline.

    Attributes:
        x: positions, float32; the line is a staircase, drawn as it is given.
        y: the count of pages that PTEs map (of an order-0 folio: its mappings), float32.
        marks: (kind, position, height) of what happened; kinds are queued, unqueued, freed and flush.
        pages: how many pages the folio has; 0 if this kernel never had it.
    """

    x: np.ndarray
    y: np.ndarray
    marks: tuple[tuple[str, int, float], ...]
    pages: int


class Birth(NamedTuple):
    """Where a folio came to be: the row that gave it its id, its head page, and how many pages it had."""

    row: int
    head: int
    pages: int


def curve(track: Track, axis: Axis, folio: int, span: tuple[int, int], was: Footprint | None) -> Curve:
    """Return the line of a folio within a span of positions; O(rows of the span's operations).

    ``was`` is the folio's footprint where the span begins, None if it was not there.
    """
    birth = born(track, folio)
    first, after = axis.within(span)
    start, end = track.end(first), track.end(after)
    rows = track.lab.journal[start:end]
    line = np.empty(0, np.float32), np.empty(0, np.float32)
    if birth and (was or start <= birth.row < end):
        line = _line(track, axis, birth, rows, start, span, was)
    marks = _marks(track, axis, folio, rows, start, line) if birth else ()
    return Curve(*line, marks, birth.pages if birth else 0)


def born(track: Track, folio: int) -> Birth | None:
    """Return where a folio came to be, None if this kernel never had it; O(rows of one operation)."""
    index = bisect_right(track.next_ids, folio)
    if folio <= 0 or index == len(track.next_ids):
        return None
    start, base = track.end(index), track.lab.machine.base
    rows = track.lab.journal[start : track.end(index + 1)]
    place = rows[:, 1] - base[FOLIO_ID]
    mine = (place >= 0) & (place < track.lab.machine.sizes.pages) & (rows[:, 3] == folio)
    row = int(np.flatnonzero((rows[:, 0] < j.WHY) & mine)[0])
    head = int(place[row])
    orders = _writes(rows[:row], base[FOLIO_ORDER] + head)
    return Birth(start + row, head, 1 << int(rows[orders[-1], 3]) if orders.size else 1)


def _writes(rows: np.ndarray, address: int) -> np.ndarray:
    """Return which rows write to an address."""
    return np.flatnonzero((rows[:, 0] < j.WHY) & (rows[:, 1] == address))


def _line(
    track: Track,
    axis: Axis,
    birth: Birth,
    rows: np.ndarray,
    start: int,
    span: tuple[int, int],
    was: Footprint | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of a folio's staircase in rows that begin at row ``start``."""
    base, large = track.lab.machine.base, birth.pages > 1
    begin = -1 if was else birth.row - start
    ids = _writes(rows, base[FOLIO_ID] + birth.head)
    ends = ids[ids > begin]  # its id is taken away, or goes to the next folio
    at = _writes(rows, base[FOLIO_NR_PAGES_MAPPED if large else PAGE_MAPCOUNT] + birth.head)
    at = at[(at > begin) & (at < (ends[0] if ends.size else len(rows)))]
    y = rows[at, 3] % COMPOUND_MAPPED if large else rows[at, 3] + 1
    level = 0
    if was:
        level = was.nr_pages_mapped % COMPOUND_MAPPED if large else was.mapcounts + 1
    x = position_of(track, axis, at + start)
    first = span[0] if was else int(position_of(track, axis, np.array([birth.row]))[0])
    last = int(position_of(track, axis, ends[:1] + start)[0]) if ends.size else span[1]
    if len(x) > MAX_POINTS:
        keep = np.linspace(0, len(x) - 1, MAX_POINTS).astype(int)
        x, y = x[keep], y[keep]
    corners_x = np.concatenate([[first], np.repeat(x, 2), [last]])
    corners_y = np.concatenate([[level, level], np.repeat(y, 2)])
    return corners_x.astype(np.float32), corners_y.astype(np.float32)


def position_of(track: Track, axis: Axis, rows: np.ndarray) -> np.ndarray:
    """Return the positions at which rows of a track's journal, in order, have been done."""
    positions = np.empty(len(rows), np.int64)
    place = 0
    while place < len(rows):
        index = track.op_at(int(rows[place]))
        after = int(np.searchsorted(rows, track.end(index + 1)))
        steps = np.searchsorted(track.parts[index].steps, rows[place:after], side="right")
        positions[place:after] = axis.begins[index] + steps
        place = after
    return positions


def _marks(
    track: Track,
    axis: Axis,
    folio: int,
    rows: np.ndarray,
    start: int,
    line: tuple[np.ndarray, np.ndarray],
) -> tuple[tuple[str, int, float], ...]:
    """Return what happened to a folio, and the TLB flushes, in rows that begin at row ``start``."""
    whys = (rows[:, 0] == j.WHY) & (rows[:, 2] == folio) & np.isin(rows[:, 1], list(MARKS))
    at = np.flatnonzero(whys | (rows[:, 0] == j.THW))[:MAX_MARKS]
    kinds = [MARKS[reason] if kind == j.WHY else "flush" for kind, reason, _, _ in rows[at].tolist()]
    positions = position_of(track, axis, at + start).tolist()
    return tuple(
        (kind, position, _height(line, position)) for kind, position in zip(kinds, positions, strict=True)
    )


def _height(line: tuple[np.ndarray, np.ndarray], position: int) -> float:
    """Return the height of a staircase at a position, 0 outside it."""
    x, y = line
    place = int(np.searchsorted(x, position, side="right")) - 1
    return float(y[place]) if x.size and place >= 0 and position <= x[-1] else 0.0
