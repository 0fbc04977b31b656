"""A loop as its journal says: private work, and between it the acts by which CPUs meet.

Only two kinds of acts are shared: a section under split_queue_lock, which may put folios on the queue and take them
off, and an atomic on a line of a folio that all CPUs map. Everything else that is counted is private.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.errors import DocumentError
from folioviz.lab import Lab
from folioviz.machine.costs import (
    COSTS,
    ENTM,
    LMC,
    MAPC,
    MMLOCK,
    NRPM,
    QADD,
    QDEL,
    RGET,
    RPUT,
    SQLOCK,
)
from folioviz.machine.fields import (
    FIELDS,
    FOLIO_ENTIRE_MAPCOUNT,
    FOLIO_LARGE_MAPCOUNT,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_REFCOUNT,
    PAGE_MAPCOUNT,
    SPLIT_QUEUE_LOCK,
)
from folioviz.machine.journal import NOWHERE, STORE, WHY
from folioviz.machine.memory import Sizes
from folioviz.ops.ops import parse_line

if TYPE_CHECKING:
    from folioviz.contention.workloads import Workload
    from folioviz.machine.memory import Machine

SMALL = Sizes(pages=8192, tables=64, vmas=64)
"""A machine that every loop fits into."""
FIELD_OF = {
    RGET: (FOLIO_REFCOUNT, 0),
    RPUT: (FOLIO_REFCOUNT, 0),
    MAPC: (PAGE_MAPCOUNT, 0),
    ENTM: (FOLIO_ENTIRE_MAPCOUNT, 1),
    NRPM: (FOLIO_NR_PAGES_MAPPED, 1),
    LMC: (FOLIO_LARGE_MAPCOUNT, 1),
    MMLOCK: (FOLIO_LARGE_MAPCOUNT, 1),
}
"""A kind of atomic -> its field, and how many struct pages behind that of its index it lies.

