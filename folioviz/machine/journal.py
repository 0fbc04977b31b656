"""The journal: what was written, in order, as int32 rows of (kind, address, old, new).

A row is one of
    a write      kind < WHY, address >= 0: ``mem[address]`` went from ``old`` to ``new``
    an event     kind < WHY, address NOWHERE: something that costs but changes no state, ``new`` times
    a decision   kind WHY: ``address`` is the reason's code, ``old`` the folio's id, ``new`` a detail
    a call       kind ENTER or EXIT: ``address`` is the function's number; ENTER has its first two arguments
                 in ``old`` and ``new``, EXIT its integer result in ``new``

The kind of a write says what it costs in the real kernel, so a cost is a count of kinds over a slice.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Final

import numpy as np

from folioviz.machine.costs import COSTS

NOWHERE: Final = -1

# Kinds. A write of kind STORE is free of charge; those that cost are in the table of folioviz.machine.costs, from 1 on.
STORE: Final = 0
WHY: Final = len(COSTS) + 1
ENTER: Final = WHY + 1
EXIT: Final = WHY + 2

# Reasons of WHY rows; folioviz.readout.explain turns them into sentences.
(
    QUEUED,
    NOT_QUEUED_STILL_MAPPED,
    NOT_QUEUED_PMD_MAPPED,
    NOT_QUEUED_SMALL,
    NOT_QUEUED_ORDER,
    NOT_QUEUED_UNMAPPED,
    NOT_QUEUED_ALREADY,
    UNQUEUED_FREED,
    UNQUEUED_SPLIT,
    BATCH_FOLIO_END,
    BATCH_RANGE_END,
    BATCH_HOLE,
    BATCH_OTHER_PAGE,
    FLUSH_FULL,
    FLUSH_CUT,
    SPLIT_UNMAPPED,
    SPLIT_PINNED,
    SPLIT_DONE,
    REUSED_EXCLUSIVE,
    REUSED_LAST,
    COPIED,
    FREED,
    FREED_MAPPED,
    BORN_QUEUED,
    FLAGGED,
    SHRINK_DROPPED,
    SHRINK_FOUND_UNDERUSED,
    SHRINK_REQUEUED,
    REUSED_OWNER,
    COPIED_LARGE,
    ZERO_PAGE,
    MIGRATED,
    QUEUED_LOCKED,
    COPIED_SHARED,
    FLAG_HANDED_ON,
    COPIED_LAST,
    COPIED_HELD,
    COPIED_HUGE,
    NOT_QUEUED_ORDER_1,
    BATCH_DIRTY,
    BATCH_WRITABLE,
    ENDED_AT_HOLE,
    PASSED_HOLE,
    SIGNALLED,
    NOT_MOVED,
    NOT_QUEUED_FLAGGED,
    BATCH_TABLE_END,
) = range(47)


CHUNK = 16_384
"""So many rows at a time are packed: a row takes 16 bytes, and one or two when it is packed."""


class Journal:
    """An append-only int32 table of rows that can be cut back to a length.

    ``len(journal)`` is the number of rows; ``journal[a:b]`` a read-only int32 array of shape (b - a, 4). The last
    rows are kept as they are; whole chunks before them are packed, and unpacked when they are read.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._packed: list[bytes] = []
        self._last = np.empty((CHUNK, 4), np.int32)
        self._len = 0

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._len

    def __getitem__(self, part: slice) -> np.ndarray:
        """Return rows of a slice, int32 of shape (n, 4); O(n)."""
        start, end, _ = part.indices(self._len)
        before = len(self._packed) * CHUNK
        if start >= before:
            view = self._last[start - before : max(end, start) - before]
            view.flags.writeable = False
            return view
        places = range(start // CHUNK, -(-end // CHUNK)) if start < end else range(0)
        found = [self._chunk(place)[max(start - place * CHUNK, 0) : end - place * CHUNK] for place in places]
        view = found[0] if len(found) == 1 else np.concatenate([np.empty((0, 4), np.int32), *found])
        view.flags.writeable = False
        return view

    def _chunk(self, place: int) -> np.ndarray:
        """Return the rows of one chunk."""
        return unpacked(self._packed[place]) if place < len(self._packed) else self._last

    def extend(self, rows: np.ndarray) -> None:
        """Append rows, int32 of shape (n, 4); O(n)."""
        while len(rows):
            at = self._len % CHUNK
            some, rows = rows[: CHUNK - at], rows[CHUNK - at :]
            self._last[at : at + len(some)] = some
            self._len += len(some)
            if at + len(some) == CHUNK:
                self._packed.append(packed(self._last))
                self._last = np.empty((CHUNK, 4), np.int32)

    def cut(self, length: int) -> None:
        """Forget the rows from ``length`` on; slices that were read before stay as they are."""
        if length >= self._len:
            return
        kept = self[length - length % CHUNK : length]
        del self._packed[length // CHUNK :]
        self._last = np.empty((CHUNK, 4), np.int32)
        self._last[: len(kept)] = kept
        self._len = length


def packed(rows: np.ndarray) -> bytes:
    """Return rows in as few bytes as are quickly found: first bytes together, second bytes together, and so on."""
    return zlib.compress(rows.view(np.uint8).T.tobytes(), 1)


@lru_cache(maxsize=8)
def unpacked(data: bytes) -> np.ndarray:
    """Return the rows that were packed; those asked for last stay unpacked."""
    columns = np.frombuffer(zlib.decompress(data), np.uint8).reshape(16, -1)
    return np.ascontiguousarray(columns.T).view(np.int32)


def redo(mem: np.ndarray, rows: np.ndarray) -> None:
    """Write the new values of rows to ``mem`` in order; O(rows)."""
    writes = rows[(rows[:, 1] >= 0) & (rows[:, 0] < WHY)]
    mem[writes[:, 1]] = writes[:, 3]


def undo(mem: np.ndarray, rows: np.ndarray) -> None:
    """Write the old values of rows back to ``mem``, last row first; O(rows)."""
    writes = rows[(rows[:, 1] >= 0) & (rows[:, 0] < WHY)][::-1]
    mem[writes[:, 1]] = writes[:, 2]


def costs(rows: np.ndarray) -> dict[str, int]:
    """Count what rows cost: every cost name with its count, zero included."""
    kinds, addresses, _, times = rows.T.copy()
    counts = np.bincount(kinds, minlength=EXIT + 1).tolist()
    events = (addresses == NOWHERE).nonzero()[0]
    if events.size:
        for kind, more in zip(kinds.take(events).tolist(), times.take(events).tolist(), strict=True):
            counts[kind] += more - 1
    return {name: counts[row.kind] for name, row in COSTS.items()}
