"""The kernels with mTHP, as it came and was made fast: v6.8 to v6.10."""

from __future__ import annotations

from folioviz.kernels import mprotect, thp_policy
from folioviz.kernels.kernel import BRACKETED, Change, Kernel
from folioviz.kernels.since_v6_8 import (
    cow_small_only,
    fork_batch,
    gather_runs,
    gather_slots,
    large_mapcount,
    madvise_batch,
    madvise_split,
    migrate,
    migrate_split_first,
    mremap_realign,
    mthp,
    mthp_stats,
    order_1,
    rmap_overhaul,
    rmap_overhaul_huge,
    rmap_overhaul_memory,
    rmap_overhaul_migrate,
    settings,
    still_mapped,
    undo_large_rmappable,
    zap_batch,
)

KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "v6.8",
        "v6.8",
        "mTHP: folios of many sizes at a fault. Unmapped page by page; whatever loses a page is queued.",
        "v6.5-rc3",
        "10 Mar 2024",
        "Linux v6.8, mm/",
        BRACKETED,
        (
            undo_large_rmappable,
            cow_small_only,
            mremap_realign,
            gather_slots,
            rmap_overhaul,
            rmap_overhaul_huge,
            rmap_overhaul_memory,
            rmap_overhaul_migrate,
            thp_policy,
            mthp,
            migrate,
            mprotect,
            madvise_split,
            settings,
        ),
        "g68",
        era="mTHP",
        line="mTHP faults; page by page; whatever loses a page is queued",
        keeps=(
            "page_zero_filled",
            "vma_readonly",
            "thp_enabled",
            "max_ptes_none",
            "shrink_underused",
            "thp_underused_split_page",
        ),
    ),
    Kernel(
        "v6.9",
        "v6.9",
        "Zap and fork take runs of PTEs. Every folio that loses a page is still queued, even as it goes.",
        "v6.8",
        "12 May 2024",
        "Linux v6.9, mm/",
        BRACKETED,
        (gather_runs, zap_batch, fork_batch, order_1),
        "g69",
        era="mTHP",
        line="zap and fork by runs; still queues what goes as a whole",
        keeps=("tlb_nr",),
    ),
    Kernel(
        "v6.10",
        "v6.10",
        "One count of all mappings; a folio that goes as a whole is not queued any more.",
        "v6.9",
        "14 Jul 2024",
        "Linux v6.10 and v6.11 (statistics), mm/",
        BRACKETED,
        (large_mapcount, still_mapped, mthp_stats, migrate_split_first, madvise_batch),
        "g610",
        era="mTHP",
        line="_large_mapcount; what goes as a whole is not queued",
        keeps=("folio_large_mapcount", "mthp_stat"),
    ),
)

CHANGES = {
    "undo_large_rmappable": Change(
        "mm: convert free_transhuge_folio() to folio_undo_large_rmappable()",
        "v6.6",
        "mm/huge_memory.c",
        "Aug 2023",
    ),
    "cow_small_only": Change(
        "mm: prohibit the last subpage from reusing the entire large folio",
        "v6.9, in the model from v6.8 on",
        "mm/memory.c",
        "8 Mar 2024",
    ),
    "mremap_realign": Change(
        "mm/mremap: optimize the start addresses in move_page_tables()", "v6.7", "mm/mremap.c", "Sep 2023"
    ),
    "gather_slots": Change("the gather of v6.5, its slots counted", "v6.8", "mm/mmu_gather.c", ""),
    "rmap_overhaul": Change("mm/rmap: interface overhaul", "v6.8", "mm/rmap.c", "20 Dec 2023"),
    "rmap_overhaul_huge": Change("mm/rmap: interface overhaul", "v6.8", "mm/huge_memory.c", "20 Dec 2023"),
    "rmap_overhaul_memory": Change("mm/rmap: interface overhaul", "v6.8", "mm/memory.c", "20 Dec 2023"),
    "rmap_overhaul_migrate": Change("mm/rmap: interface overhaul", "v6.8", "mm/migrate.c", "20 Dec 2023"),
    "mthp": Change("Multi-size THP for anonymous memory", "v6.8", "mm/memory.c", "Dec 2023"),
    "migrate": Change("folio migration, trimmed to the rmap", "v6.8", "mm/migrate.c", ""),
    "mprotect": Change("mprotect(), trimmed to the VMAs and write bits", "v6.8", "mm/mprotect.c", ""),
    "madvise_split": Change("MADV_FREE and MADV_COLD, trimmed to the splits", "v6.8", "mm/madvise.c", ""),
    "settings": Change("sysfs settings", "v6.8", "mm/huge_memory.c", ""),
    "thp_policy": Change("which size a fault takes", "v6.8", "include/linux/huge_mm.h", "Dec 2023"),
    "gather_runs": Change(
        "mm/mmu_gather: add __tlb_remove_folio_pages()", "v6.9", "mm/mmu_gather.c", "14 Feb 2024"
    ),
    "no_gather_runs": Change("CONFIG_MMU_GATHER_NO_GATHER", "v6.9", "asm/tlb.h of s390", "14 Feb 2024"),
    "zap_batch": Change(
        "mm/memory: optimize unmap/zap with PTE-mapped THP", "v6.9", "mm/memory.c", "14 Feb 2024"
    ),
    "fork_batch": Change(
        "mm/memory: optimize fork() with PTE-mapped THP", "v6.9", "mm/memory.c", "29 Jan 2024"
    ),
    "order_1": Change(
        "order-1 folios are passed over by the split queue", "v6.9", "mm/huge_memory.c", "2024"
    ),
    "large_mapcount": Change(
        "mm: track mapcount of large folios in single value", "v6.10", "mm/rmap.c", "9 Apr 2024"
    ),
    "still_mapped": Change(
        "mm/rmap: do not add fully unmapped large folio to deferred split list",
        "v6.10",
        "mm/rmap.c",
        "2 May 2024",
    ),
    "mthp_stats": Change("mm: add per-order mTHP split counters", "v6.11", "mm/huge_memory.c", "4 Jul 2024"),
    "migrate_split_first": Change(
        "mm/migrate: split source folio if it is on deferred split list",
        "v6.10",
        "mm/migrate.c",
        "Mar 2024",
    ),
    "madvise_batch": Change(
        "MADV_FREE and MADV_COLD without a split of what they cover wholly", "v6.10", "mm/madvise.c", "2024"
    ),
}
"""Module -> what it follows."""
