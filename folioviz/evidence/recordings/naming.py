"""Which folio of the model is which of the recording, and where the pages of new ones were before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.evidence.recordings.counted import counted
from folioviz.evidence.recordings.observed import UNKNOWN
from folioviz.machine import journal
from folioviz.readout.runs import begins

if TYPE_CHECKING:
    from folioviz.lab import Lab
    from folioviz.machine.memory import Machine


class Before:
    """What has to be remembered of a machine to tell afterwards what a step did."""

    def __init__(self, machine: Machine) -> None:
        """Look at a machine between two steps."""
        self.counters = counted(machine)
        self.head = machine.page_folio.copy()
        self.id = machine.folio_id.copy()
        self.order = machine.folio_order.copy()


class Names:
    """Which folio of the model is which of the recording: found where the page tables show both at the same place.

    A folio of the model is (id, order): when it is split, its first page keeps the id, and is another folio here.
    """

    def __init__(self) -> None:
        """Begin without any name."""
        self.of: dict[tuple[int, int], int] = {}
        self._taken: set[int] = set()

    def learn(self, model: np.ndarray, recorded: np.ndarray, orders: np.ndarray) -> None:
        """Give names to folios at the same places; a folio that has a name keeps it, and no name is given twice."""
        first = begins(model, orders, recorded)
        places = {*zip(*(each[first].tolist() for each in (model, orders, recorded)), strict=True)}
        for folio, order, name in sorted(places):
            if (folio, order) not in self.of and name not in self._taken:
                self.of[folio, order] = name
                self._taken.add(name)

    def name(self, folio: int, order: int) -> int:
        """Return what the recording calls a folio, UNKNOWN if it has no name for it."""
        return self.of.get((folio, order), UNKNOWN)


def came_from(lab: Lab, start: int, before: Before, names: Names) -> np.ndarray | None:
    """Return (folio, offset) of each page before its folio was split in this step, int64 of shape (pages, 2), or -1.

    None if no folio was.
    """
    machine = lab.machine
    large = (before.order > 0).nonzero()[0]
    same = (machine.folio_id[large] == before.id[large]) & (machine.folio_order[large] == before.order[large])
    if same.all():
        return None
    rows = lab.journal[start:]
    touched = np.zeros(machine.sizes.pages, bool)
    touched[machine.pages_of(rows[rows[:, 0] < journal.WHY, 1])] = True
    written = touched.nonzero()[0]
    old, now = before.head[written], machine.page_folio[written]
    moved = (before.id[old] > 0) & (before.order[old] > 0) & (machine.folio_id[now] > 0)
    moved &= (machine.folio_id[now] != before.id[old]) | (machine.folio_order[now] != before.order[old])
    if not moved.any():
        return None
    number = lab.linked.names.index("alloc_pages")
    for head in rows[(rows[:, 0] == journal.EXIT) & (rows[:, 1] == number), 3].tolist():
        nr = 1 << int(machine.folio_order[machine.page_folio[head]])
        moved &= (written < head) | (written >= head + nr)
    page, first = written[moved], old[moved]
    found = np.full((machine.sizes.pages, 2), -1, np.int64)
    named = {one: names.name(int(before.id[one]), int(before.order[one])) for one in {*first.tolist()}}
    found[page, 0] = [named[one] for one in first.tolist()]
    found[page, 1] = page - first
    return found
