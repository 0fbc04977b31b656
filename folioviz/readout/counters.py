"""What the node counts: /proc/vmstat's names, and the statistics of each folio size."""

from __future__ import annotations

from folioviz.machine.memory import (
    NR_ANON_MAPPED,
    NR_ANON_THPS,
    NR_MTHP_STATS,
    THP_DEFERRED_SPLIT_PAGE,
    THP_SPLIT_PAGE,
    THP_SPLIT_PAGE_FAILED,
    THP_SPLIT_PMD,
    Machine,
)
from folioviz.machine.swap import NR_SWAP_STATS, SWAP_STAT_SWPIN, SWPIN_ZERO

COUNTERS = {
    "nr_anon_mapped": (0, NR_ANON_MAPPED),
    "nr_anon_thps": (0, NR_ANON_THPS),
    "thp_deferred_split_page": (1, THP_DEFERRED_SPLIT_PAGE),
    "thp_split_page": (1, THP_SPLIT_PAGE),
    "thp_split_page_failed": (1, THP_SPLIT_PAGE_FAILED),
    "thp_split_pmd": (1, THP_SPLIT_PMD),
}
"""The counters of the node, by name: (0: vmstat, 1: event, index)."""
MTHP_STATS = (
    "split",
    "split_failed",
    "split_deferred",
    "nr_anon",
    "nr_anon_partially_mapped",
)
"""The statistics of one folio size, as in hugepages-*kB/stats, in the order of ``mthp_stat``."""

SWAP_EVENTS = ("pswpin", "pswpout", "thp_swpout", "thp_swpout_fallback", "swpin_zero", "swpout_zero")
"""The events of swap, as in /proc/vmstat, in the order of ``swap_event``."""
SWAP_STATS = ("swpout", "swpout_fallback", "swpin")
"""The statistics of swap of one folio size, in the order of ``swap_stat``."""
UNDERUSED = frozenset({"thp_underused_split_page", "shrink_underused"})
"""What a kernel keeps that splits underused folios: v6.8 to v6.10 have the counter for the vectors alone."""


def kept_stats(keeps: frozenset[str]) -> tuple[str, ...]:
    """Return the statistics of a folio size that a kernel has which keeps these fields: v6.10 has no gauges."""
    if "mthp_stat" not in keeps:
        return ()
    return MTHP_STATS if "folio_partially_mapped" in keeps else MTHP_STATS[:3]


def counters(machine: Machine) -> dict[str, int]:
    """Return the node's counters by the names that /proc/vmstat gives them (the first two are pages)."""
    found = {
        name: int((machine.vmstat, machine.vm_event)[kind][item]) for name, (kind, item) in COUNTERS.items()
    }
    if machine.keeps >= UNDERUSED:
        found["thp_underused_split_page"] = int(machine.thp_underused_split_page[0])
    return found


def swap_events(machine: Machine) -> dict[str, int]:
    """Return what /proc/vmstat counts of swap; empty if the kernel has none; zero pages are known since v6.12."""
    events = machine.swap_event.tolist()
    known = SWAP_EVENTS if machine.folio_partially_mapped.size else SWAP_EVENTS[:SWPIN_ZERO]
    return dict(zip(known, events, strict=False))


def size_name(order: int) -> str:
    """Return what /sys/kernel/mm/transparent_hugepage calls folios of 2**order pages."""
    return f"hugepages-{4 << order}kB"


def size_stats(machine: Machine) -> dict[int, dict[str, int]]:
    """Return the statistics of each folio size that has any, by order; empty if the kernel keeps none."""
    by_order = zip(
        machine.mthp_stat.reshape(-1, NR_MTHP_STATS).tolist(),
        machine.swap_stat.reshape(-1, NR_SWAP_STATS).tolist(),
        strict=True,
    )
    swap = SWAP_STATS if machine.folio_mm_id_0.size else SWAP_STATS[:SWAP_STAT_SWPIN]  # v6.13
    return {
        order: dict(zip(MTHP_STATS, stats, strict=True)) | dict(zip(swap, swaps, strict=False))
        for order, (stats, swaps) in enumerate(by_order)
        if any(stats + swaps)
    }
