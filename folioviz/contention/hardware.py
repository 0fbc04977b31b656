"""The hardware that is simulated: every number that the journal does not know, with its bounds and its source."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple, cast

from folioviz.errors import LimitError

PLAUSIBLE_NS = (20.0, 140.0)
"""What a line from another core of the same socket takes, on machines of today: results are bands over this range."""
HERE = "measured in Nov 2026 on a virtual machine with two CPUs of one Emerald Rapids socket, the best of many runs"


class Parameter(NamedTuple):
    """One number of the hardware, for a slider, a command line or a page.

    Attributes:
        name: the attribute of :class:`Hardware`.
        words: what it is.
        unit: "ns", "GB/s" or "".
        default: unless something else is asked for.
        least: the lowest value that is allowed.
        most: the highest.
        source: where the default is from: measured, counted or assumed, in words.
    """

    name: str
    words: str
    unit: str
    default: float
    least: float
    most: float
    source: str


def _number(default: float, unit: str, least: float, most: float, words: str, source: str) -> Any:
    """Return a field of a dataclass that knows its bounds and its source."""
    about = {"words": words, "unit": unit, "least": least, "most": most, "source": source}
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True)
class Hardware:
    """What CPUs and memory take; times in nanoseconds, as ``_ns`` says. The table is :data:`PARAMETERS`."""

    atomic_ns: float = _number(
        6.0, "ns", 0.0, 1000.0, "an atomic on a line that this CPU owns", f"{HERE} (lock xadd)"
    )
    near_ns: float = _number(
        57.0,
        "ns",
        0.0,
        1000.0,
        "a cache line from another CPU of the same socket",
        f"{HERE} (two threads that take turns on one line)",
    )
    far_ns: float = _number(
        140.0,
        "ns",
        0.0,
        5000.0,
        "a cache line from another socket",
        "assumed: some two and a half times as far; nothing here had two sockets",
    )
    cpus_per_socket: int = _number(64, "", 1, 1024, "CPUs in a socket", "assumed")
    user_ns: float = _number(
        0.0,
        "ns",
        0.0,
        1e9,
        "time in the program between two loops, on average; it varies as an exponential does",
        "assumed: none, which is the worst case",
    )
    flush_ns: float = _number(
        150.0,
        "ns",
        0.0,
        1e6,
        "one TLB flush",
        "assumed: no other CPU runs the process; with an IPI to others it is some 1,000 to 5,000 ns",
    )
    bandwidth_gb: float = _number(
        300.0,
        "GB/s",
        0.0,
        1e5,
        "what memory takes of pages being cleared; 0 is no limit",
        "counted: 8 channels of DDR5-4800 are 307 GB/s",
    )
    queues: int = _number(
        1,
        "",
        1,
        1024,
        "split queues, each with its lock: one per memory cgroup that works; the CPUs are dealt out evenly",
        "counted: the CPUs work for one memory cgroup, on one node",
    )

    def __post_init__(self) -> None:
        """Check the bounds.

        Raises:
            LimitError: naming the number, its value and what is allowed.
        """
        for one in PARAMETERS:
            value = getattr(self, one.name)
            whole = isinstance(one.default, int)
            right = isinstance(value, int) if whole else isinstance(value, int | float)
            if isinstance(value, bool) or not right or not one.least <= value <= one.most:
                unit = f" {one.unit}" if one.unit else ""
                bound = f"{'a whole number from ' if whole else ''}{one.least:,g} to {one.most:,g}{unit}"
                raise LimitError.of(f"{one.name} ({one.words})", value, bound)
        if self.far_ns < self.near_ns:
            raise LimitError.of("far_ns", self.far_ns, f"at least near_ns, {self.near_ns:g} ns")

    def band(self) -> tuple[Hardware, Hardware]:
        """Return this hardware at both ends of the plausible range of line transfers; far lines are never nearer."""
        low, high = (replace(self, near_ns=near, far_ns=max(near, self.far_ns)) for near in PLAUSIBLE_NS)
        return low, high


PARAMETERS: tuple[Parameter, ...] = tuple(
    Parameter(one.name, default=cast("float", one.default), **one.metadata) for one in fields(Hardware)
)
"""The table, in the order of the dataclass."""
