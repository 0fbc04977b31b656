"""The kernels of the series: v6.5-rc3, the patches of July 2023, and two that never were posted."""

from __future__ import annotations

from folioviz.kernels.kernel import READING, VECTORS, Change, Kernel
from folioviz.kernels.series import (
    batch_zap,
    batch_zap_fix,
    batch_zap_full,
    batch_zap_v3,
    defer_any_order,
    remove_rmap_range,
)
from folioviz.link import V6_5_RC3

SERIES = (
    "[PATCH v4 1/3] mm: Allow deferred splitting of arbitrary large anon folios, 27 Jul 2023",
    "[PATCH v4 2/3] mm: Implement folio_remove_rmap_range(), 27 Jul 2023",
    "[PATCH v4 3/3] mm: Batch-zap large anonymous folio PTE mappings, 27 Jul 2023",
)

KERNELS = (
    Kernel(
        "v6.5-rc3",
        "v6.5-rc3",
        "The base of the series: pages are unmapped one by one, only PMD-mappable folios are queued.",
        "",
        "23 Jul 2023",
        "Linux v6.5-rc3, mm/",
        VECTORS,
        V6_5_RC3,
        "base",
        era="series",
        line="the base: page by page, only 2 MiB folios are queued",
    ),
    Kernel(
        "v6.5-rc3+v4.1",
        "v4 1/3",
        "1/3 alone: any large anonymous folio may be queued, still page by page.",
        "v6.5-rc3",
        "27 Jul 2023",
        SERIES[0],
        VECTORS,
        (defer_any_order,),
        "p1",
        era="series",
        line="+ 1/3: any large folio is queued, still page by page",
    ),
    Kernel(
        "v6.5-rc3+v4.2",
        "v4 1-2/3",
        "1/3 and 2/3: the queueing test asks what is still mapped, but pages still go one by one.",
        "v6.5-rc3+v4.1",
        "27 Jul 2023",
        SERIES[1],
        VECTORS,
        (remove_rmap_range,),
        "p12",
        era="series",
        line="+ 2/3: queued only if something is still mapped",
    ),
    Kernel(
        "v6.5-rc3+v4",
        "v4",
        "All three patches: zap_pte_range() takes runs of a large folio's PTEs down together.",
        "v6.5-rc3+v4.2",
        "27 Jul 2023",
        SERIES[2],
        VECTORS,
        (batch_zap,),
        "v4",
        era="series",
        line="+ 3/3: runs of pages are zapped together",
    ),
    Kernel(
        "v6.5-rc3+v3",
        "v3",
        "The series with 3/3 as in v2 and v3: no folio_get(), small folios batched too; breaks s390.",
        "v6.5-rc3+v4",
        "20 Jul 2023",
        "[PATCH v3 3/3] mm: Batch-zap large anonymous folio PTE mappings, 20 Jul 2023",
        VECTORS,
        (batch_zap_v3,),
        "v3",
        era="series",
        line="3/3 as in v2 and v3: batches without a reference; breaks s390",
    ),
    Kernel(
        "v6.5-rc3+v4full",
        "v4, explicit full",
        "v4, but the gather's 'full' is passed on explicitly as v1 did. Never posted in this form.",
        "v6.5-rc3+v4",
        "",
        "v4 3/3 with the return of v1 3/3, 17 Jul 2023",
        READING,
        (batch_zap_full,),
        "v4full",
        era="never",
        line="v4 with the gather’s “full” passed on",
    ),
    Kernel(
        "v6.5-rc3+v4fix",
        "v4, naive repair",
        "v4 with the comparison moved before the decrement: it overruns the gather. Never posted in this form.",
        "v6.5-rc3+v4",
        "",
        "v4 3/3 with one line moved",
        READING,
        (batch_zap_fix,),
        "v4fix",
        era="never",
        line="v4 with the naive repair: overruns the gather",
    ),
)
"""The base of the series, its patches, and what never was posted."""

CHANGES: dict[str, tuple[Change, ...]] = {
    "defer_any_order": (
        Change(
            "mm: Allow deferred splitting of arbitrary large anon folios",
            "v4 1/3",
            "mm/rmap.c",
            "27 Jul 2023",
        ),
    ),
    "remove_rmap_range": (
        Change("mm: Implement folio_remove_rmap_range()", "v4 2/3", "mm/rmap.c", "27 Jul 2023"),
    ),
    "batch_zap": (
        Change("mm: Batch-zap large anonymous folio PTE mappings", "v4 3/3", "mm/memory.c", "27 Jul 2023"),
    ),
    "batch_zap_v3": (
        Change("mm: Batch-zap large anonymous folio PTE mappings", "v3 3/3", "mm/memory.c", "20 Jul 2023"),
    ),
    "batch_zap_full": (
        Change("the gather's full passed on", "v4 3/3 with v1's full (never posted)", "mm/memory.c"),
    ),
    "batch_zap_fix": (
        Change("compare, then decrement", "v4 3/3 naively repaired (never posted)", "mm/memory.c"),
    ),
    "no_gather": (Change("CONFIG_MMU_GATHER_NO_GATHER", "v6.5", "arch/s390/include/asm/tlb.h"),),
}
"""Module -> what it follows."""
