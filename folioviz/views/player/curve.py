"""The timeline's data: a counter over the positions of the axis, and what happened to the folio in focus."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from folioviz.machine import journal as j
from folioviz.machine.costs import THW
from folioviz.machine.fields import (
    FIELDS,
    FOLIO_ID,
    FOLIO_LARGE_MAPCOUNT,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_ORDER,
    FOLIO_REFCOUNT,
    ON_CARD,
    PAGE_MAPCOUNT,
    SPLIT_QUEUE_LEN,
    VMSTAT,
)
from folioviz.machine.memory import COMPOUND_MAPPED, NR_ANON_MAPPED
from folioviz.readout import state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from folioviz.lab import Lab
    from folioviz.machine.memory import Machine
    from folioviz.views.player.axis import Axis
    from folioviz.views.player.track import Track

MARKS = {
    j.QUEUED: "queued",
    j.BORN_QUEUED: "queued",
    j.FLAG_HANDED_ON: "queued",
    j.UNQUEUED_FREED: "unqueued",
    j.UNQUEUED_SPLIT: "unqueued",
    j.SHRINK_DROPPED: "unqueued",
    j.FREED: "freed",
    j.FREED_MAPPED: "freed",
}
MAX_POINTS = 2_000
MAX_MARKS = 200


class Curve(NamedTuple):
    """One kernel's line of the timeline.

    Attributes:
        x: positions, float32; the line is a staircase, drawn as it is given.
        y: the counter, float32; of `_nr_pages_mapped` the pages that PTEs map (of a single page, and of what a split
            leaves of a folio, its mappings).
        marks: (kind, position, height) of what happened; kinds are queued, unqueued, freed and flush.
        pages: how many pages the folio has; 0 if this kernel never had it.
        kept: whether this kernel keeps the counter.
        mapped: how many of its pages are mapped at all where the first mark says queued; -1 if none does.
        flushes: how many TLB flushes there are.
        split: whether the folio is split within the line, which then goes on as a single page's.
    """

    x: np.ndarray
    y: np.ndarray
    marks: tuple[tuple[str, int, float], ...]
    pages: int
    kept: bool = True
    mapped: int = -1
    flushes: int = 0
    split: bool = False


DRAWN = {row.shown: row for row in ON_CARD if row.drawn}
OF_MACHINE = {
    "queue": ("split queue length", SPLIT_QUEUE_LEN, 0),
    "anon": ("NR_ANON_MAPPED", VMSTAT, NR_ANON_MAPPED),
}
"""What of the machine can be drawn: what it is called, its field, and the index in that."""
COUNTED = {name: row.drawn for name, row in DRAWN.items()} | {name: at[0] for name, at in OF_MACHINE.items()}
"""What the timeline can draw: counters of the folio in focus, and of the machine."""
MAPPED = FIELDS[FOLIO_NR_PAGES_MAPPED].shown
"""The counter of which the pages are drawn that PTEs map; a single page has none, there it is PTEs that map it."""


USUAL = tuple(
    FIELDS[number].shown for number in (FOLIO_NR_PAGES_MAPPED, FOLIO_LARGE_MAPCOUNT, FOLIO_REFCOUNT)
)
"""What is drawn until a person chooses: the first of these that a kernel on the screen keeps."""


class Birth(NamedTuple):
    """Where a folio came to be: the row that gave it its id, its head page, and how many pages it had."""

    row: int
    head: int
    pages: int


def curve(
    track: Track, axis: Axis, folio: int, span: tuple[int, int], *, there: bool, counted: str = "mapped"
) -> Curve:
    """Return the line of a counter within a span of positions; O(rows of the span's operations).

    ``there`` says whether the folio lived where the span begins; the lab stands somewhere in the span.
    """
    birth = born(track, folio)
    first, after = axis.within(span)
    start, end = track.end(first), track.end(after)
    rows = track.lab.journal[start:end]
    line = np.empty(0, np.float32), np.empty(0, np.float32)
    pages, split = birth.pages if birth else 0, -1
    if counted in OF_MACHINE:
        line = _line(track, axis, _watched(track, counted, 0, 1), rows, start, span, (-1, len(rows)))
    elif birth and (there or start <= birth.row < end):
        begin = -1 if there else birth.row - start
        ids = _writes(rows, track.lab.machine.base[FOLIO_ID] + birth.head)
        ends = ids[ids > begin]  # its id is taken away, or goes to the next folio
        pages, split = _pages(track, birth, rows, begin, folio)
        last = int(ends[0]) if ends.size else len(rows)
        lives = [(begin, split, pages), (split, last, 1)] if split >= 0 else [(begin, last, pages)]
        drawn = [
            _line(track, axis, _watched(track, counted, birth.head, size), rows, start, span, (first, end))
            for first, end, size in lives
            if keeps(track.lab, counted, size)
        ]
        x, y = (np.concatenate([line[part], *(one[part] for one in drawn)]) for part in (0, 1))
        line = x, y
    marks = _marks(track, axis, folio, rows, start, line) if birth else ()
    kept = counted in OF_MACHINE or keeps(track.lab, counted, pages)
    flushes = int(np.count_nonzero(rows[:, 0] == THW))
    mapped = _mapped(track, axis, folio, marks)
    return Curve(*line, marks, pages, kept, mapped, flushes, split >= 0)


def _pages(track: Track, birth: Birth, rows: np.ndarray, begin: int, folio: int) -> tuple[int, int]:
    """Return how many pages a folio has when its life in some rows begins, and the row that splits it, or -1.

    A folio that is split keeps its id and its first page, and lives on as a single page.
    """
    base = track.lab.machine.base[FOLIO_ORDER]
    writes = _writes(rows, base + birth.head)
    later = writes[writes > begin]
    if begin >= 0:
        pages = birth.pages
    else:
        pages = 1 << int(rows[later[0], 2] if later.size else track.lab.machine.mem[base + birth.head])
    after = rows[begin + 1 :]
    split = (after[:, 0] == j.WHY) & (after[:, 1] == j.SPLIT_DONE) & (after[:, 2] == folio)
    return pages, int(later[0]) if split.any() and later.size else -1


def _mapped(track: Track, axis: Axis, folio: int, marks: tuple[tuple[str, int, float], ...]) -> int:
    """Return how many pages of a folio are mapped where it is first queued, -1 if it is not; as its card says it."""
    queued = next((position for kind, position, _ in marks if kind == "queued"), None)
    if queued is None:
        return -1
    lab, back = track.lab, track.lab.cursor
    index, offset = axis.at(queued)
    lab.seek(track.row(index, axis.step(track, index, offset)))
    found = next((one.pages_mapped for one in state.folios(lab.machine) if one.id == folio), -1)
    lab.seek(back)
    return found


def usual(machines: Sequence[Machine]) -> str:
    """Return what the timeline draws where nobody has chosen: `_nr_pages_mapped` if one of the machines keeps it."""
    return next(name for name in USUAL if any(one.maintains(DRAWN[name].number) for one in machines))


def keeps(lab: Lab, counted: str, pages: int) -> bool:
    """Tell whether a kernel keeps a counter of a folio of so many pages."""
    row = DRAWN[counted]
    if pages > 1:
        return lab.machine.maintains(row.number)
    return not row.some and (not row.order or counted == MAPPED)


def _watched(track: Track, counted: str, head: int, pages: int) -> tuple[int, Callable[[Any], Any]]:
    """Return the address of a counter, and what makes of its raw value what is drawn."""
    base = track.lab.machine.base
    if counted in OF_MACHINE:
        _, number, index = OF_MACHINE[counted]
        return base[number] + index, lambda raw: raw
    if counted == MAPPED and pages > 1:
        return base[FOLIO_NR_PAGES_MAPPED] + head, lambda raw: raw % COMPOUND_MAPPED
    row = FIELDS[PAGE_MAPCOUNT] if counted == MAPPED else DRAWN[counted]
    return base[row.number] + head, lambda raw: raw - row.idle


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
    watched: tuple[int, Callable[[Any], Any]],
    rows: np.ndarray,
    start: int,
    span: tuple[int, int],
    life: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners of a counter's staircase in rows that begin at row ``start``, within a life in them."""
    (address, drawn), (begin, end) = watched, life
    writes = _writes(rows, address)
    before, later = writes[writes <= begin], writes[writes > begin]
    level = (
        rows[before[-1], 3]
        if before.size
        else rows[later[0], 2]
        if later.size
        else track.lab.machine.mem[address]
    )
    level = drawn(int(level))
    at = later[later < end]
    x, y = position_of(track, axis, at + start), drawn(rows[at, 3])
    first = span[0] if begin < 0 else int(position_of(track, axis, np.array([begin + start]))[0])
    last = span[1] if end == len(rows) else int(position_of(track, axis, np.array([end + start]))[0])
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
        positions[place:after] = axis.position(track, index, steps)
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
    flushes = np.flatnonzero(rows[:, 0] == THW)
    if len(flushes) > MAX_MARKS:
        flushes = flushes[np.linspace(0, len(flushes) - 1, MAX_MARKS).astype(int)]
    at = np.union1d(np.flatnonzero(whys)[:MAX_MARKS], flushes)
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
