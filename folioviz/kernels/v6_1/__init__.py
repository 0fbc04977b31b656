"""The kernels before the series: v6.1, as its stable tree has it and as it was released."""

from __future__ import annotations

from folioviz.kernels import mprotect, thp_policy
from folioviz.kernels.kernel import Change, Kernel
from folioviz.kernels.v6_1 import (
    double_map,
    double_map_split,
    free_lock_always,
    lock_every_attempt,
    madvise_huge,
    page_new_anon_rmap,
    split_ebusy,
    thp_fault,
)

KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "v6.1.0",
        "v6.1 as released",
        "v6.1 without its stable tree: each page of a huge page that is unmapped takes the split queue's lock.",
        "v6.1",
        "11 Dec 2022",
        "Linux v6.1, mm/: v6.1.y without 81e506bec9be",
        "reading only: no recordings of this kernel; v6.1 differs by one test, and is recorded",
        (lock_every_attempt, split_ebusy),
        "g61.0",
        era="before",
        line="v6.1, but every page unmapped takes the queue's lock",
        orders=(0,),
    ),
    Kernel(
        "v6.1",
        "v6.1 (stable)",
        "v6.1.y: PMD and PTE mappings are told apart by PG_double_map, every unmapped page asks for the queue.",
        "v6.5-rc3",
        "11 Dec 2022",
        "Debian linux-source 6.1.192, mm/",
        "recordings: equal to a running Debian 6.1.192, every step of 37 scenarios",
        (
            double_map,
            double_map_split,
            page_new_anon_rmap,
            free_lock_always,
            mprotect,
            madvise_huge,
            thp_policy,
            thp_fault,
        ),
        "g61",
        era="before",
        line="PG_double_map; every unmapped page asks for the queue",
        keeps=("folio_double_map", "vma_readonly", "thp_enabled"),
        drops=("folio_nr_pages_mapped",),
        orders=(0,),
    ),
)
"""v6.1 as it was released, and its stable tree, on which it stands here."""

CHANGES: dict[str, Change] = {
    "double_map": Change(
        "before mm,thp,rmap: simplify compound page mapcount handling", "v6.1", "mm/rmap.c", "11 Dec 2022"
    ),
    "double_map_split": Change(
        "before mm,thp,rmap: clean up the end of __split_huge_pmd_locked()",
        "v6.1",
        "mm/huge_memory.c",
        "11 Dec 2022",
    ),
    "page_new_anon_rmap": Change(
        "before mm: add folio_add_new_anon_rmap()", "v6.1", "mm/rmap.c", "11 Dec 2022"
    ),
    "free_lock_always": Change(
        "before THP: avoid lock when check whether THP is in deferred list",
        "v6.1",
        "mm/huge_memory.c",
        "11 Dec 2022",
    ),
    "thp_fault": Change("faults of 2 MiB", "v6.1", "mm/memory.c", "11 Dec 2022"),
    "split_ebusy": Change(
        "before mm: migrate: try again if THP split is failed due to page refcnt",
        "v6.1",
        "mm/huge_memory.c",
        "11 Dec 2022",
    ),
    "madvise_huge": Change(
        "before madvise: convert madvise_cold_or_pageout_pte_range() to use folios",
        "v6.1",
        "mm/madvise.c",
        "11 Dec 2022",
    ),
    "lock_every_attempt": Change(
        "before mm/thp: check and bail out if page in deferred queue already",
        "v6.1 as released",
        "mm/huge_memory.c",
        "11 Dec 2022",
    ),
}
"""Module -> the text that it follows: each takes one later change back."""
