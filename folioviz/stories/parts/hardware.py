"""What a story of contention lets one turn: the hardware, the order of the folios, and on how many CPUs one looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from folioviz.contention import PARAMETERS, WORKLOADS, Workload
from folioviz.contention.curves import CPUS as USUAL
from folioviz.contention.published import JOBS
from folioviz.contention.workloads import workload
from folioviz.stories.parts.parts import Slider

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.contention import Hardware
    from folioviz.stories.parts.parts import Values

CPUS = (*USUAL, JOBS)
"""So many CPUs are drawn: as usual, and as many as the machine had on which ld.lld was measured."""
OWN = "own"
"""The time in the program, or the order of the folios, is what the workload has."""
OF_ANY_ORDER = ("fault-unmap", "partial-unmap", "fork-exit")
"""Workloads whose folios may have another order; ld.lld's folio is the one that was published."""
ABOUT = {one.name: one for one in PARAMETERS}


def nanoseconds(ns: int) -> str:
    """Return a time as a slider shows it."""
    for unit, size in (("ms", 1_000_000), ("µs", 1_000)):
        if ns >= size:
            return f"{ns / size:g} {unit}"
    return f"{ns} ns"


def slider(name: str, about: str, title: str, options: Iterable[tuple[str, int | str]]) -> Slider:
    """Return the slider of a parameter of the hardware; it begins at the default, or at the workload's own value."""
    one, offered = ABOUT[about], tuple(options)
    first = next(value for _, value in offered if value in (OWN, one.default))
    return Slider(name, title, offered, first, one.words, source=one.source)


def times(*ns: int) -> list[tuple[str, int | str]]:
    """Return times to choose from."""
    return [(nanoseconds(one), one) for one in ns]


SLIDERS = (
    slider("near", "near_ns", "cache line, from CPU to CPU", times(20, 40, 57, 80, 100, 140)),
    slider("far", "far_ns", "cache line, from another socket", times(57, 100, 140, 200, 300, 500)),
    slider("flush", "flush_ns", "one TLB flush", times(0, 150, 500, 1000, 2000, 3000, 5000)),
    slider("queues", "queues", "split queues (one per memcg)", [(str(n), n) for n in (1, 2, 4, 8, 16, 64)]),
    slider(
        "user",
        "user_ns",
        "time in the program",
        [("workload’s", OWN), *times(0, 1_000, 10_000, 100_000, 1_000_000, 4_000_000)],
    ),
    slider(
        "memory",
        "bandwidth_gb",
        "memory bandwidth",
        [*((f"{n} GB/s", n) for n in (50, 100, 200, 300, 600, 1200)), ("no limit", 0)],
    ),
    Slider(
        "order",
        "order of the folios",
        (("workload’s", OWN), *((f"{n}", n) for n in range(2, 8))),
        OWN,
        "2 is the lowest that is ever queued; ld.lld keeps its folio of 2 MiB",
        source="chosen: order 4 is 64 KiB, of ld.lld 2 MiB as published",
    ),
    Slider(
        "cpus",
        "CPUs in sentence, lanes, table",
        tuple((str(n), n) for n in CPUS),
        16,
        "on how many CPUs the sentence, the lanes and the table look; the curves have all",
        source="chosen: there, by default, one kernel waits and the other does not",
    ),
)


def loop_of(values: Values) -> Workload:
    """Return the workload that is chosen, with folios of the order that is."""
    name, order = values["workload"], values["order"]
    return workload(name, order) if name in OF_ANY_ORDER and order != OWN else WORKLOADS[name]


def hardware(values: Values) -> Hardware:
    """Return the hardware that is chosen; what has no slider is the workload's own."""
    own = WORKLOADS[values["workload"]].hardware
    near = float(values["near"])
    return replace(
        own,
        near_ns=near,
        far_ns=max(near, float(values["far"])),
        flush_ns=float(values["flush"]),
        queues=values["queues"],
        user_ns=own.user_ns if values["user"] == OWN else float(values["user"]),
        bandwidth_gb=float(values["memory"]),
    )
