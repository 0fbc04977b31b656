"""The timeline's data: `_nr_pages_mapped` of one folio over the positions of the axis, and what happened to it."""

from __future__ import annotations

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


def curve(track: Track, axis: Axis, folio: int, span: tuple[int, int]) -> Curve:
    """Return the line of a folio within a span of positions; O(rows of the journal)."""
    lab = track.lab
    base = lab.machine.base
    rows = lab.journal[:]
    address, new = rows[:, 1], rows[:, 3]
    writes = rows[:, 0] < j.WHY
    ids = base[FOLIO_ID]
    born = np.flatnonzero(
        writes & (address >= ids) & (address < ids + lab.machine.sizes.pages) & (new == folio) & (folio > 0)
    )
    if not born.size:
        return Curve(np.empty(0, np.float32), np.empty(0, np.float32), (), 0)
    start = int(born[0])
    head = int(address[start]) - ids
    died = np.flatnonzero(writes[start:] & (address[start:] == ids + head) & (new[start:] != folio))
    end = start + int(died[0]) if died.size else len(rows)
    life = slice(max(0, start - 64), end)  # the order is written a few rows before the id
    orders = new[life][writes[life] & (address[life] == base[FOLIO_ORDER] + head)]
    pages = 1 << (int(orders.max()) if orders.size else 0)
    watched = base[FOLIO_NR_PAGES_MAPPED if pages > 1 else PAGE_MAPCOUNT] + head
    at = start + np.flatnonzero(writes[start:end] & (address[start:end] == watched))
    values = new[at] % COMPOUND_MAPPED if pages > 1 else new[at] + 1
    line = _staircase(
        position_of(track, axis, at), values, span, _at(track, axis, start), _at(track, axis, end)
    )
    return Curve(*line, _marks(track, axis, folio, span, line), pages)


def position_of(track: Track, axis: Axis, rows: np.ndarray) -> np.ndarray:
    """Return the positions at which rows of a track's journal have been done."""
    ends = [part.end for part in track.parts]
    positions = np.empty(len(rows), np.int64)
    for place, row in enumerate(rows.tolist()):
        index = int(np.searchsorted(ends, row, side="right"))
        step = track.step_of(index, row) if index < len(ends) else 0
        positions[place] = axis.begins[min(index, len(axis.begins) - 1)] + step
    return positions


def _at(track: Track, axis: Axis, row: int) -> int:
    """Return the position of one row."""
    return int(position_of(track, axis, np.array([row]))[0])


def _staircase(
    x: np.ndarray, y: np.ndarray, span: tuple[int, int], born: int, died: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of the staircase through points, within a span of positions and the folio's life."""
    first, last = max(span[0], born), min(span[1], died)
    before = np.searchsorted(x, first, side="right")
    inside = slice(before, int(np.searchsorted(x, last, side="right")))
    level = float(y[before - 1]) if before else 0.0
    xs, ys = x[inside], y[inside]
    if len(xs) > MAX_POINTS:
        keep = np.linspace(0, len(xs) - 1, MAX_POINTS).astype(int)
        xs, ys = xs[keep], ys[keep]
    if last < first:
        return np.empty(0, np.float32), np.empty(0, np.float32)
    corners_x = np.concatenate([[first], np.repeat(xs, 2), [last]])
    corners_y = np.concatenate([[level, level], np.repeat(ys, 2)])
    return corners_x.astype(np.float32), corners_y.astype(np.float32)


def _marks(
    track: Track, axis: Axis, folio: int, span: tuple[int, int], line: tuple[np.ndarray, np.ndarray]
) -> tuple[tuple[str, int, float], ...]:
    """Return what happened to a folio, and the TLB flushes, within a span."""
    marks: list[tuple[str, int, float]] = []
    for index, part in enumerate(track.parts):
        if axis.begins[index + 1] <= span[0] or axis.begins[index] >= span[1]:
            continue
        whys = part.whys[part.whys[:, 2] == folio]
        events = [(MARKS[reason], row) for row, reason, _, _ in whys.tolist() if reason in MARKS]
        kinds = track.lab.journal[part.start : part.end][:, 0]
        events += [("flush", row + part.start) for row in np.flatnonzero(kinds == j.THW).tolist()]
        for kind, row in events:
            position = axis.begins[index] + track.step_of(index, row)
            marks.append((kind, position, _height(line, position)))
    return tuple(marks[:MAX_MARKS])


def _height(line: tuple[np.ndarray, np.ndarray], position: int) -> float:
    """Return the height of a staircase at a position, 0 outside it."""
    x, y = line
    place = int(np.searchsorted(x, position, side="right")) - 1
    return float(y[place]) if x.size and place >= 0 and position <= x[-1] else 0.0
