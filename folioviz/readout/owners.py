"""Who owns a page: which folio it belonged to, at any row of an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine import journal as j
from folioviz.machine.fields import FOLIO_ID, PAGE_FOLIO
from folioviz.readout.trace import Namer

if TYPE_CHECKING:
    from folioviz.lab import Lab

NEVER = 2**31
"""After all rows of an operation."""


class Past:
    """What one field held, per element, at any row of an operation.

    Args:
        now: what it holds, while the lab stands somewhere in the operation, or where that begins or ends.
        places: the elements that the operation writes, in order.
        rows: the rows of these writes, counted from where the operation begins.
        values: their old and new values, of shape (n, 2).
        ignored: a value that is not taken note of.
    """

    def __init__(
        self, now: np.ndarray, places: np.ndarray, rows: np.ndarray, values: np.ndarray, ignored: int
    ) -> None:
        self.before = now.astype(np.int64)
        self.before[places[::-1]] = values[::-1, 0]  # of several writes, the first one's old value stays
        kept = values[:, 1] != ignored
        places, rows = places[kept], rows[kept]
        self.first = np.full(len(now), NEVER)
        self.first[places[::-1]] = rows[::-1]
        when = (places << 32) | rows
        order = np.argsort(when)
        self.when, self.values = when[order], values[kept, 1][order]

    def at(self, rows: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Return what elements held after rows, int64; O(n), and O(log writes) for each that was written by then."""
        found: np.ndarray = self.before[places]
        late = np.flatnonzero(self.first[places] <= rows)
        when = (places[late] << 32) | rows[late]
        found[late] = self.values[np.searchsorted(self.when, when, side="right") - 1]
        return found


class Owners(Namer):
    """Knows which folio a page belongs to at any row of an operation; ``row`` is the one that is to be named."""

    def __init__(self, lab: Lab, rows: np.ndarray) -> None:
        self.row = 0
        machine = lab.machine
        field = np.where(rows[:, 0] < j.WHY, machine.fields_of(rows[:, 1]), -1)
        pasts = []
        for number, now, ignored in ((PAGE_FOLIO, machine.page_folio, -1), (FOLIO_ID, machine.folio_id, 0)):
            at = np.flatnonzero(field == number)
            places = rows[at, 1].astype(np.int64) - machine.base[number]
            pasts.append(Past(now, places, at, rows[at, 2:].astype(np.int64), ignored))
        self.heads, self.ids = pasts

    def page(self, page: int) -> tuple[int, int]:
        """Return (folio id, offset in the folio) of a page."""
        row, place = np.array([self.row]), np.array([page], np.int64)
        head = self.heads.at(row, place)
        return int(self.ids.at(row, head)[0]), page - int(head[0])
