"""A priced loop: nanoseconds instead of counts, as flat lists that a simulation reads quickly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from folioviz.contention.loops import Access
from folioviz.contention.prices import OPERATION_NS, prices
from folioviz.machine.memory import PAGE_SHIFT

if TYPE_CHECKING:
    from folioviz.contention.hardware import Hardware
    from folioviz.contention.loops import Loop

VARIANTS = 16
"""So many loops differ in how long their private work takes; their mean is exactly what the costs come to."""
SPREAD = 0.5
"""Private work of a loop takes 1 - SPREAD to 1 + SPREAD times its price, evenly."""
LOCK, LOCK_LINE, LIST_LINES, MEMORY = (
    "split_queue_lock",
    "the lock's line",
    "neighbours in the queue",
    "memory",
)
"""What a CPU waits for: the lock that another one has, the lock's line, the lines of list neighbours, memory."""
FIELDS = ("_refcount", "_mapcount", "_entire_mapcount", "_nr_pages_mapped", "_large_mapcount")
PLACES = (LOCK, LOCK_LINE, LIST_LINES, MEMORY, *FIELDS)
"""Everything that a CPU waits for; a field stands for its line of a folio that all CPUs map."""


@dataclass(frozen=True, slots=True)
class Program:
    """A loop in nanoseconds.

    Attributes:
        moves: for each act, the folios that are queued (True) or unqueued under the lock; None for an atomic on a line.
        line: for each act, which shared line it is; 0 for a section.
        place: for each act that is an atomic, where in :data:`PLACES` its field stands; 0 for a section.
        inside: for each act, what it takes if nobody is in the way.
        private: VARIANTS lists of what is done before each act and after the last, user time included.
        folios: how many folios are queued or unqueued.
        memory: how long memory is busy with one loop's pages; 0 if there is no limit.
    """

    moves: list[tuple[tuple[bool, int], ...] | None]
    line: list[int]
    place: list[int]
    inside: list[float]
    private: list[list[float]]
    folios: int
    memory: float

    @property
    def work(self) -> float:
        """The mean time of one loop's private work and user time."""
        return float(np.mean([sum(one) for one in self.private]))

    @property
    def alone(self) -> float:
        """The mean time of one loop on one CPU."""
        return self.work + sum(self.inside)


def priced(loop: Loop, hardware: Hardware) -> Program:
    """Return a loop at the prices of some hardware; O(acts)."""
    price = prices(hardware)
    private = loop.private @ price + loop.entered * OPERATION_NS
    work, user = _variants()
    varied = np.outer(work, private)
    varied[:, 0] += user * hardware.user_ns
    lines = [isinstance(act, Access) for act in loop.acts]
    return Program(
        moves=[None if isinstance(act, Access) else act.moves for act in loop.acts],
        line=[act.line if isinstance(act, Access) else 0 for act in loop.acts],
        place=[PLACES.index(act.field) if isinstance(act, Access) else 0 for act in loop.acts],
        inside=(loop.inside @ price).tolist() if lines else [],
        private=varied.tolist(),
        folios=loop.folios,
        memory=(loop.cleared_pages << PAGE_SHIFT) / hardware.bandwidth_gb if hardware.bandwidth_gb else 0.0,
    )


def _variants() -> tuple[np.ndarray, np.ndarray]:
    """Return by how much private work and user time differ from loop to loop; the mean of each is 1.

    Work is spread evenly, user time as an exponential; both in an order that is mixed, and always the same.
    """
    even = (np.arange(VARIANTS) + 0.5) / VARIANTS
    mixed = np.random.default_rng(1)
    work = 1 - SPREAD + 2 * SPREAD * mixed.permutation(even)
    user = -np.log1p(-mixed.permutation(even))
    return work / work.mean(), user / user.mean()
