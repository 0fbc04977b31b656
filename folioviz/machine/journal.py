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
    COPIED_PINNED,
    NOT_QUEUED_ORDER_1,
    BATCH_DIRTY,
    BATCH_WRITABLE,
    ENDED_AT_HOLE,
    PASSED_HOLE,
    SIGNALLED,
    NOT_MOVED,
    NOT_QUEUED_FLAGGED,
    BATCH_TABLE_END,
    NOT_QUEUED_SWAPCACHE,
    SWAPPED_OUT,
    SWAPPED_IN,
    KEPT,
    DISCARDED,
    COLLAPSED,
    COLLAPSE_TOO_SMALL,
    COLLAPSE_NOT_THERE,
    COLLAPSE_NONE,
    COLLAPSE_SHARED,
    COLLAPSE_HELD,
    COLLAPSE_READ_ONLY,
    COLLAPSE_OLD,
    MOVE_THERE,
    MOVE_SHARED,
    MOVE_PINNED,
    MOVE_HELD,
    MOVE_RETRIED,
    MOVE_MARKER,
    QUEUE_LEFT,
    QUEUE_REPARENTED,
    SIGNALLED_READING,
    COLLAPSE_AS_LARGE,
    COLLAPSE_GIVEN_AWAY,
    COLLAPSE_SWAPPED,
) = range(73)


CHUNK = 16_384
"""So many rows at a time are packed: a row takes 16 bytes, and one or two when it is packed."""
LOOSE = 4
"""So many chunks before the last operation's rows stay as they are: most histories are shorter, and never packed."""


class Journal:
    """An append-only int32 table of rows that can be cut back to a length.

    ``len(journal)`` is the number of rows; ``journal[a:b]`` a read-only int32 array of shape (b - a, 4). The rows
    that came last, all at once, are kept as they are: what an operation left is read many times before the next one.
    Where more than a few chunks are before them, these are packed, and unpacked when they are read.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._packed: list[bytes] = []
        self._len = 0
        self._keep(np.empty((0, 4), np.int32), 0)

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._len

    def __getitem__(self, part: slice) -> np.ndarray:
        """Return rows of a slice, int32 of shape (n, 4); O(n), and O(1) of rows that came last."""
        start, end, _ = part.indices(self._len)
        before = len(self._packed) * CHUNK
        if start >= before:
            view = self._last[start - before : max(end, start) - before]
            view.flags.writeable = False
            return view
        places = range(start // CHUNK, -(-min(end, before) // CHUNK)) if start < end else range(0)
        found = [
            unpacked(self._packed[place])[max(start - place * CHUNK, 0) : end - place * CHUNK]
            for place in places
        ]
        if end > before:
            found.append(self._last[: end - before])
        view = found[0] if len(found) == 1 else np.concatenate([np.empty((0, 4), np.int32), *found])
        view.flags.writeable = False
        return view

    def extend(self, rows: np.ndarray) -> None:
        """Append rows, int32 of shape (n, 4); O(n). What came before is packed as far as it fills chunks."""
        at = self._len - len(self._packed) * CHUNK
        whole = at - at % CHUNK if at > LOOSE * CHUNK else 0
        self._packed += [packed(self._last[place : place + CHUNK]) for place in range(0, whole, CHUNK)]
        if whole or at + len(rows) > len(self._last):
            self._keep(self._last[whole:at], len(rows))
        at -= whole
        self._last[at : at + len(rows)] = rows
        self._len += len(rows)

    def cut(self, length: int) -> None:
        """Forget the rows from ``length`` on; slices that were read before stay as they are."""
        if length >= self._len:
            return
        kept = self[min(length, len(self._packed) * CHUNK) // CHUNK * CHUNK : length]
        del self._packed[length // CHUNK :]
        self._keep(kept, 0)
        self._len = length

    def _keep(self, rows: np.ndarray, more: int) -> None:
        """Keep rows as the last ones, elsewhere than before, with room for more."""
        self._last = np.empty((max(len(rows) + more, (LOOSE + 1) * CHUNK), 4), np.int32)
        self._last[: len(rows)] = rows


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
    at = _writes(rows)
    mem[rows[:, 1][at]] = rows[:, 3][at]


def undo(mem: np.ndarray, rows: np.ndarray) -> None:
    """Write the old values of rows back to ``mem``, last row first; O(rows)."""
    at = _writes(rows)[::-1]
    mem[rows[:, 1][at]] = rows[:, 2][at]


def _writes(rows: np.ndarray) -> np.ndarray:
    """Return which rows write to memory, ascending."""
    return np.flatnonzero((rows[:, 1] >= 0) & (rows[:, 0] < WHY))


def costs(rows: np.ndarray) -> dict[str, int]:
    """Count what rows cost: every cost name with its count, zero included."""
    kinds, addresses, times = rows[:, 0], rows[:, 1], rows[:, 3]
    counts = np.bincount(kinds, minlength=EXIT + 1).tolist()
    events = (addresses == NOWHERE).nonzero()[0]
    if events.size:
        for kind, more in zip(kinds[events].tolist(), times[events].tolist(), strict=True):
            counts[kind] += more - 1
    return {name: counts[row.kind] for name, row in COSTS.items()}
