"""The cases of docs/kernel/readings.md about UFFDIO_MOVE, by what they show."""

from __future__ import annotations

from folioviz.machine.journal import (
    MOVE_HELD,
    MOVE_MARKER,
    MOVE_PINNED,
    MOVE_RETRIED,
    MOVE_SHARED,
    MOVE_THERE,
)
from folioviz.machine.memory import (
    EAGAIN,
    EBUSY,
    EEXIST,
    EFAULT,
    ENTRY_CLEAN,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_SWAP,
    PTE_WRITE,
    PTE_ZERO,
    THP_SPLIT_PMD,
)
from tests.kernels.cases import BEFORE_V7_3, LATER, SINCE_V6_9, SINCE_V6_12, V7_3, Case

TWO = "mm; mmap 1 0 16; mmap 1 100 16"
HUGE = "mm; mmap 1 0 512; mmap 1 1024 512; faultpmd 1 0"
EIGHT = "; ".join(["mm; mmap 1 0 1024; mmap 1 1024 1024", *(f"write 1 {page}" for page in range(508, 516))])
OF_UFFDMOVE = {
    "a folio that PTEs map is split, and its pages move": Case(
        LATER,
        f"{TWO}; fault 1 0 4; uffdmove 1 0 16 100",
        {"result": 0, "rss 1": 16, "orders": [], "order 1 0": None, "order 1 100": 0, "order 1 115": 0},
    ),
    "its pages that stay are single, too": Case(
        LATER,
        f"{TWO}; fault 1 0 4; uffdmove 1 4 4 104",
        {"result": 0, "rss 1": 16, "orders": [], "order 1 0": 0, "order 1 4": None, "order 1 104": 0},
    ),
    "a huge page moves under its PMD, and no counter changes": Case(
        LATER,
        f"{HUGE}; uffdmove 1 0 512 1024",
        {
            "result": 0,
            "orders": [9],
            "order 1 0": None,
            "order 1 1535": 9,
            f"event {THP_SPLIT_PMD}": 0,
            "cost rget": 1,
            "cost rput": 1,
            "cost entm": 0,
        },
    ),
    "it is writable there, and a walk of the rmap finds it": Case(
        LATER,
        f"{HUGE}; mprotect 1 0 512 0; mprotect 1 0 512 1; uffdmove 1 0 512 1024; split 1",
        {"writable 1": [(1024, 1536)], "order 1 1024": 0},
    ),
    "a huge page that moves to where no huge page can be is split": Case(
        LATER,
        "mm; mmap 1 0 512; mmap 1 600 600; faultpmd 1 0; uffdmove 1 0 512 600",
        {"result": 0, "orders": [], "order 1 600": 0, "order 1 1111": 0, f"event {THP_SPLIT_PMD}": 1},
    ),
    "and so is one that begins elsewhere in its table": Case(
        LATER,
        "mm; mmap 1 0 1024; mmap 1 1024 1024; faultpmd 1 0; uffdmove 1 1 512 1024",
        {"result": 0, "orders": [], "order 1 0": 0, "order 1 1": None, "order 1 1534": 0},
    ),
    "and one of which a part moves": Case(
        LATER,
        f"{HUGE}; uffdmove 1 0 511 1024",
        {"result": 0, "orders": [], "order 1 511": 0, "order 1 1534": 0},
    ),
    "and one for which a page table is there": Case(
        LATER,
        f"{HUGE}; fault 1 1024 0; dontneed 1 1024 1; uffdmove 1 0 512 1024",
        {"result": 0, "orders": [], "order 1 1024": 0, f"event {THP_SPLIT_PMD}": 1},
    ),
    "holes move along, and an empty range takes two page tables": Case(
        LATER,
        "mm; mmap 1 0 512; mmap 1 1024 512; uffdmove 1 0 16 1024",
        {"result": 0, "rss 1": 0, "tables": 2},
    ),
    "between pages, too": Case(
        LATER,
        f"{TWO}; write 1 0; write 1 3; uffdmove 1 0 8 100",
        {"result": 0, "rss 1": 2, "order 1 100": 0, "order 1 101": None, "order 1 103": 0},
    ),
    "it stops at what is there, and what comes before it is moved": Case(
        LATER,
        f"{TWO}; fault 1 0 4; write 1 108; uffdmove 1 0 16 100",
        {"result": -EAGAIN, f"reasons {MOVE_THERE}": 1, "order 1 107": 0, "order 1 7": None, "order 1 8": 0},
    ),
    "at the first page that is an error": Case(
        LATER,
        f"{TWO}; fault 1 0 4; write 1 100; uffdmove 1 0 16 100",
        {"result": -EEXIST, "orders": [4]},
    ),
    "a huge page there is in the way, also of a hole": Case(
        LATER,
        "mm; mmap 1 0 512; mmap 1 1024 512; faultpmd 1 1024; uffdmove 1 0 512 1024",
        {"result": -EEXIST, "orders": [9], f"event {THP_SPLIT_PMD}": 0, "tables": 0},
    ),
    "what a child shares stays where it is, whole": Case(
        LATER,
        f"{TWO}; fault 1 0 4; fork 1; uffdmove 1 0 16 100",
        {"result": -EBUSY, f"reasons {MOVE_SHARED}": 1, "orders": [4], "order 1 0": 4},
    ),
    "and a shared huge page under its PMD": Case(
        LATER,
        f"{HUGE}; fork 1; uffdmove 1 0 512 1024",
        {"result": -EBUSY, f"reasons {MOVE_SHARED}": 1, "orders": [9], f"event {THP_SPLIT_PMD}": 0},
    ),
    "also if a part of it should move": Case(
        LATER,
        f"{HUGE}; fork 1; uffdmove 1 0 8 1024",
        {"result": -EBUSY, f"reasons {MOVE_SHARED}": 1, "orders": [9], f"event {THP_SPLIT_PMD}": 0},
    ),
    "the first page decides: an exclusive one behind it stays": Case(
        V7_3,
        f"{TWO}; fault 1 0 4; fork 1; exit 2; write 1 5; uffdmove 1 5 1 105",
        {"result": -EBUSY, "orders": [4], "writable 1": [(5, 6)]},
    ),
    "and a shared one behind an exclusive one stays, but the folio is split": Case(
        V7_3,
        f"{TWO}; fault 1 0 4; fork 1; exit 2; write 1 0; uffdmove 1 5 1 105",
        {"result": -EBUSY, f"reasons {MOVE_SHARED}": 1, "orders": [], "order 1 5": 0},
    ),
    "a pinned huge page stays": Case(
        LATER,
        f"{HUGE}; pin 1 0 1; uffdmove 1 0 512 1024",
        {"result": -EBUSY, f"reasons {MOVE_PINNED}": 1, "order 1 0": 9, "cost rget": 1, "cost rput": 1},
    ),
    "a pinned page stays, and what comes before it is moved": Case(
        LATER,
        f"{TWO}; write 1 0; write 1 1; write 1 2; pin 1 1 1; uffdmove 1 0 3 100",
        {"result": -EAGAIN, f"reasons {MOVE_PINNED}": 1, "order 1 100": 0, "order 1 1": 0, "order 1 2": 0},
    ),
    "a page that somebody merely holds moves": Case(
        LATER, f"{TWO}; write 1 0; get 1; uffdmove 1 0 1 100", {"result": 0, "order 1 100": 0}
    ),
    "a large folio that somebody holds is tried for good before v7.3": Case(
        BEFORE_V7_3,
        f"{TWO}; fault 1 0 4; get 1; uffdmove 1 0 16 100",
        {"result": -EAGAIN, f"reasons {MOVE_RETRIED}": 1, "order 1 0": 4, "cost rget": 1, "cost rput": 1},
    ),
    "v7.3 gives up on it": Case(
        V7_3,
        f"{TWO}; fault 1 0 4; get 1; uffdmove 1 0 16 100",
        {"result": -EBUSY, f"reasons {MOVE_HELD}": 1, "order 1 0": 4},
    ),
    "the huge zero page moves under its PMD": Case(
        SINCE_V6_9,
        "mm; mmap 1 0 512; mmap 1 1024 512; enabled 9 1; read 1 0 1; uffdmove 1 0 512 1024; dontneed 1 0 512",
        {"result": 0, "rss 1": 0, "zeros 1": 512},
    ),
    "and is no more where it was": Case(
        SINCE_V6_9,
        "mm; mmap 1 0 512; mmap 1 1024 512; enabled 9 1; read 1 0 1; uffdmove 1 0 512 1024",
        {"result": 0, "zeros 1": 512},
    ),
    "and is mapped by PTEs first if a part of it moves": Case(
        SINCE_V6_9,
        "mm; mmap 1 0 512; mmap 1 1024 512; enabled 9 1; read 1 0 1; uffdmove 1 0 16 1024; dontneed 1 16 496",
        {"result": 0, "rss 1": 0, "zeros 1": 16},
    ),
    "the huge zero page stays, as no zero page moved yet": Case(
        ("v6.8",),
        "mm; mmap 1 0 512; mmap 1 1024 512; enabled 9 1; read 1 0 1; uffdmove 1 0 512 1024",
        {"result": -EBUSY, "zeros 1": 512},
    ),
    "zero pages that the split leaves are moved": Case(
        SINCE_V6_12,
        f"{TWO}; fault 1 0 4; zero 1 0 8; uffdmove 1 0 16 100",
        {
            "result": 0,
            "rss 1": 8,
            "bits 1 0": 0,
            "bits 1 100": PTE_ZERO,
            "bits 1 108": PTE_PRESENT | PTE_WRITE,
        },
    ),
    "what MADV_FREE left clean is clean there": Case(
        LATER,
        f"{TWO}; write 1 0; free 1 0 1; uffdmove 1 0 1 100",
        {"bits 1 100": PTE_PRESENT | PTE_WRITE | ENTRY_CLEAN},
    ),
    "a swap entry moves, and its page comes back there": Case(
        LATER,
        f"swapon 512; {TWO}; write 1 0; pageout 1 0 1; uffdmove 1 0 1 100",
        {"result": 0, "bits 1 0": 0, "bits 1 100": PTE_SWAP | PTE_MIGRATION_EXCLUSIVE},
    ),
    "and so does the index of its page in the swap cache": Case(
        LATER,
        f"swapon 512; {TWO}; write 1 0; get 1; pageout 1 0 1; uffdmove 1 0 1 100; write 1 100; put 1; reclaim 1",
        {"rss 1": 0, "bits 1 100": PTE_SWAP | PTE_MIGRATION_EXCLUSIVE},
    ),
    "a swap entry that a child shares stays": Case(
        LATER,
        f"swapon 512; {TWO}; write 1 0; pageout 1 0 1; fork 1; uffdmove 1 0 1 100",
        {"result": -EBUSY, "bits 1 0": PTE_SWAP},
    ),
    "a guard marker stays": Case(
        V7_3,
        f"{TWO}; write 1 0; guard 1 1 1; uffdmove 1 0 4 100",
        {"result": -EAGAIN, f"reasons {MOVE_MARKER}": 1, "guards 1": [1], "order 1 100": 0},
    ),
    "at the first page that is an error, too": Case(
        V7_3, f"{TWO}; guard 1 0 1; uffdmove 1 0 4 100", {"result": -EFAULT, "guards 1": [0]}
    ),
    "and one there is in the way": Case(
        V7_3, f"{TWO}; write 1 0; guard 1 100 1; uffdmove 1 0 4 100", {"result": -EEXIST, "order 1 0": 0}
    ),
    "a VMA that has pages now is not joined with what it was cut from, before v6.16": Case(
        BEFORE_V7_3,
        f"{TWO}; write 1 0; uffdmove 1 0 4 104",
        {"vmas 1": [(0, 16), (100, 104), (104, 108), (108, 116)]},
    ),
    "only what was registered has an anon_vma": Case(
        BEFORE_V7_3,
        f"{TWO}; write 1 0; uffdmove 1 0 4 104; dontfork 1 100 16",
        {"vmas 1": [(0, 16), (100, 104), (104, 116)]},
    ),
    "v6.16 joins it": Case(V7_3, f"{TWO}; write 1 0; uffdmove 1 0 4 104", {"vmas 1": [(0, 16), (100, 116)]}),
    "within one VMA that has pages it is joined": Case(
        LATER, "mm; mmap 1 0 64; write 1 0; uffdmove 1 0 4 32", {"vmas 1": [(0, 64)], "order 1 32": 0}
    ),
    "a reference for each page before v6.18": Case(
        BEFORE_V7_3, f"{EIGHT}; uffdmove 1 508 8 1532", {"cost rget": 8, "cost rput": 8, "order 1 1539": 0}
    ),
    "v6.18: for each run, which ends with a page table": Case(
        V7_3, f"{EIGHT}; uffdmove 1 508 8 1532", {"cost rget": 2, "cost rput": 2, "order 1 1539": 0}
    ),
    "that of either side": Case(
        V7_3, f"{EIGHT}; uffdmove 1 508 8 1534", {"cost rget": 3, "cost rput": 3, "order 1 1541": 0}
    ),
    "or at a hole": Case(
        V7_3,
        f"{EIGHT}; dontneed 1 513 1; uffdmove 1 512 4 1200",
        {"cost rget": 2, "order 1 1200": 0, "order 1 1203": 0},
    ),
    "or at a large folio": Case(
        V7_3,
        f"{TWO}; write 1 3; fault 1 4 2; uffdmove 1 3 5 103",
        {"result": 0, "orders": [], "order 1 107": 0},
    ),
    "or at what is shared": Case(
        V7_3,
        f"{TWO}; write 1 0; write 1 1; fork 1; write 1 0; exit 2; uffdmove 1 0 2 100",
        {"result": -EAGAIN, "order 1 100": 0, "order 1 1": 0, "cost rget": 1},
    ),
    "or at a page that is pinned": Case(
        V7_3,
        f"{EIGHT}; pin 1 514 1; uffdmove 1 512 4 1200",
        {"result": -EAGAIN, "order 1 1201": 0, "order 1 514": 0, "cost rget": 2, "cost rput": 2},
    ),
    "or at what is there": Case(
        V7_3,
        f"{EIGHT}; write 1 1202; uffdmove 1 512 4 1200",
        {"result": -EAGAIN, "order 1 1201": 0, "order 1 514": 0, "cost rget": 1},
    ),
}
"""Every case, by name."""
