"""What can be seen of a machine after a step, in a form that a recording and the model can both be put into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from folioviz.evidence.recordings.format import PageRun
from folioviz.readout.runs import runs, spans

if TYPE_CHECKING:
    from collections.abc import Iterable

Value: TypeAlias = int | str | tuple[tuple[int, int], ...] | tuple[int, ...] | None
"""A number, a few numbers, or (pages, value) runs; None is "there is no such thing"."""

COLUMNS: Final = (
    "state",
    "folio",
    "order",
    "offset",
    "mapcount",
    "exclusive",
    "flags",
    "came_from",
    "came_from_offset",
)
"""What is known of each page of a region, in the order of a table's columns."""
STATE, FOLIO, ORDER, OFFSET, MAPCOUNT, EXCLUSIVE, FLAGS, CAME_FROM, CAME_FROM_OFFSET = range(9)
ABSENT, PRESENT, ZERO_PAGE, SWAPPED, GUARDED = range(5)
STATE_NAMES: Final = ("absent", "present", "zero page", "swapped", "guard marker")
LETTERS: Final = "Ham"
"""The flags that the model has: part of a large folio, anonymous, mapped; bit i of the flags is letter i."""
SMAPS: Final = (
    *("Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty"),
    *("Anonymous", "LazyFree", "AnonHugePages", "Swap", "Locked"),
)
"""What was recorded of smaps and the model knows, in kB."""
MEMORY: Final = ("vmas", *(name for name in SMAPS if name != "LazyFree"))
"""What is compared of a region's memory. LazyFree is not: single pages count there once a CPU's batch is full."""
STRUCT_FOLIO: Final = {
    "refcount": "ref",
    "entire_mapcount": "entire",
    "nr_pages_mapped": "nrpm",
    "large_mapcount": "large",
    "partially_mapped": "pm",
    "queued": "dq",
    "double_map": "dm",
    "maybe_shared": "maybe_shared",
    "mapcount": "mc",
    "anon_exclusive": "ae",
    "mm_id_mapcounts": "mmid_mc",
    "mm_id_slots": "mmid",
}
"""What is compared of ``struct folio`` -> its name in a recording."""
UNKNOWN: Final = -2
"""A folio that the other side has no name for."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a step left behind.

    Attributes:
        tables: "P a" -> int32 of shape (pages, len(COLUMNS)), one row per page of the region; folios by the ids that
            the recording gave them, -1 where there is none.
        folios: id -> field -> value, of the large folios.
        counters: name -> how much it changed in the step; a size's statistics are called "64kB nr_anon".
        memory: "P a" -> name -> kB, and the number of VMAs.
        calls: name -> number.
        removals: the rmap removals in order, as :class:`~folioviz.evidence.recordings.removals.Removal`;
            None if not known.
        fields: what its file tells of at all (:mod:`folioviz.evidence.recordings.fields`); None: of everything.
    """

    tables: dict[str, np.ndarray] = field(default_factory=dict)
    folios: dict[int, dict[str, Value]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    memory: dict[str, dict[str, int]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    removals: tuple[tuple[int, int, int], ...] | None = None
    fields: frozenset[str] | None = None

    def tells(self, field: str) -> bool:
        """Tell whether a field is one that the file has; of a size's statistics, the size does not matter."""
        return self.fields is None or field.rpartition(" ")[2] in self.fields

    def runs(self, region: str) -> list[PageRun]:
        """Return a region's pages as runs of pages that are mapped alike; ``region`` is a key of ``tables``."""
        return runs_of(self.tables.get(region, NOTHING))


def empty(pages: int) -> np.ndarray:
    """Return a table in which nothing is mapped."""
    return np.repeat(_UNMAPPED, pages, axis=0)


_UNMAPPED: Final = np.array(
    [[-(at in {FOLIO, CAME_FROM, CAME_FROM_OFFSET}) for at in range(len(COLUMNS))]], np.int32
)
NOTHING: Final = empty(0)
"""The table of a region that is not there."""


def letters(flags: int) -> str:
    """Return flags as letters."""
    return "".join(letter for bit, letter in enumerate(LETTERS) if flags >> bit & 1)


def flags_of(text: str) -> int:
    """Return the flags among letters."""
    return sum(1 << bit for bit, letter in enumerate(LETTERS) if letter in text)


def run_lengths(values: Iterable[int] | np.ndarray) -> tuple[tuple[int, int], ...]:
    """Return (count, value) runs."""
    return tuple((count, value) for value, count in runs(np.asarray(values)))


def runs_of(table: np.ndarray) -> list[PageRun]:
    """Return the mapped pages of a table as runs."""
    here = np.flatnonzero(table[:, STATE])
    if not here.size:
        return []
    rows = table[here]
    advance = rows.copy()
    each = rows[:, ORDER] == 0
    advance[:, FOLIO] -= np.where(each, here, 0)
    advance[:, OFFSET] -= np.where(each, 0, here)
    advance[:, CAME_FROM_OFFSET] -= np.where(rows[:, CAME_FROM] >= 0, here, 0)
    breaks = np.any(np.diff(advance, axis=0), axis=1) | (np.diff(here) != 1)
    found = []
    for start, end in spans(breaks):
        state, folio, order, offset, mapcount, exclusive, flags, came, came_offset = rows[start].tolist()
        found.append(
            PageRun(
                int(here[start]),
                end - start,
                "-pzsg"[state],
                folio,
                order == 0,
                offset,
                mapcount,
                letters(flags),
                exclusive,
                (came, came_offset) if came >= 0 else None,
            )
        )
    return found
