"""What each CPU does for a few microseconds: it works, waits, or holds a lock or a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from folioviz import kernels as registry
from folioviz.contention import words
from folioviz.contention.curves import checked_cpus, named
from folioviz.contention.loops import compiled
from folioviz.contention.program import priced
from folioviz.contention.simulation import simulate
from folioviz.errors import LimitError

if TYPE_CHECKING:
    from folioviz.contention.hardware import Hardware
    from folioviz.contention.workloads import Workload

SPANS_NS = (1e3, 1e6)
MOST_BUSY = 5000
"""So many turns are drawn at most; later ones are left out, and the span ends there."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """Turns at locks and lines, in the order of arrival; what a CPU does between them is private work.

    Attributes:
        kernel: the key.
        cpus: how many lanes.
        ns: how long the picture is.
        cpu: whose turn, int64 of shape (n,).
        arrived: nanoseconds from the picture's left edge at which it arrived, float64 of shape (n,); clipped to 0..ns.
        got: from when on it held the lock or the line; until then it waits.
        left: until when.
        label: "simulated".
        assumptions: sentences.
        missing: sentences.
    """

    kernel: str
    cpus: int
    ns: float
    cpu: np.ndarray
    arrived: np.ndarray
    got: np.ndarray
    left: np.ndarray
    label: str
    assumptions: tuple[str, ...]
    missing: tuple[str, ...]


def lanes(
    kernel: str,
    cpus: int = 8,
    workload: str | Workload = "fault-unmap",
    hardware: Hardware | None = None,
    ns: float = 12_000.0,
) -> Lanes:
    """Simulate, and return what happens from the first turn on, once the CPUs have run for a while.

    Raises:
        LimitError: if the span is not 1,000 to 1,000,000 ns, or as :func:`folioviz.contention`.
    """
    least, most = SPANS_NS
    if not least <= ns <= most:
        raise LimitError.of("the span of the lanes", ns, f"{least:,g} to {most:,.0f} ns")
    key, found = registry.find(kernel).key, named(workload)
    asked = hardware or found.hardware
    run = simulate(priced(compiled(key, found), asked), checked_cpus(cpus), asked, watched=True)
    table = np.array(run.busy, np.float64).reshape(-1, 4)
    table = table[table[:, 3] > run.since]
    begin = max(run.since, float(table[0, 1])) if len(table) else run.since
    table = table[table[:, 1] < begin + ns]
    if len(table) > MOST_BUSY:
        ns = float(table[MOST_BUSY, 1]) - begin
        table = table[:MOST_BUSY]
    times = np.clip(table[:, 1:] - begin, 0.0, ns)
    return Lanes(
        key,
        cpus,
        ns,
        table[:, 0].astype(np.int64),
        times[:, 0],
        times[:, 1],
        times[:, 2],
        words.LABEL,
        words.assumptions(found, asked),
        words.missing(found),
    )