A struct page is a cache line of 64 bytes (include/linux/mm_types.h). The first one of a folio has _refcount and the
first page's _mapcount; the second one has the folio's own counts, the owner slots' lock, and the second page's
_mapcount.
"""


class Section(NamedTuple):
    """What is done under split_queue_lock: the folios that are queued (True) or unqueued (False), by their number."""

    moves: tuple[tuple[bool, int], ...]


class Access(NamedTuple):
    """An atomic on a shared line: which line (a page's number), and the field."""

    line: int
    field: str


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop of one CPU.

    Attributes:
        acts: what is shared, in order.
        private: what is counted before each act and after the last, int64 of shape (acts + 1, costs).
        entered: how many operations begin before each act and after the last, int64 of shape (acts + 1,).
        inside: what is counted within each act, int64 of shape (acts, costs).
        folios: how many folios are queued or unqueued in it.
        cleared_pages: the pages that it allocates.
        rows: how many journal rows it stands for.
    """

    acts: tuple[Section | Access, ...]
    private: np.ndarray
    entered: np.ndarray
    inside: np.ndarray
    folios: int
    cleared_pages: int
    rows: int

    def costs(self) -> dict[str, int]:
        """Return what one loop costs: every cost name with its count."""
        total = self.private.sum(axis=0) + self.inside.sum(axis=0)
        return dict(zip(COSTS, map(int, total), strict=True))


@lru_cache(maxsize=128)
def compiled(kernel: str, workload: Workload) -> Loop:
    """Run a workload under a kernel and return its loop; some 0.1 s, then kept.

    Raises:
        KernelError: if there is no such kernel.
        OperationError: if the kernel refuses one of its operations.
        DocumentError: if the loop cannot be repeated, hits a bug, or moves folios between lists of the kernel.
    """
    lab = Lab(kernel, sizes=SMALL, calls=False)
    for op in parse_line(workload.setup):
        lab.apply(op)
    machine = lab.machine
    before, shared = int(machine.split_queue_len[0]), _mapped(machine)
    steps = [lab.apply(op) for op in parse_line(workload.loop)]
    if machine.bugs():
        raise DocumentError(f"{workload.name} under {lab.kernel.key} runs into {', '.join(machine.bugs())}")
    if int(machine.split_queue_len[0]) != before or not np.array_equal(_mapped(machine), shared):
        raise DocumentError(f"the loop of {workload.name} cannot be repeated: it does not end as it began")
    reader = _Reader(machine, shared)
    for step in steps:
        reader.reads(lab.journal[step.start : step.end].tolist())
    return reader.loop()


def _mapped(machine: Machine) -> np.ndarray:
    """Return which pages are of a folio that somebody keeps, bool of shape (pages,)."""
    kept: np.ndarray = machine.folio_refcount[machine.page_folio] > 0
    return kept


class _Reader:
    """What was read of a journal so far."""

    def __init__(self, machine: Machine, shared: np.ndarray) -> None:
        """Begin with private work."""
        self._base = machine.base
        self._shared = shared
        self._acts: list[Section | Access] = []
        self._private = [np.zeros(len(COSTS), np.int64)]
        self._entered = [0]
        self._inside: list[np.ndarray] = []
        self._moves: list[bool] | None = None
        self._named: list[int] = []
        self._numbers: dict[int, int] = {}
        self._rows = 0

    def reads(self, rows: list[list[int]]) -> None:
        """Read the rows of the next operation."""
        self._entered[-1] += 1
        self._rows += len(rows)
        for place, (kind, address, old, new) in enumerate(rows):
            if kind == WHY:
                self.decides(old)
            elif kind > STORE:
                self.counts(kind, new if address == NOWHERE else 1)
                if kind in FIELD_OF:
                    self.touches(kind, rows[place + 1][1] if address == NOWHERE else address)
            elif address == self._base[SPLIT_QUEUE_LOCK]:
                self.unlocks()

    def counts(self, kind: int, times: int) -> None:
        """Count an event: within a section once the lock is taken, else among the private work."""
        if kind == SQLOCK:
            self._moves, self._named = [], []
            self._inside.append(np.zeros(len(COSTS), np.int64))
        if self._moves is None:
            self._private[-1][kind - 1] += times
            return
        self._inside[-1][kind - 1] += times
        if kind in {QADD, QDEL}:
            self._moves.append(kind == QADD)

    def decides(self, folio: int) -> None:
        """Note the folio of a decision: under the lock it is the one that is queued or unqueued."""
        if self._moves is not None:
            self._named.append(self._numbers.setdefault(folio, len(self._numbers)))

    def unlocks(self) -> None:
        """End a section."""
        if self._moves is None:
            return
        if self._moves and len(self._moves) != len(self._named):
            raise DocumentError(
                "a section under split_queue_lock that moves more than it names is not simulated"
            )
        self._end(Section(tuple(zip(self._moves, self._named, strict=True)) if self._moves else ()))
        self._moves = None

    def touches(self, kind: int, address: int) -> None:
        """Make an act of an atomic, if its line is a folio's that all CPUs map."""
        number, behind = FIELD_OF[kind]
        page = address - self._base[number]
        if self._moves is not None or not self._shared[page]:
            return
        self._private[-1][kind - 1] -= 1
        self._inside.append(np.zeros(len(COSTS), np.int64))
        self._inside[-1][kind - 1] = 1
        self._end(Access(page + behind, FIELDS[number].label))

    def _end(self, act: Section | Access) -> None:
        """Add an act; private work follows."""
        self._acts.append(act)
        self._private.append(np.zeros(len(COSTS), np.int64))
        self._entered.append(0)

    def loop(self) -> Loop:
        """Return the loop."""
        inside = np.array(self._inside, np.int64).reshape(-1, len(COSTS))
        private = np.array(self._private, np.int64)
        pages = int((private.sum(axis=0) + inside.sum(axis=0))[COSTS["palloc"].kind - 1])
        entered = np.array(self._entered, np.int64)
        return Loop(tuple(self._acts), private, entered, inside, len(self._numbers), pages, self._rows)
