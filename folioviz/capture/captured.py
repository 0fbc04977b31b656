"""A capture: what processes have mapped, as one table of runs, and as tables of pages where these are wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.capture.form import BLOCK, MAX_ORDER, MAX_PAGES, UNKNOWN
from folioviz.errors import LimitError
from folioviz.evidence.recordings import observed as shape
from folioviz.evidence.recordings.observed import Observed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from folioviz.capture.form import About, Process, Region

REGION, FIRST, PAGES, STATE, FOLIO, EACH, OFFSET, MAPCOUNT, FLAGS, EXCLUSIVE = range(10)
"""The columns of :attr:`Capture.runs`."""
COLUMNS: Final = 10
NR_ORDERS: Final = MAX_ORDER + 1


class Piece(NamedTuple):
    """A part of a region: its pages ``[start, end)``."""

    number: int
    start: int
    end: int


class Part(NamedTuple):
    """A part of a capture.

    Attributes:
        pieces: which pages of which regions, in the order of the regions.
        observed: their tables, each with the piece's pages alone, and their folios; the keys of tables are of
            :meth:`Capture.key`.
        outside: folios in it that are mapped outside of it, too.
    """

    pieces: tuple[Piece, ...]
    observed: Observed
    outside: frozenset[int]


@dataclass(frozen=True, eq=False)
class Capture:
    """What was read of one or several processes.

    Attributes:
        about: what is known of the machine and of the reading.
        processes: the processes; number 1 is the first.
        regions: their regions by process and place; number 1 is the first.
        runs: the runs of pages, int32 of shape (runs, COLUMNS), by region and page; regions by their numbers, states
            and flags as in :mod:`folioviz.evidence.recordings.observed`.
        orders: the orders of folios by id, int8.
        foreign: how often processes that were not captured map each page of each large folio, int32, as
            :attr:`mapcounts`.
        unsure: whether others may map pages of a folio, unknown which, by id, bool.
        vm: /proc/vmstat.
        mthp: size -> its statistics.
        raw: what the kernel's own memory says of the large folios: name -> int64 of shape (large folios,), as
            :mod:`folioviz.capture.kernel_side` has them; empty if it was not read.
    """

    about: About
    processes: tuple[Process, ...]
    regions: tuple[Region, ...]
    runs: np.ndarray
    orders: np.ndarray
    foreign: np.ndarray
    unsure: np.ndarray
    vm: Mapping[str, int]
    mthp: Mapping[str, Mapping[str, int]]
    raw: Mapping[str, np.ndarray] = field(default_factory=dict)

    def region(self, number: int) -> Region:
        """Return a region.

        Raises:
            LimitError: if there is none of that number.
        """
        if not 1 <= number <= len(self.regions):
            raise LimitError.of("the region", number, f"1 to {len(self.regions)}")
        return self.regions[number - 1]

    def key(self, number: int) -> str:
        """Return what tables call a region: "2 5" is region 5, of process 2."""
        return f"{self.region(number).process} {number}"

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each region's runs begin, int64 of shape (regions + 1,)."""
        return np.searchsorted(self.runs[:, REGION], np.arange(1, len(self.regions) + 2))

    def runs_of(self, number: int) -> np.ndarray:
        """Return a region's rows of :attr:`runs`."""
        self.region(number)
        return self.runs[self.starts[number - 1] : self.starts[number]]

    # --- folios -------------------------------------------------------------------------------------------------

    @cached_property
    def slots(self) -> np.ndarray:
        """Where each folio's pages begin in :attr:`mapcounts`, np.intp of shape (folios + 1,)."""
        return starts_of(self.orders)

    @cached_property
    def ranks(self) -> np.ndarray:
        """How many large folios come before each folio, int64: where a large one stands in :attr:`raw`."""
        return np.cumsum(self.orders > 0) - (self.orders > 0)

    @cached_property
    def mapcounts(self) -> np.ndarray:
        """How often the captured processes map each page of each folio, int32; a folio's begin at its slot."""
        seen = self.runs[self.runs[:, FOLIO] >= 0].astype(np.intp)
        start = self.slots[seen[:, FOLIO]] + seen[:, OFFSET]
        size = int(self.slots[-1]) + 1
        change = np.bincount(start, minlength=size) - np.bincount(start + seen[:, PAGES], minlength=size)
        return np.cumsum(change[:-1], dtype=np.int32)

    @cached_property
    def unmapped(self) -> np.ndarray:
        """How many pages of each folio nobody maps, or others may, by id, int64."""
        nobody = np.concatenate(([0], np.cumsum((self.mapcounts == 0) & (self.foreign == 0))))
        return np.diff(nobody[self.slots])

    # --- pages --------------------------------------------------------------------------------------------------

    def table(self, number: int, start: int = 0, end: int | None = None) -> np.ndarray:
        """Return pages ``[start, end)`` of a region, as a table of Observed's: int32 of (pages, 9).

        Where folios were not to be seen, folio, order and mapcount are UNKNOWN.
        """
        region = self.region(number)
        end = region.pages if end is None else min(end, region.pages)
        table = shape.empty(max(end - start, 0))
        rows = self.runs_of(number)
        low, high = np.searchsorted(rows[:, FIRST], (start, end))
        rows = rows[max(low - 1, 0) : high]  # one that begins before may reach into it
        of, page = spread(rows, start, end)
        along = page - rows[of, FIRST]
        each, folio = rows[of, EACH], rows[of, FOLIO]
        folio = np.where(each, folio + along, folio)
        seen = folio >= 0
        orders = np.full(of.size, UNKNOWN if not self.about.privileged else 0, np.int32)
        orders[seen] = self.orders[folio[seen]]
        orders[rows[of, STATE] != shape.PRESENT] = 0
        columns = {
            shape.STATE: rows[of, STATE],
            shape.FOLIO: folio,
            shape.ORDER: orders,
            shape.OFFSET: np.where(seen & (each == 0), rows[of, OFFSET] + along, 0),
            shape.MAPCOUNT: rows[of, MAPCOUNT],
            shape.FLAGS: rows[of, FLAGS],
            shape.EXCLUSIVE: rows[of, EXCLUSIVE],
        }
        for column, values in columns.items():
            table[page - start, column] = values
        return table

    def observed(self, pieces: Iterable[Piece] | None = None) -> Observed:
        """Return regions, or pieces of them, as what a step of a recording shows; all of them if none are named."""
        if pieces is None:
            pieces = [Piece(n, 0, region.pages) for n, region in enumerate(self.regions, start=1)]
        tables = {self.key(piece.number): self.table(*piece) for piece in pieces}
        ids = [table[table[:, shape.ORDER] > 0, shape.FOLIO] for table in tables.values()]
        return Observed(
            tables,
            {
                folio: {
                    "order": int(self.orders[folio]),
                    "kpagecount": shape.run_lengths(
                        self.mapcounts[self.slots[folio] : self.slots[folio + 1]]
                    ),
                }
                for folio in (np.unique(np.concatenate(ids)).tolist() if ids else ())
            },
        )

    def part(self, number: int, start: int = 0, end: int | None = None) -> Part:
        """Return pages ``[start, end)`` of a region, with what other processes have at the same place."""
        region = self.region(number)
        end = region.pages if end is None else min(end, region.pages)
        low, high = region.first + start, region.first + end
        pieces = tuple(
            Piece(n, max(low - other.first, 0), min(high - other.first, other.pages))
            for n, other in enumerate(self.regions, start=1)
            if other.first < high
            and other.first + other.pages > low
            and (n == number or other.process != region.process)
        )
        observed = self.observed(pieces)
        return Part(pieces, observed, self._outside(observed))

    def block(self, number: int, index: int) -> Part:
        """Return a 2 MiB block of a region, with what other processes have at the same place.

        Args:
            number: the region's number.
            index: which block: 0 is the one that holds the region's first page.

        Raises:
            LimitError: if there is no such region or block.
        """
        region = self.region(number)
        if not 0 <= index < region.blocks:
            raise LimitError.of(f"the block of region {number}", index, f"0 to {region.blocks - 1}")
        start = index * BLOCK - region.align
        return self.part(number, max(start, 0), start + BLOCK)

    def _outside(self, observed: Observed) -> frozenset[int]:
        """Return the folios that are mapped more often than tables show."""
        inside = [table[table[:, shape.FOLIO] >= 0, shape.FOLIO] for table in observed.tables.values()]
        ids, pages = (
            np.unique(np.concatenate(inside), return_counts=True) if inside else (np.zeros(0, int),) * 2
        )
        sums = np.concatenate(([0], np.cumsum(self.mapcounts, dtype=np.int64)))
        everywhere = sums[self.slots[ids + 1]] - sums[self.slots[ids]]
        return frozenset(ids[everywhere != pages].tolist())


def starts_of(orders: np.ndarray) -> np.ndarray:
    """Return where each folio's pages begin if those of all stand in a row, np.intp of shape (folios + 1,)."""
    return np.concatenate((np.zeros(1, np.intp), np.cumsum(1 << orders.astype(np.intp))))


def spread(runs: np.ndarray, start: int = 0, end: int = MAX_PAGES) -> tuple[np.ndarray, np.ndarray]:
    """Return the pages ``[start, end)`` of their regions that runs have: each one's run and its page, both np.intp."""
    low = np.maximum(runs[:, FIRST], start).astype(np.intp)
    pages = np.maximum(np.minimum(runs[:, FIRST] + runs[:, PAGES], end) - low, 0)
    of, along = counted(pages)
    return of, low[of] + along


def counted(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return of so many things in a row each: the row of each one, and how many of it come before; both np.intp."""
    numbers = numbers.astype(np.intp)
    of = np.repeat(np.arange(numbers.size), numbers)
    return of, np.arange(of.size) - np.repeat(np.cumsum(numbers) - numbers, numbers)
