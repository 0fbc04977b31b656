"""The kernels of today: v6.12, v7.3, and v7.3 without page mapcounts."""

from __future__ import annotations

from folioviz.kernels.kernel import RECORDED, Change, Kernel
from folioviz.kernels.since_v6_12 import (
    collapse_orders,
    guard,
    huge_zero_write,
    madvise_one_gather,
    memcg_reparent,
    merge_unfaulted,
    migrate_requeue,
    migrate_requeue_first,
    move_batch,
    mprotect_batch,
    mremap_many,
    no_page_mapcount,
    nr_pages_mapped_once,
    owner_tracking,
    partially_mapped,
    pt_reclaim,
    split_list_lru,
    split_unfreeze,
    swap_table,
    swapin_orders,
    underused,
    unmap_runs,
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
            swapin_orders,
        ),
        "g612",
        era="today",
        line="PG_partially_mapped; 2 MiB folios queued at birth",
        keeps=("folio_partially_mapped", "shrink_underused"),
    ),
    Kernel(
        "v7.3",
        "v7.3",
        "Two owners per folio, so that it can be reused after fork; a list_lru; page tables are reclaimed.",
        "v6.12",
        "2026",
        "Linux 7.3.4, mm/",
        RECORDED,
        (
            owner_tracking,
            huge_zero_write,
            split_list_lru,
            split_unfreeze,
            pt_reclaim,
            migrate_requeue_first,
            madvise_one_gather,
            merge_unfaulted,
            mprotect_batch,
            mremap_many,
            collapse_orders,
            guard,
            unmap_runs,
            swap_table,
            move_batch,
            memcg_reparent,
        ),
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
        RECORDED,
        (no_page_mapcount,),
        "g73n",
        era="today",
        line="no counter per page: “partially mapped” is an average",
        drops=("folio_nr_pages_mapped", "page_mapcount"),
    ),
)

