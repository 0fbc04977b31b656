"""Progress: how two kernels walk through one operation side by side, entry by entry of the page tables.

An entry is dealt with at the last write of the operation to it: a PTE, or a PMD that maps or mapped a huge page. Where
both kernels deal with the same entries in the same order, the k-th of both is at one position, so that at every
position both have dealt with as many, and with the same. Between two of them each kernel has its own steps; who has
fewer waits before its next entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.machine.fields import PMD, PTE
from folioviz.machine.journal import WHY
from folioviz.machine.memory import ENTRY_SHIFT, PMD_HUGE, PMD_TABLE, PMD_ZERO, PTRS_PER_PTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.views.player.track import Track


class Pace:
    """How the tracks walk through one operation.

    Attributes:
        cuts: per track, int64 of shape (n + 2,): 0, the steps at which its entries are dealt with, its last step.
        starts: the offsets at which the parts between these begin, int64 of shape (n + 2,).
    """

    def __init__(self, done: Sequence[np.ndarray], sizes: Sequence[int]) -> None:
        """Take, per track, the steps at which its entries are dealt with, and how many steps it has."""
        self.cuts = [np.concatenate([[0], steps, [size]]) for steps, size in zip(done, sizes, strict=True)]
        lengths = np.max([np.diff(cuts) for cuts in self.cuts], axis=0)
        self.starts = np.concatenate([[0], np.cumsum(lengths)])

    @property
    def entries(self) -> int:
        """Return how many entries the operation deals with."""
        return len(self.starts) - 2

    @property
    def last(self) -> int:
        """Return the offset at which every track is done."""
        return int(self.starts[-1])

    def dealt(self, offset: int) -> int:
        """Return how many entries are dealt with at an offset, in every track."""
        return min(int(np.searchsorted(self.starts, offset, side="right")) - 1, self.entries)

    def step(self, place: int, offset: int) -> int:
        """Return how many steps a track has done at an offset."""
        cuts, offset = self.cuts[place], min(max(offset, 0), self.last)
        part = int(np.searchsorted(self.starts, offset, side="right")) - 1
        if offset == self.starts[part]:
            return int(cuts[part])
        return int(max(min(cuts[part] + offset - self.starts[part], cuts[part + 1] - 1), cuts[part]))

    def offset(self, place: int, steps: np.ndarray) -> np.ndarray:
        """Return the first offsets at which a track has done so many steps."""
        cuts = self.cuts[place]
        steps = np.clip(steps, 0, cuts[-1])
        part = np.searchsorted(cuts, steps, side="left")
        before = np.maximum(part - 1, 0)
        return np.where(cuts[part] == steps, self.starts[part], self.starts[before] + steps - cuts[before])


def pace(tracks: Sequence[Track], index: int) -> Pace | None:
    """Return how tracks walk through an operation that they have just done; None where they share no entries.

    O(rows). Each lab stands where the operation ends.
    """
    if len(tracks) == 1:
        return None
    found = [_dealt(track, index) for track in tracks]
    entries = [names for names, _ in found]
    if not entries[0].size or not all(np.array_equal(entries[0], one) for one in entries[1:]):
        return None
    return Pace([steps for _, steps in found], [track.parts[index].steps.size for track in tracks])


def _dealt(track: Track, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the entries that an operation deals with, in that order, and after how many steps; int64 both.

    The name of a PTE is its page of its address space, and of a PMD the first such page, negative; both with the
    place of the address space.
    """
    machine = track.lab.machine
    part = track.parts[index]
    rows = track.lab.journal[part.start : part.end].astype(np.int64)
    of = machine.fields_of(rows[:, 1])
    writes = rows[:, 0] < WHY
    pmds = np.flatnonzero(writes & (of == PMD))
    owner = np.full(machine.pte.size // PTRS_PER_PTE, -1, np.int64)
    for values, places in (
        (machine.pmd.astype(np.int64), np.arange(machine.pmd.size)),
        *((rows[pmds, column], rows[pmds, 1] - machine.base[PMD]) for column in (2, 3)),
    ):
        tables = values & PMD_TABLE != 0
        owner[values[tables] >> ENTRY_SHIFT] = places[tables]
    ptes = np.flatnonzero(writes & (of == PTE))
    at = rows[ptes, 1] - machine.base[PTE]
    names = owner[at // PTRS_PER_PTE] * PTRS_PER_PTE + at % PTRS_PER_PTE
    old_new = rows[pmds, 2:4]
    huge = pmds[((old_new & PMD_HUGE > 0) | (old_new == PMD_ZERO)).any(axis=1)]
    names = np.concatenate([names, -1 - (rows[huge, 1] - machine.base[PMD])])
    where = np.concatenate([ptes, huge])
    order = np.argsort(where)[::-1]
    _, last = np.unique(names[order], return_index=True)
    chosen = np.sort(where[order][last])
    by_row = np.argsort(where)
    named = names[by_row][np.searchsorted(where[by_row], chosen)]
    steps = np.minimum(np.searchsorted(part.steps, chosen + part.start) + 1, part.steps.size)
    return named, steps
