"""The kernels of today: v6.12, v7.3, and v7.3 without page mapcounts."""

from __future__ import annotations

from folioviz.kernels.kernel import RECORDED, VECTORS, Change, Kernel
from folioviz.kernels.since_v6_12 import (
    migrate_requeue,
    migrate_requeue_first,
    no_page_mapcount,
    nr_pages_mapped_once,
    owner_tracking,
    partially_mapped,
    pt_reclaim,
    split_list_lru,
    split_unfreeze,
    underused,
    unqueue_deferred,
    zeropage_split,
)

KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "v6.12",
        "v6.12",
        "PG_partially_mapped; every 2 MiB folio is queued at birth; the shrinker splits the flagged and the underused.",
        "v6.10",
        "17 Nov 2024",
        "Linux 6.12.117, mm/",
        RECORDED,
        (
            nr_pages_mapped_once,
            partially_mapped,
            unqueue_deferred,
            underused,
            zeropage_split,
            migrate_requeue,
        ),
        "g612",
        era="today",
        line="PG_partially_mapped; 2 MiB folios queued at birth",
        keeps=("folio_partially_mapped",),
    ),
    Kernel(
        "v7.3",
        "v7.3",
        "Two owners per folio, so that it can be reused after fork; a list_lru; page tables are reclaimed.",
        "v6.12",
        "2026",
        "Linux 7.3.4, mm/",
        RECORDED,
        (owner_tracking, split_list_lru, split_unfreeze, pt_reclaim, migrate_requeue_first),
        "g73",
        era="today",
        line="owner tracking and reuse; list_lru; page tables reclaimed",
        keeps=(
            "folio_mm_id_0",
            "folio_mm_id_1",
            "folio_mm_id_mapcount_0",
            "folio_mm_id_mapcount_1",
            "folio_mm_ids_shared",
        ),
    ),
    Kernel(
        "v7.3+no-page-mapcount",
        "v7.3 no page mapcount",
        "CONFIG_NO_PAGE_MAPCOUNT: no counter per page of a large folio; 'partially mapped' is an average.",
        "v7.3",
        "2026",
        "Linux 7.3.4, mm/, CONFIG_NO_PAGE_MAPCOUNT=y",
        VECTORS,
        (no_page_mapcount,),
        "g73n",
        era="today",
        line="no counter per page: “partially mapped” is an average",
        drops=("folio_nr_pages_mapped", "page_mapcount"),
    ),
)

CHANGES = {
    "nr_pages_mapped_once": Change(
        "mm/rmap: minimize folio->_nr_pages_mapped updates when batching PTE (un)mapping",
        "v6.12",
        "mm/rmap.c",
        "7 Aug 2024",
    ),
    "partially_mapped": Change(
        "mm: introduce a pageflag for partially mapped folios", "v6.12", "mm/huge_memory.c", "30 Aug 2024"
    ),
    "unqueue_deferred": Change(
        "folios are unqueued before they are uncharged; nr_anon per size", "v6.12", "mm/swap.c", "2024"
    ),
    "underused": Change("mm: split underused THPs", "v6.12", "mm/huge_memory.c", "30 Aug 2024"),
    "zeropage_split": Change(
        "mm: remap unused subpages to shared zeropage when splitting isolated thp",
        "v6.12",
        "mm/migrate.c",
        "30 Aug 2024",
    ),
    "migrate_requeue": Change(
        "mm: migrate: requeue destination folio on deferred split queue",
        "v7.1, in 6.12.117 by a backport",
        "mm/migrate.c",
        "12 Mar 2026",
    ),
    "owner_tracking": Change(
        "mm: MM owner tracking for large folios (!hugetlb) + CONFIG_NO_PAGE_MAPCOUNT",
        "v6.15",
        "mm/rmap.c",
        "3 Mar 2025",
    ),
    "split_list_lru": Change(
        "mm: switch THP shrinker to list_lru", "v7.2", "mm/huge_memory.c", "27 May 2026"
    ),
    "split_unfreeze": Change(
        "a split unfreezes its head with the reference it needs", "by v7.3", "mm/huge_memory.c", ""
    ),
    "pt_reclaim": Change(
        "mm: pgtable: reclaim empty PTE page in madvise(MADV_DONTNEED)", "v6.14", "mm/memory.c", ""
    ),
    "migrate_requeue_first": Change(
        "mm: fix deferred split queue races during migration", "v7.1", "mm/migrate.c", "1 Apr 2026"
    ),
    "no_page_mapcount": Change("CONFIG_NO_PAGE_MAPCOUNT", "v6.15", "mm/rmap.c", "3 Mar 2025"),
}
"""Module -> what it follows."""
