"""The same operations on several kernels: what they cost, what differs, and which kernel hits a bug."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from folioviz import kernels
from folioviz.errors import KernelError, OperationError
from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.machine.fields import FIELDS, OF_FOLIO, OF_PAGE, PAGE_MAPCOUNT
from folioviz.machine.memory import MAX_ORDER
from folioviz.readout.counters import COUNTERS, MTHP_STATS, UNDERUSED, kept_stats, size_name
from folioviz.readout.explain import failure
from folioviz.readout.records import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from folioviz.ops.op import Op

Value: TypeAlias = int | str | tuple[int, ...] | None
"""What a kernel has at one place; None: the thing is not there, or the kernel's run has ended."""

COMPARED = tuple(row for row in (*OF_FOLIO, *OF_PAGE) if row.record)
FOLIO_FIELDS = {row.record: row.word for row in COMPARED}
"""A folio's field in a record -> what a reader calls it; fields of pages come last, as [value, count, ...]."""
DROPPED = {name for kernel in kernels.KERNELS.values() for name in kernel.drops}
KEPT_BY_SOME = {row.word for row in COMPARED if row.some or row.name in DROPPED}
"""Fields of a folio that are not compared where a kernel does not keep them."""
ZERO = dict.fromkeys(COSTS, 0)
NO_STATS = (0,) * len(MTHP_STATS)


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


class Difference(msgspec.Struct, frozen=True):
    """Something that is not the same under all kernels: its name, and its value under each, in their order."""

    what: str
    values: tuple[Value, ...]


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
        new: dict[str, Any] = {"split queue": tuple(record["Q"])}
        new |= zip((*COUNTERS, *self.stats[:1]), record["S"], strict=False)
        for order in range(1, MAX_ORDER + 1) if self.stats[1:] else ():
            stats = record["M"].get(str(order), NO_STATS)
            new |= {f"{size_name(order)} {name}": n for name, n in zip(self.stats[1:], stats, strict=False)}
        new |= {f"process {mm} rss": rss for mm, rss in record["R"].items()}
        new |= {f"process {mm} page tables": tuple(runs) for mm, runs in record["P"].items()}
        counts_pages = self.lab.machine.maintains(PAGE_MAPCOUNT)
        new |= {f"folio {folio['id']}": _folio(folio, counts_pages) for folio in record["F"]}
        spans = zip(record["X"][::2], record["X"][1::2], strict=True)
        gone = [f"folio {first + more}" for first, count in spans for more in range(count)]
        gone += [
            f"process {mm} {what}" for mm in self.mms - set(record["R"]) for what in ("rss", "page tables")
        ]
        self.mms = set(record["R"])
        changed = {name for name, value in new.items() if state.get(name) != value}
        changed |= {name for name in gone if state.pop(name, None) is not None}
        state |= new
        return changed


def _folio(record: dict[str, Any], counts_pages: bool) -> dict[str, Value]:
    """Return a folio's record with names that a reader knows; None for what its kernel does not count."""
    values = {name: record.get(key) for key, name in FOLIO_FIELDS.items()}
    if record["o"] and not counts_pages:
        values[FIELDS[PAGE_MAPCOUNT].word] = None
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what to sort a name by, so that folio 10 comes after folio 9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _differences(names: Iterable[str], states: Sequence[dict[str, Any] | None]) -> tuple[Difference, ...]:
    """Return which of the named things are not the same in all states; a state that is None is left out."""
    found: list[Difference] = []
    for name in names:
        values = [None if state is None else state.get(name) for state in states]
        having = [value for value, state in zip(values, states, strict=True) if state is not None]
        if all(value == having[0] for value in having) or (name in KEPT_BY_SOME and None in having):
            continue
        if all(isinstance(value, dict) for value in having):
            inner = _differences(FOLIO_FIELDS.values(), values)
            found += [Difference(f"{name} {field.what}", field.values) for field in inner]
        else:
            found.append(
                Difference(name, tuple("live" if isinstance(value, dict) else value for value in values))
            )
    return tuple(found)


def _common_stats(labs: Sequence[Lab]) -> tuple[str, ...]:
    """Return the counters that all kernels keep and v6.5 does not: of underused folios, then of each size."""
    kept = frozenset.intersection(*(lab.machine.keeps for lab in labs))
    underused = "thp_underused_split_page"
    return (*([underused] if kept >= UNDERUSED else []), *kept_stats(kept))


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
    stats = _common_stats(labs)
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
        state = _differences(sorted(changed, key=_natural), states)
        differing = {name for name in differing | changed if _differences([name], states)}
        compared.append(Compared(op.short(), outcomes, _differences(both, costs), state))
    return Comparison(
        tuple(lab.kernel.key for lab in labs),
        labs[0].mmu_gather,
        tuple(compared),
        tuple({name: run.totals[name] for name in COSTS if run.totals[name]} for run in runs),
        _differences(sorted(differing, key=_natural), [run.state for run in runs]),
    )
