"""Kernels beside the registry: a kernel with one text changed, so that a race is seen before and after its fix.

No picker, table or sweep lists them: they differ from their parents only where several CPUs meet, and stand beside them
in :mod:`folioviz.race`. :func:`folioviz.kernels.find` knows them like the others.
"""

from __future__ import annotations

from folioviz.kernels.kernel import READING, Change, Kernel
from folioviz.kernels.since_v6_8 import migrate_freeze
from folioviz.kernels.since_v6_12 import migrate_requeue_first
from folioviz.kernels.variants import migrate_memcg, scan_batch, scan_unlocked

VARIANTS: dict[str, Kernel] = {
    kernel.key: kernel
    for kernel in (
        Kernel(
            "v6.9+memcg",
            "v6.9 memcg",
            "A migration takes the old folio off the queue, as with memory cgroups, while others may hold it.",
            "v6.9",
            "12 May 2024",
            "Linux v6.9, mm/memcontrol.c, mem_cgroup_migrate(): before be9581ea8c05",
            READING,
            (migrate_memcg,),
            "",
            era="mTHP",
            line="a migration unqueues the old folio, whoever holds it",
        ),
        Kernel(
            "v6.9+unqueue-frozen",
            "v6.9 fixed",
            "A migration freezes the old folio while it takes it off the queue.",
            "v6.9",
            "2 Jul 2024",
            "mm: fix crashes from deferred split racing folio migration, be9581ea8c05, v6.10",
            READING,
            (migrate_freeze,),
            "",
            era="mTHP",
            line="a migration freezes the folio that it unqueues",
        ),
        Kernel(
            "v6.12-rc",
            "v6.12-rc",
            "The shrinker unlinks a folio that it drops, and counts it out, without split_queue_lock.",
            "v6.12",
            "Sep 2024",
            "Linux v6.12-rc1, mm/huge_memory.c: before e66f3185fa04",
            READING,
            (scan_unlocked,),
            "",
            era="today",
            line="the shrinker counts a dropped folio out without the lock",
        ),
        Kernel(
            "v6.12+scan-v6.19",
            "v6.19's scan",
            "The shrinker takes folios off the queue as it picks them, and puts back what stays, under the lock.",
            "v6.12",
            "10 Nov 2025",
            "mm: thp: use folio_batch to handle THP splitting in deferred_split_scan(), 776bde7caf80, v6.19",
            READING,
            (scan_batch,),
            "",
            era="today",
            line="the scan of v6.19: off the queue at once, back under the lock",
        ),
        Kernel(
            "v6.12+requeue-first",
            "v6.12 fixed",
            "The new folio of a migration is queued before it is mapped.",
            "v6.12",
            "1 Apr 2026",
            "mm: fix deferred split queue races during migration, 3bac01168982, v7.1",
            READING,
            (migrate_requeue_first,),
            "",
            era="today",
            line="the new folio of a migration is queued, then mapped",
        ),
    )
}
"""Variant by key."""

CHANGES: dict[str, tuple[Change, ...]] = {
    "migrate_memcg": (
        Change(
            "mm: fix crashes from deferred split racing folio migration",
            "v6.10",
            "mm/memcontrol.c",
            "12 May 2024",
            commit="be9581ea8c05",
            before="v6.9",
        ),
    ),
    "scan_unlocked": (
        Change(
            "mm/thp: fix deferred split queue not partially_mapped",
            "v6.12",
            "mm/huge_memory.c",
            "Sep 2024",
            commit="e66f3185fa04",
            before="v6.12-rc1",
        ),
    ),
    "scan_batch": (
        Change(
            "mm: thp: use folio_batch to handle THP splitting in deferred_split_scan()",
            "v6.19",
            "mm/huge_memory.c",
            "10 Nov 2025",
            commit="776bde7caf80",
        ),
    ),
}
"""Module -> what it follows."""
