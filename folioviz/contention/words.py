"""What has to be said wherever the numbers are shown: that they are simulated, from what, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.contention.hardware import PLAUSIBLE_NS
from folioviz.contention.prices import PRICES

if TYPE_CHECKING:
    from folioviz.contention.hardware import Hardware
    from folioviz.contention.workloads import Workload

LABEL = "simulated"
MISSING = (
    "Missing: the zone's lock and the LRU lists' locks (zone->lock, lru_lock), which the same CPUs also meet at.",
    "Missing: mmap_lock, page table locks and the locks of the anon_vma.",
    "Missing: what charging a memory cgroup costs, and its shared counters.",
    "Missing: NUMA. All memory is one node, near to every CPU.",
    "Missing: interrupts, also what a flush costs the CPU that gets its IPI; the scheduler; CPUs that share a core.",
)
"""What is not simulated."""
OF_FORKS = (
    "Missing: dup_mmap() holds mmap_lock, so real forks of one process do not overlap. It weighs most here."
)
VERDICT = (
    "Which kernels meet at a lock or a line is counted; from how many CPUs on that costs speed, and how much, "
    "depends on the assumptions."
)
"""What may be concluded."""


def missing(workload: Workload) -> tuple[str, ...]:
    """Return what is not simulated, a sentence each, what weighs most in a workload first."""
    return (OF_FORKS, *MISSING) if workload.name == "fork-exit" else MISSING


def assumptions(workload: Workload, hardware: Hardware) -> tuple[str, ...]:
    """Return what a simulation assumes, a sentence each."""
    low, high = PLAUSIBLE_NS
    queues = (
        "There is one split queue; its"
        if hardware.queues == 1
        else f"There are {hardware.queues} split queues, one per memory cgroup; each"
    )
    user = f", and then {_time(hardware.user_ns)} of its own time" if hardware.user_ns else ""
    clears = (
        f"memory takes {hardware.bandwidth_gb:g} GB/s of that"
        if hardware.bandwidth_gb
        else "memory has no limit"
    )
    near, far = _time(hardware.near_ns), _time(hardware.far_ns)
    return (
        "Simulated, not measured: what one loop costs is the model's journal, each event at a price in nanoseconds.",
        f"Every CPU repeats one loop: {workload.title}{user}. Private work takes up to half more or less.",
        f"A cache line takes {near} from a CPU of the same socket, {far} from another one.",
        f"A socket has {hardware.cpus_per_socket} CPUs. From-to is what lines of {low:g} to {high:g} ns would give.",
        f"{queues} lock goes to whoever came first. Head, length and lock are one line.",
        f"An atomic on an own line takes {_time(hardware.atomic_ns)}, a TLB flush {_time(hardware.flush_ns)}.",
        f"To clear a page takes {PRICES['palloc'].ns:g} ns; {clears}.",
        "A look at another CPU's line without its lock is free, and so is a plain store to an own line.",
    )


def _time(ns: float) -> str:
    """Return a time as a person says it."""
    for unit, one in (("ms", 1e6), ("us", 1e3)):
        if ns >= one:
            return f"{ns / one:g} {unit}"
    return f"{ns:g} ns"
