"""Curves over the number of CPUs: pages per second and the share of time that is waited, as bands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from folioviz import kernels as registry
from folioviz.contention import words
from folioviz.contention.loops import compiled
from folioviz.contention.program import MEMORY, PLACES, priced
from folioviz.contention.simulation import simulate
from folioviz.contention.workloads import Workload, workload
from folioviz.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from folioviz.contention.hardware import Hardware
    from folioviz.contention.simulation import Outcome

KERNELS = ("v6.5-rc3", "v6.5-rc3+v4.1", "v6.5-rc3+v4", "v6.9", "v7.3")
"""The kernels that are compared unless others are named: before the series, 1/3, all of it, what followed."""
CPUS = (1, 2, 4, 8, 16, 32, 64)
MOST_CPUS = 128
MOST_CURVES = 16
AT_MEMORY = PLACES.index(MEMORY)
_Asked = TypeVar("_Asked")


@dataclass(frozen=True, slots=True)
class Band:
    """One quantity, float64 arrays of shape (kernels, cpus), read-only: as asked for, and the plausible range."""

    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, slots=True)
class Contention:
    """What was simulated. Whoever shows a number shows ``label``, ``assumptions`` and ``missing`` with it.

    Attributes:
        kernels: keys, the first axis of every array.
        cpus: how many CPUs, the second axis.
        workload: what each CPU did.
        hardware: on what.
        pages_per_second: of all CPUs together.
        waiting: the share of the CPUs' time, 0 to 1, that they waited for each other: for locks and for lines.
        places: what can be waited for, the third axis of ``waiting_at``; memory is among them, and not in ``waiting``.
        waiting_at: the share of time that was waited for each, float64 of shape (kernels, cpus, places).
        bound: pages per second that no run can exceed: min(N / (Z + S), queues / S), Z private and S under the lock.
        costs: what one loop costs under each kernel, as the model counts it.
        label: "simulated".
        assumptions: sentences.
        missing: sentences.
        verdict: what may be concluded, a sentence.
    """

    kernels: tuple[str, ...]
    cpus: tuple[int, ...]
    workload: Workload
    hardware: Hardware
    pages_per_second: Band
    waiting: Band
    places: tuple[str, ...]
    waiting_at: np.ndarray
    bound: np.ndarray
    costs: tuple[dict[str, int], ...]
    label: str
    assumptions: tuple[str, ...]
    missing: tuple[str, ...]
    verdict: str


def contention(
    kernel: str | Iterable[str] = KERNELS,
    cpus: int | Iterable[int] = CPUS,
    workload: str | Workload = "fault-unmap",
    hardware: Hardware | None = None,
) -> Contention:
    """Simulate CPUs that repeat one loop; deterministic, at most some 0.5 s per kernel that meets a lock, then kept.

    Args:
        kernel: one or several keys or aliases of :data:`folioviz.KERNELS`.
        cpus: one or several numbers of CPUs, 1 to 128.
        workload: a name of :data:`folioviz.contention.WORKLOADS`, or what :func:`folioviz.contention.workload` returns.
        hardware: other than the workload's own.

    Raises:
        KernelError: if there is no such kernel.
        LimitError: if a number is outside its bounds.
        DocumentError: if there is no such workload, or its loop cannot be repeated under a kernel.
        OperationError: if a kernel refuses one of its operations.
    """
    names = [kernel] if isinstance(kernel, str) else kernel
    keys = _once("the number of kernels", (registry.find(name).key for name in names))
    numbers = [cpus] if isinstance(cpus, int) else cpus
    counts = _once("the number of CPU counts", (checked_cpus(number) for number in numbers))
    found = named(workload)
    asked = hardware or found.hardware
    runs = [
        [[point(key, found, one, number) for number in counts] for key in keys]
        for one in (asked, *asked.band())
    ]
    waited = _array(runs[0], lambda run, cpus: np.array(run.waited) / (run.ns * cpus), counts)
    return Contention(
        kernels=keys,
        cpus=counts,
        workload=found,
        hardware=asked,
        pages_per_second=_band(runs, lambda run, _: run.loops * found.pages / run.ns * 1e9, counts),
        waiting=_band(runs, waiting_share, counts),
        places=PLACES,
        waiting_at=waited,
        bound=_array(runs[0], lambda run, cpus: found.pages * 1e9 * limit(run, cpus, asked), counts),
        costs=tuple(compiled(key, found).costs() for key in keys),
        label=words.LABEL,
        assumptions=words.assumptions(found, asked),
        missing=words.missing(found),
        verdict=words.VERDICT,
    )


def named(found: str | Workload) -> Workload:
    """Return a workload of the library by its name, or one as it is."""
    return workload(found) if isinstance(found, str) else found


def checked_cpus(number: int) -> int:
    """Return a number of CPUs.

    Raises:
        LimitError: if it is none that can be simulated.
    """
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST_CPUS:
        raise LimitError.of("the number of CPUs", number, f"a whole number from 1 to {MOST_CPUS}")
    return number


@lru_cache(maxsize=4096)
def point(key: str, found: Workload, hardware: Hardware, cpus: int) -> Outcome:
    """Simulate one kernel on so many CPUs, and keep what came of it."""
    return simulate(priced(compiled(key, found), hardware), cpus, hardware)


def waiting_share(run: Outcome, cpus: int) -> float:
    """Return the share of time that CPUs waited for each other; memory is not among that."""
    return (sum(run.waited) - run.waited[AT_MEMORY]) / (run.ns * cpus)


def limit(run: Outcome, cpus: int, hardware: Hardware) -> float:
    """Return the loops per nanosecond that no queue of such CPUs can exceed, by what was measured."""
    work, inside = run.work / run.loops, run.inside / run.loops
    return min(cpus / (work + inside), min(cpus, hardware.queues) / inside if inside else np.inf)


def _once(thing: str, asked: Iterable[_Asked]) -> tuple[_Asked, ...]:
    """Return what was asked for, each once."""
    found = tuple(dict.fromkeys(asked))
    if not 1 <= len(found) <= MOST_CURVES:
        raise LimitError.of(thing, len(found), f"1 to {MOST_CURVES}")
    return found


def _array(
    runs: list[list[Outcome]], of: Callable[[Outcome, int], object], counts: tuple[int, ...]
) -> np.ndarray:
    """Return one quantity of every run, float64 of shape (kernels, cpus, ...), read-only."""
    found = np.array(
        [[of(run, cpus) for run, cpus in zip(row, counts, strict=True)] for row in runs], np.float64
    )
    found.flags.writeable = False
    return found


def _band(
    runs: list[list[list[Outcome]]], of: Callable[[Outcome, int], float], counts: tuple[int, ...]
) -> Band:
    """Return one quantity as asked for, and its least and greatest value in the plausible range."""
    arrays = np.array([_array(one, of, counts) for one in runs])
    low, high = arrays.min(axis=0), arrays.max(axis=0)
    low.flags.writeable = high.flags.writeable = False
    return Band(low, _array(runs[0], of, counts), high)
