"""A schedule that was played: a history like any other, in which each row knows its CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

import numpy as np

from folioviz import rehearsal
from folioviz.kernels import observers
from folioviz.lab import Applied, Lab
from folioviz.machine import journal
from folioviz.machine.view import View
from folioviz.ops import ops
from folioviz.ops.op import Op
from folioviz.race.memory import SIZES, ManyMachine
from folioviz.race.words import ONE_QUEUE, OWN, refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FunctionType, ModuleType

    from folioviz.kernels.kernel import Kernel
    from folioviz.machine.memory import Sizes
    from folioviz.rehearsal import Rehearsal


LOOKED_AT: Final = "a schedule of several CPUs is looked at, and nothing is done in it or after it"
"""Why no operation can be done there."""


class Step(NamedTuple):
    """One event of a CPU on memory that others could see, or a lock that it releases.

    Attributes:
        cpu: whose.
        row: the journal's length before it; after it where the step is a look that the function goes on from by itself.
        kind: what it does, a kind of :mod:`folioviz.race.cpu`.
        thing: what it does that to, like ``_refcount[0]`` or ``PTL[1]``.
        functions: the kernel functions that it is in, innermost first.
    """

    cpu: int
    row: int
    kind: int
    thing: str
    functions: tuple[str, ...]


class Together(Op, frozen=True):
    """Operations of several CPUs at the same time."""

    call = "together"
    example: ClassVar[str] = ""
    operations: str

    def short(self) -> str:
        """Return the operations, CPU by CPU."""
        return self.operations


class History(Lab):
    """A setup, and what several CPUs did after it.

    All that a :class:`folioviz.lab.Lab` can do works: seek, rows, costs, the machine at every row. The setup's
    operations are in ``applied`` one by one, what the CPUs do is the last.

    Attributes:
        cpus: the CPU of each row, int8; -1 in the setup.
        steps: what the CPUs did, in order.
        violation: the law that was broken at the end of it, or "".
        over: whether every CPU is done.
        schedule: the text that was played.
        adopted: whether a schedule was played: from then on the history is looked at.
    """

    def __init__(
        self,
        kernel: str,
        mmu_gather: str,
        patches: Iterable[FunctionType | ModuleType],
        sizes: Sizes | None,
        cpus: int,
    ) -> None:
        """Boot a machine with several CPUs."""
        super().__init__(kernel, mmu_gather, (observers, *patches), sizes or SIZES)
        one = self.machine
        self.machine = self.many = ManyMachine(one.sizes, one.keeps, one.drops, cpus)
        self._view = View(self.machine)
        self.cpus = np.empty(0, np.int8)
        self.steps: tuple[Step, ...] = ()
        self.violation, self.over, self.schedule = "", False, ""
        self.adopted = False

    def _refusal(self, op: Op, kernel: Kernel, functions: Mapping[str, Any]) -> str | None:
        """Return why an operation cannot be done at the cursor by a kernel that has these functions."""
        if op.word in OWN:
            migrates = "folio_clear_partially_mapped" in functions
            return refused(self.machine, op, migrates=migrates)
        if isinstance(op, ops.Cgroup | ops.Rmcgroup):
            return f"{op.short()!r}: {ONE_QUEUE}"
        return super()._refusal(op, kernel, functions)

    def refusal(self, op: Op) -> str | None:
        """Return why an operation cannot be done; after a schedule none can: locks are held, and CPUs not done."""
        return LOOKED_AT if self.adopted else super().refusal(op)

    def rehearse(
        self, op: Op, kernel: str = "", without: Iterable[str] = (), until: Iterable[int] = ()
    ) -> Rehearsal:
        """Return what an operation would do; of what is there in a schedule, or after it, nothing is asked."""
        if self.adopted:
            return rehearsal.refused(LOOKED_AT, self.linked)
        return super().rehearse(op, kernel, without, until)

    def take_back(self, row: int) -> None:
        """Go back to a row and forget what comes after it."""
        self.seek(row)
        self.cut()

    def adopt(self, operations: str, rows: list[tuple[int, int, int, int]], cpus: list[int]) -> None:
        """Take in what CPUs did after the setup; rows of locks that cost nothing are left out."""
        start, size = self.cursor, self.machine.mem.size
        self.many.share_settings()
        kept = [place for place, row in enumerate(rows) if row[0] >= journal.WHY or row[1] < size]
        self.cpus = np.full(start + len(kept), -1, np.int8)
        self.cpus[start:] = [cpus[place] for place in kept]
        before = np.cumsum([0, *(row[0] >= journal.WHY or row[1] < size for row in rows)])
        self.steps = tuple(step._replace(row=start + int(before[step.row])) for step in self.steps)
        if kept:
            self.journal.extend(np.array([rows[place] for place in kept], np.int32))
        self.applied.append(Applied(Together(operations), start, len(self.journal), 0))
        self.adopted = True
        self.seek(len(self.journal))

    def cpus_of(self, start: int, end: int) -> np.ndarray:
        """Return the CPU of each row ``[start, end)``, int8; -1 in the setup."""
        return self.cpus[start:end]

    def again(self, index: int, **override: Any) -> np.ndarray:
        """Do an operation once more; what several CPUs did is not done again, its rows are those that it left."""
        return (
            self.rows(index)
            if isinstance(self.applied[index].op, Together)
            else super().again(index, **override)
        )

    def costs_of(self, cpu: int) -> dict[str, int]:
        """Return what one CPU's rows cost; -1 is the setup."""
        return journal.costs(self.journal[:][self.cpus == cpu])
