"""What an operation's rows write to: which pages, which page tables and which processes' PMDs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine.fields import FOLIO_ID, PMD, PTE
from folioviz.machine.journal import WHY
from folioviz.machine.memory import PTRS_PER_PTE

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine


class Places:
    """Where the fields of a machine lie that tell what was written to; one for all operations."""

    def __init__(self, machine: Machine) -> None:
        """Look at a machine's layout."""
        base = machine.base
        self.pages, self.ids = machine.sizes.pages, base[FOLIO_ID]
        self.pte, self.pmd = base[PTE], base[PMD]
        ends = (
            0,
            machine.paged,
            self.ids,
            self.ids + self.pages,
            self.pte,
            base[PTE + 1],
            self.pmd,
            base[PMD + 1],
        )
        self.ends = np.array(ends, np.int32)


class Written:
    """What rows write to; O(rows).

    Attributes:
        pages: the pages whose fields were written, or those of folios at them, int32, in no order, repeated.
        tables: the numbers of page tables.
        slots: the slots of processes whose PMDs were written.
        gone: the ids that were at a page before these rows and are there no more.
    """

    def __init__(self, places: Places, rows: np.ndarray, ids: memoryview) -> None:
        """Look at rows, int32 of shape (n, 4), and at the ids of the folios by head page after them."""
        kinds, addresses = rows[:, :2].T.copy()
        addresses = addresses[kinds < WHY]
        addresses.sort()
        first, paged, *cuts = addresses.searchsorted(places.ends).tolist()
        id_0, id_1, pte_0, pte_1, pmd_0, pmd_1 = cuts
        self.pages = addresses[first:paged] % places.pages
        self.tables = _parts(addresses[pte_0:pte_1], places.pte)
        self.slots = _parts(addresses[pmd_0:pmd_1], places.pmd)
        self.gone = _gone(places, rows, ids) if id_0 < id_1 else set()


def _parts(addresses: np.ndarray, base: int) -> set[int]:
    """Return the numbers of the tables of 512 entries, from ``base`` on, that addresses are in."""
    return {*((addresses - base) // PTRS_PER_PTE).tolist()} if addresses.size else set()


def _gone(places: Places, rows: np.ndarray, ids: memoryview) -> set[int]:
    """Return the ids that were at a page before rows, and are not after them."""
    address = rows[:, 1]
    named = rows[(address >= places.ids) & (address < places.ids + places.pages) & (rows[:, 0] < WHY), 1:3]
    was = dict(named[::-1].tolist())  # of several writes to one place, the first
    return {old for at, old in was.items() if old > 0 and ids[at - places.ids] != old}
