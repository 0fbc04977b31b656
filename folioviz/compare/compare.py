"""The same operations on several kernels: what they cost, what differs, and which kernel hits a bug."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from folioviz import kernels
from folioviz.compare.state import (
    QUEUE,
    Difference,
    common_stats,
    differences,
    folio_of,
    natural,
    node,
    queues_of,
)
from folioviz.errors import KernelError, OperationError
from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import PAGE_MAPCOUNT
from folioviz.readout.explain import failure
from folioviz.readout.records import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from folioviz.ops.op import Op

ZERO = dict.fromkeys(COSTS, 0)


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one operation under one kernel.

    Attributes:
        result: what the kernel function returned; None if the operation was not done.
        costs: what it cost, by the names of :data:`folioviz.machine.costs.COSTS`, zeros left out;
            empty if it hit a bug.
        refused: why it could not be done under this kernel, or ''.
        bugs: the kernel bugs that it hit, the first one first; the kernel's run ends with them.
        failed: why its call ended with an error, behind what it did, or ''.
    """

    result: int | None = None
    costs: dict[str, int] = {}
    refused: str = ""
    bugs: tuple[str, ...] = ()
    failed: str = ""


class Compared(msgspec.Struct, frozen=True):
    """One operation under all kernels.

    Attributes:
        op: the operation, in the short form.
        outcomes: one per kernel; an empty one where the run had ended before.
        costs: the costs that differ.
        state: what differs after the operation, of what it changed under any kernel.
    """

    op: str
    outcomes: tuple[Outcome, ...]
    costs: tuple[Difference, ...]
    state: tuple[Difference, ...]


class Comparison(msgspec.Struct, frozen=True):
    """The same operations under several kernels.

    Attributes:
        kernels: their keys; every tuple of values is in their order.
        mmu_gather: "batched" or "none".
        operations: what each of them did, up to the one at which the last kernel's run ended.
        totals: the cost of all operations, one mapping per kernel, zeros left out.
        state: all that differs after the last operation, among the kernels whose run has not ended.
    """

    kernels: tuple[str, ...]
    mmu_gather: str
    operations: tuple[Compared, ...] = msgspec.field(name="steps")
    totals: tuple[dict[str, int], ...]
    state: tuple[Difference, ...]

    def ended(self, kernel: int) -> int | None:
        """Return the index of the operation at which a kernel hit a bug, or None if it hit none."""
        return next((index for index, one in enumerate(self.operations) if one.outcomes[kernel].bugs), None)


class _Run:
    """One kernel's side of a comparison: its lab, and what its machine holds, folded from the lab's records."""

    def __init__(self, lab: Lab, stats: Sequence[str]) -> None:
        self.lab = lab
        self.stats = stats
        self.recorder = Recorder(lab)
        self.state: dict[str, Any] | None = {}
        """Name -> value, folios and processes as "folio 1" and so on; None once the run has ended."""
        self.totals: Counter[str] = Counter()
        self.mms: set[str] = set()

    def do(self, op: Op) -> tuple[Outcome, set[str]]:
        """Do one operation; return what became of it and the names of what it changed."""
        if self.state is None:
            return Outcome(), set()
        record = self.recorder.record(op)
        if "B" in record:
            self.state = None
            return Outcome(record["r"], bugs=tuple(record["B"])), set()
        if "C" not in record:
            return Outcome(refused=self.lab.refusal(op) or ""), set()
        self.totals.update(record["C"])
        failed = failure(self.lab.rows(-1)) if record["r"] < 0 else ""
        return Outcome(record["r"], record["C"], failed=failed), self._fold(self.state, record)

    def _fold(self, state: dict[str, Any], record: dict[str, Any]) -> set[str]:
        """Take in one operation's record and return the names of what it changed."""
        queues = queues_of(record["Q"])
        new: dict[str, Any] = {**queues, **node(self.lab.machine, self.stats)}
        new |= {f"process {mm} rss": rss for mm, rss in record["R"].items()}
        new |= {f"process {mm} page tables": tuple(runs) for mm, runs in record["P"].items()}
        counts_pages = self.lab.machine.maintains(PAGE_MAPCOUNT)
        new |= {f"folio {folio['id']}": folio_of(folio, counts_pages) for folio in record["F"]}
        spans = zip(record["X"][::2], record["X"][1::2], strict=True)
        gone = [f"folio {first + more}" for first, count in spans for more in range(count)]
        gone += [name for name in state if name.startswith(QUEUE) and name not in queues]
        gone += [
            f"process {mm} {what}" for mm in self.mms - set(record["R"]) for what in ("rss", "page tables")
        ]
        self.mms = set(record["R"])
        changed = {name for name, value in new.items() if state.get(name) != value}
        changed |= {name for name in gone if state.pop(name, None) is not None}
        state |= new
        return changed


def compare(operations: Iterable[Op], keys: Iterable[str], mmu_gather: str = "batched") -> Comparison:
    """Do the same operations under several kernels.

    A kernel's run ends where it hits a bug. An operation that only some of the kernels can do (the ids of folios may
    diverge) is noted where it cannot be done, and the run goes on.

    Args:
        operations: what to do, in order.
        keys: the kernels' keys or aliases, at least one.
        mmu_gather: "batched" or "none".

    Raises:
        KernelError: for an unknown kernel or mode, or if no kernel is given.
        OperationError: if none of the kernels can do an operation, naming its number.
        LimitError: if a history grows too long.
    """
    return compare_in([Lab(key, mmu_gather) for key in keys], operations)


def compare_in(labs: Sequence[Lab], operations: Iterable[Op]) -> Comparison:
    """Do what :func:`compare` does, in labs that are new; afterwards they hold the histories."""
    if not labs:
        raise KernelError("no kernel to compare: at least one is needed")
    stats = common_stats([lab.machine for lab in labs])
    runs = [_Run(lab, stats) for lab in labs]
    kept = [kernels.keeps(lab.kernel) for lab in labs]
    both = [name for name, row in COSTS.items() if all(row.is_known(keeps) for keeps in kept)]
    compared: list[Compared] = []
    differing: set[str] = set()
    for number, op in enumerate(operations, start=1):
        running = [run.state is not None for run in runs]
        if not any(running):
            break
        done = [run.do(op) for run in runs]
        outcomes = tuple(outcome for outcome, _ in done)
        refused = [outcome.refused for outcome, runs_on in zip(outcomes, running, strict=True) if runs_on]
        if all(refused):
            raise OperationError(f"operation {number} ({op.short()}): {refused[0]}")
        changed = set().union(*(names for _, names in done))
        costs = [
            None if outcome.result is None or outcome.bugs else ZERO | outcome.costs for outcome in outcomes
        ]
        states = [run.state for run in runs]
        state = differences(sorted(changed, key=natural), states)
        differing = {name for name in differing | changed if differences([name], states)}
        compared.append(Compared(op.short(), outcomes, differences(both, costs), state))
    return Comparison(
        tuple(lab.kernel.key for lab in labs),
        labs[0].mmu_gather,
        tuple(compared),
        tuple({name: run.totals[name] for name in COSTS if run.totals[name]} for run in runs),
        differences(sorted(differing, key=natural), [run.state for run in runs]),
    )
