"""What others have measured, beside what the simulation and the model's counts give: one number is fitted, no more."""

from __future__ import annotations

from typing import NamedTuple

from folioviz.contention.curves import contention
from folioviz.contention.loops import compiled
from folioviz.contention.workloads import workload

JOBS = 96
ELAPSED_BEFORE_S, ELAPSED_AFTER_S = 7 * 60 + 22.15, 6 * 60 + 8.49
SYSTEM_BEFORE_S, SYSTEM_AFTER_S = 12_504.55, 5_047.91
"""A kernel build with ld.lld, without and with the bail-out for folios that are queued already."""
RMAP_BEFORE, RMAP_AFTER = 24.7, 5.5
"""A kernel build on Ampere Altra: billions of cycles in rmap removal, without and with ranges."""
FOLIOS = 64
LLD = "Yin Fengwei, “mm/thp: check and bail out if page in deferred queue already”, 23 Dec 2022"
ALTRA = "Ryan Roberts, “[PATCH v2 5/5] mm/mmu_gather: Store and process pages in contig ranges”, 30 Aug 2023"


class Published(NamedTuple):
    """A published result beside ours.

    Attributes:
        words: what was measured.
        published: by others, on real machines.
        ours: simulated or counted.
        kind: "fitted", "predicted" or "counted".
        source: who, title, date.
    """

    words: str
    published: float
    ours: float
    kind: str
    source: str


def published() -> tuple[Published, ...]:
    """Return every published result that the simulation can be held against; some 2 s, then kept."""
    found = contention(("v6.1.0", "v6.1"), JOBS, "ld.lld")
    speed = found.pages_per_second.middle[:, 0]
    zap = workload("fault-unmap", order=3, folios=FOLIOS)
    without, ranges = (compiled(key, zap).costs() for key in ("v6.5-rc3+v4.1", "v6.5-rc3+v4"))
    return (
        Published(
            "ld.lld: what the bail-out saves of system time, of the time of 96 jobs; ours: waiting",
            (SYSTEM_BEFORE_S - SYSTEM_AFTER_S) / (JOBS * ELAPSED_BEFORE_S),
            float(found.waiting.middle[0, 0]),
            "fitted",
            LLD,
        ),
        Published(
            "ld.lld: how much longer the build takes without the bail-out",
            ELAPSED_BEFORE_S / ELAPSED_AFTER_S,
            float(speed[1] / speed[0]),
            "predicted",
            LLD,
        ),
        Published(
            "Altra: what is left of deferred_split_folio() with ranges; ours: of split_queue_lock taken",
            0.0,
            ranges["sqlock"] / without["sqlock"],
            "counted",
            ALTRA,
        ),
        Published(
            "Altra: how much less rmap removal takes with ranges, in cycles; ours: in updates of counts",
            RMAP_BEFORE / RMAP_AFTER,
            _removals(without) / _removals(ranges),
            "counted",
            ALTRA,
        ),
    )


def _removals(costs: dict[str, int]) -> int:
    """Return how many counts rmap removal updates in a loop; a fault updates one for each folio that comes."""
    return costs["mapc"] + costs["nrpm"] + costs["lru"] - FOLIOS
