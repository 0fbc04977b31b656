"""The kernels before the series: v6.1, as its stable tree has it and as it was released."""

from __future__ import annotations

from folioviz.kernels import (
    anon_vma,
    huge_zero,
    khugepaged,
    madvise,
    madvise_vma,
    mlock,
    mprotect,
    swap_slots,
    swapin,
    thp_policy,
    unmap,
    vma,
    vmscan,
)
from folioviz.kernels.kernel import KEPT_OF_SWAP, KEPT_OF_VMAS, Change, Kernel
from folioviz.kernels.v6_1 import (
    double_map,
    double_map_split,
    free_lock_always,
    lock_every_attempt,
    madvise_page,
    madvise_sharers,
    page_new_anon_rmap,
    protected_stays,
    split_ebusy,
    swap_page,
    thp_fault,
)

KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "v6.1.0",
        "v6.1 as released",
        "v6.1 without its stable tree: each page of a huge page that is unmapped takes split_queue_lock.",
        "v6.1",
        "11 Dec 2022",
        "Linux v6.1, mm/: v6.1.y without 81e506bec9be and 0e0e9bd5f7b9",
        "reading only: no recordings of this kernel; v6.1 differs by a few tests, and is recorded",
        (lock_every_attempt, split_ebusy, madvise_page),
        "g61.0",
        era="before",
        line="v6.1, but every page unmapped takes split_queue_lock",
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
            anon_vma,
            vma,
            mprotect,
            protected_stays,
            madvise,
            madvise_vma,
            mlock,
            madvise_sharers,
            thp_policy,
            huge_zero,
            thp_fault,
            khugepaged,
            swap_slots,
            unmap,
            vmscan,
            swapin,
            swap_page,
        ),
        "g61",
        era="before",
        line="PG_double_map; every unmapped page asks for the queue",
        keeps=(
            "folio_double_map",
            "folio_flags",
            "thp_enabled",
            "max_ptes_none",
            *KEPT_OF_VMAS,
            *KEPT_OF_SWAP,
        ),
        drops=("folio_nr_pages_mapped",),
        orders=(0,),
    ),
)
"""v6.1 as it was released, and its stable tree, on which it stands here."""

MAPCOUNT = Change(
    "mm,thp,rmap: simplify compound page mapcount handling",
    "v6.2",
    "mm/rmap.c",
    "11 Dec 2022",
    commit="cb67f4282bf9",
    before="v6.1",
)
CHANGES: dict[str, tuple[Change, ...]] = {
    "double_map": (
        MAPCOUNT,
        Change(
            "mm/thp: check and bail out if page in deferred queue already",
            "v6.3, in v6.1.y by a backport",
            "mm/huge_memory.c",
            "23 Dec 2022",
            commit="81e506bec9be",
        ),
    ),
    "double_map_split": (
        Change(
            "mm,thp,rmap: clean up the end of __split_huge_pmd_locked()",
            "v6.2",
            "mm/huge_memory.c",
            "11 Dec 2022",
            commit="96d82deb743a",
            before="v6.1",
        ),
        MAPCOUNT,
    ),
    "page_new_anon_rmap": (
        Change(
            "mm: add folio_add_new_anon_rmap()",
            "v6.3",
            "mm/rmap.c",
            "11 Dec 2022",
            commit="4d510f3da4c2",
            before="v6.1",
        ),
    ),
    "free_lock_always": (
        Change(
            "THP: avoid lock when check whether THP is in deferred list",
            "v6.5",
            "mm/huge_memory.c",
            "11 Dec 2022",
            commit="deedad80f660",
            before="v6.1",
        ),
    ),
    "thp_fault": (
        Change(
            "mm: thp: support allocation of anonymous multi-size THP",
            "v6.8",
            "mm/memory.c",
            "11 Dec 2022",
            commit="19eaf44954df",
            before="v6.1",
        ),
    ),
    "swap_page": (
        Change(
            "mm/rmap: page_remove_rmap() -> folio_remove_rmap_pte()",
            "v6.8",
            "mm/rmap.c",
            "11 Dec 2022",
            commit="ca1a0746182c",
            before="v6.1",
        ),
        Change(
            "mm: add folio_add_new_anon_rmap()",
            "v6.3",
            "mm/rmap.c",
            "11 Dec 2022",
            commit="4d510f3da4c2",
            before="v6.1",
        ),
    ),
    "split_ebusy": (
        Change(
            "mm: migrate: try again if THP split is failed due to page refcnt",
            "v6.2",
            "mm/huge_memory.c",
            "11 Dec 2022",
            commit="fd4a7ac32918",
            before="v6.1",
        ),
    ),
    "protected_stays": (Change("mprotect() of that release", "v6.1", "mm/mprotect.c", "11 Dec 2022"),),
    "madvise_sharers": (
        Change(
            "madvise: convert madvise_cold_or_pageout_pte_range() to use folios",
            "v6.3",
            "mm/huge_memory.c",
            "11 Dec 2022",
            commit="07e8c82b5eff",
            before="v6.1",
        ),
        Change(
            "madvise:madvise_free_pte_range(): don't use mapcount() against large folio for sharing check",
            "v6.5",
            "mm/madvise.c",
            "Aug 2023",
            commit="0e0e9bd5f7b9",
        ),
        MAPCOUNT,
    ),
    "madvise_page": (
        Change(
            "madvise: convert madvise_free_pte_range() to use a folio",
            "v6.3",
            "mm/madvise.c",
            "11 Dec 2022",
            commit="98b211d6415f",
            before="v6.1",
        ),
    ),
    "lock_every_attempt": (
        Change(
            "mm/thp: check and bail out if page in deferred queue already",
            "v6.3",
            "mm/huge_memory.c",
            "11 Dec 2022",
            commit="81e506bec9be",
            before="v6.1 as released",
        ),
    ),
}
"""Module -> what it follows: each takes later changes back, but for one that came to v6.1.y by a backport."""