PARTIALLY_MAPPED = Change(
    "mm: introduce a pageflag for partially mapped folios",
    "v6.12",
    "mm/huge_memory.c",
    "30 Aug 2024",
    commit="8422acdc97ed",
)
HOTFIX = Change(
    "mm/thp: fix deferred split queue not partially_mapped",
    "v6.12",
    "mm/huge_memory.c",
    "Oct 2024",
    commit="e66f3185fa04",
)
LIST_LRU = Change(
    "mm: switch deferred split shrinker to list_lru",
    "v7.2",
    "mm/huge_memory.c",
    "27 May 2026",
    commit="fafaeceb89a5",
)
CHANGES: dict[str, tuple[Change, ...]] = {
    "nr_pages_mapped_once": (
        Change(
            "mm/rmap: minimize folio->_nr_pages_mapped updates when batching PTE (un)mapping",
            "v6.12",
            "mm/rmap.c",
            "7 Aug 2024",
            commit="43c9074e6f09",
        ),
    ),
    "partially_mapped": (
        PARTIALLY_MAPPED,
        Change(
            "mm: count the number of partially mapped anonymous THPs per size",
            "v6.12",
            "mm/huge_memory.c",
            "24 Aug 2024",
            commit="8175ebfd302a",
        ),
    ),
    "unqueue_deferred": (
        Change(
            "mm/thp: fix deferred split unqueue naming and locking",
            "v6.12",
            "mm/huge_memory.c",
            "Oct 2024",
            commit="f8f931bba0f9",
        ),
        Change(
            "mm: count the number of anonymous THPs per size",
            "v6.12",
            "mm/rmap.c",
            "24 Aug 2024",
            commit="5d65c8d758f2",
        ),
    ),
    "underused": (
        Change("mm: split underused THPs", "v6.12", "mm/huge_memory.c", "30 Aug 2024", commit="dafff3f4c850"),
        Change(
            "mm: add sysfs entry to disable splitting underused THPs",
            "v6.12",
            "mm/huge_memory.c",
            "30 Aug 2024",
            commit="81d3ff3c6f76",
        ),
        HOTFIX,
    ),
    "zeropage_split": (
        Change(
            "mm: remap unused subpages to shared zeropage when splitting isolated thp",
            "v6.12",
            "mm/migrate.c",
            "30 Aug 2024",
            commit="b1f202060afe",
        ),
    ),
    "migrate_requeue": (
        PARTIALLY_MAPPED,
        Change(
            "mm: migrate: requeue destination folio on deferred split queue",
            "v7.1, in 6.12.117 by a backport",
            "mm/migrate.c",
            "12 Mar 2026",
            commit="a2e0c0668a34",
        ),
    ),
    "owner_tracking": (
        Change(
            "mm/rmap: basic MM owner tracking for large folios (!hugetlb)",
            "v6.15",
            "include/linux/rmap.h",
            "3 Mar 2025",
            commit="6af8cb80d3a9",
        ),
        Change(
            "mm: convert folio_likely_mapped_shared() to folio_maybe_mapped_shared()",
            "v6.15",
            "include/linux/mm.h",
            "3 Mar 2025",
            commit="003fde4492c8",
        ),
        Change(
            "mm: Copy-on-Write (COW) reuse support for PTE-mapped THP",
            "v6.15",
            "mm/memory.c",
            "3 Mar 2025",
            commit="1da190f4d0a6",
        ),
    ),
    "split_list_lru": (
        LIST_LRU,
        Change(
            "mm: thp: use folio_batch to handle THP splitting in deferred_split_scan()",
            "v6.19",
            "mm/huge_memory.c",
            "10 Nov 2025",
            commit="776bde7caf80",
        ),
    ),
    "memcg_reparent": (
        LIST_LRU,
        Change(
            "mm: thp: reparent the split queue during memcg offline",
            "v6.19",
            "mm/huge_memory.c",
            "10 Nov 2025",
            commit="46156dba32cb",
        ),
    ),
    "split_unfreeze": (
        Change(
            "mm/huge_memory: add buddy allocator like (non-uniform) folio_split()",
            "v6.15",
            "mm/huge_memory.c",
            "7 Mar 2025",
            commit="58729c04cf10",
        ),
    ),
    "merge_unfaulted": (
        Change(
            "mm/vma: fix incorrectly disallowed anonymous VMA merges",
            "v6.16",
            "mm/vma.c",
            "8 Apr 2025",
            commit="879bca0a2c4f",
        ),
    ),
    "mprotect_batch": (
        Change(
            "mm: optimize mprotect() by PTE batching",
            "v6.17",
            "mm/mprotect.c",
            "18 Jul 2025",
            commit="cac1db8c3aad",
        ),
    ),
    "mremap_many": (
        Change(
            "mm/mremap: permit mremap() move of multiple VMAs",
            "v6.17",
            "mm/mremap.c",
            "17 Jul 2025",
            commit="d23cb648e365",
        ),
        Change(
            "what MREMAP_DONTUNMAP leaves has the page offset of a VMA without pages", "v7.3", "mm/mremap.c"
        ),
    ),
    "collapse_orders": (
        Change(
            "mm/khugepaged: introduce mTHP collapse support",
            "v7.3",
            "mm/khugepaged.c",
            "2026",
            commit="90ed32d00054",
        ),
        Change(
            "khugepaged: optimize __collapse_huge_page_copy_succeeded() by PTE batching",
            "v6.17",
            "mm/khugepaged.c",
            "24 Jul 2025",
            commit="4ea3594a4741",
        ),
        Change("what a collapse asks of pages and holes", "v7.3", "mm/khugepaged.c"),
    ),
    "guard": (
        Change(
            "mm: madvise: implement lightweight guard page mechanism",
            "v6.13",
            "mm/madvise.c",
            "28 Oct 2024",
            commit="662df3e5c376",
        ),
        Change(
            "mm: add PTE_MARKER_GUARD PTE marker",
            "v6.13",
            "mm/memory.c",
            "28 Oct 2024",
            commit="7c53dfbdb024",
        ),
    ),
    "madvise_one_gather": (
        Change("mm/madvise: batch tlb flushes for MADV_FREE", "v6.16", "mm/madvise.c", "10 Apr 2025"),
    ),
    "pt_reclaim": (
        Change(
            "mm/madvise: batch tlb flushes for MADV_DONTNEED[_LOCKED]",
            "v6.16",
            "mm/madvise.c",
            "Apr 2025",
            commit="43c4cfde7e37",
        ),
        Change(
            "mm: pgtable: reclaim empty PTE page in madvise(MADV_DONTNEED)",
            "v6.14",
            "mm/memory.c",
            "4 Dec 2024",
            commit="6375e95f381e",
        ),
    ),
    "swapin_orders": (
        Change(
            "mm: support large folios swap-in for sync io devices",
            "v6.12",
            "mm/memory.c",
            "8 Sep 2024",
            commit="242d12c98174",
        ),
        Change(
            "mm: set pte writable while pte_soft_dirty() is true in do_swap_page()",
            "v6.11",
            "mm/memory.c",
            "Jun 2024",
            commit="20dfa5b7adc5",
        ),
        Change(
            "mm: use folio_add_new_anon_rmap() if folio_test_anon(folio)==false",
            "v6.11",
            "mm/memory.c",
            "Jun 2024",
            commit="9ae2feacedde",
        ),
        Change(
            "mm: store zero pages to be swapped out in a bitmap",
            "v6.12",
            "mm/page_io.c",
            "23 Aug 2024",
            commit="0ca0c24e3211",
        ),
        PARTIALLY_MAPPED,
    ),
    "unmap_runs": (
        Change(
            "mm: support batched unmap for lazyfree large folios during reclamation",
            "v6.16",
            "mm/rmap.c",
            "14 Feb 2025",
            commit="354dffd29575",
        ),
    ),
    "move_batch": (
        Change(
            "userfaultfd: opportunistic TLB-flush batching for present pages in MOVE",
            "v6.18",
            "mm/userfaultfd.c",
        ),
        Change("UFFDIO_MOVE gives up on a folio that it cannot split", "v7.3", "mm/userfaultfd.c"),
    ),
    "swap_table": (
        Change("swap-in, always through the swap cache", "v7.3", "mm/memory.c"),
        Change(
            "mm: add per-order mTHP swpin counters",
            "v6.13",
            "mm/page_io.c",
            "26 Oct 2024",
            commit="aaf2914aec0f",
        ),
    ),
    "huge_zero_write": (
        Change(
            "mm/huge_memory: add pmd folio to ds_queue in do_huge_zero_wp_pmd()",
            "v6.19",
            "mm/huge_memory.c",
            "Oct 2025",
            commit="2a1351cd4176",
        ),
    ),
    "migrate_requeue_first": (
        Change(
            "mm: fix deferred split queue races during migration",
            "v7.1",
            "mm/migrate.c",
            "1 Apr 2026",
            commit="3bac01168982",
        ),
    ),
    "no_page_mapcount": (
        Change(
            "mm: stop maintaining the per-page mapcount of large folios (CONFIG_NO_PAGE_MAPCOUNT)",
            "v6.15",
            "mm/rmap.c",
            "3 Mar 2025",
            commit="749492229e3b",
        ),
    ),
}
"""Module -> what it follows, the change that says most of it first."""
