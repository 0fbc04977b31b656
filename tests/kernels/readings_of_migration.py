"""The cases of docs/kernel/readings.md about migration of what a PMD maps and of single pages, by what they show."""

from __future__ import annotations

from folioviz.machine.memory import THP_SPLIT_PMD
from tests.kernels.cases import LATER, SINCE_V6_12, Case

HUGE = "mm; mmap 1 0 512; faultpmd 1 0"
OF_MIGRATION = {
    "a huge page moves whole, and a PMD maps it again": Case(
        LATER,
        f"{HUGE}; migrate 1",
        {
            "rss 1": 512,
            "orders": [9],
            "writable 1": [(0, 512)],
            f"event {THP_SPLIT_PMD}": 0,
            "bugs": [],
            "result": 0,
        },
    ),
    "what MADV_FREE gave up moves as that: reclaim drops it": Case(
        LATER, f"{HUGE}; free 1 0 512; migrate 1; reclaim 2", {"rss 1": 0, "orders": [], "bugs": []}
    ),
    "a single page is not counted among folios": Case(
        SINCE_V6_12, "mm; mmap 1 0 8; write 1 0; migrate 1", {"mthp 0 alive": 0, "rss 1": 1}
    ),
    "what was exclusive is written to again where it is": Case(
        LATER, f"{HUGE}; migrate 1; write 1 3", {"orders": [9], "rss 1": 512, f"event {THP_SPLIT_PMD}": 0}
    ),
    "what was exclusive and is read-only stays exclusive": Case(
        LATER,
        f"{HUGE}; mprotect 1 0 512 0; migrate 1; mprotect 1 0 512 1; write 1 3",
        {"orders": [9], "cost aef": 0, f"event {THP_SPLIT_PMD}": 0},
    ),
    "what two processes share stays shared: a write splits the PMD and copies": Case(
        LATER,
        f"{HUGE}; fork 1; migrate 1; write 2 3",
        {"orders": [9], "rss 1": 512, "rss 2": 512, f"event {THP_SPLIT_PMD}": 1},
    ),
    "v6.12: it is queued as it was at birth, and not flagged": Case(
        SINCE_V6_12, f"{HUGE}; migrate 1", {"queue": [2], "mthp 9 flagged": 0, "mthp 9 deferred": 0}
    ),
    "v6.12: a child that maps a part by PTEs has it flagged": Case(
        SINCE_V6_12,
        f"{HUGE}; fork 1; dontneed 2 0 256; migrate 1",
        {"queue": [2], "orders": [9], "mthp 9 flagged": 1, "rss 1": 512, "rss 2": 256},
    ),
    "a PMD that maps a folio again is a huge page to it": Case(
        LATER, f"{HUGE}; remap 1; exit 1", {"orders": [], "queue": [], "bugs": []}
    ),
    "a single page moves": Case(
        LATER,
        "mm; mmap 1 0 8; write 1 0; fork 1; migrate 1; write 2 0; exit 1",
        {"orders": [], "rss 2": 1, "bugs": []},
    ),
}
