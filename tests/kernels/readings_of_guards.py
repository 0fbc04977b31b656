"""The cases of docs/kernel/v7.3.md about guard markers, by what they show."""

from __future__ import annotations

from folioviz.machine.journal import BATCH_HOLE
from folioviz.machine.memory import EFAULT, ENOMEM, THP_SPLIT_PMD
from tests.kernels.cases import V7_3, Case

OF_GUARDS = {
    "what is mapped goes, in one gather, and the folio is flagged": Case(
        V7_3,
        "mm; mmap 1 0 64; fault 1 0 4; guard 1 0 5",
        {"guards 1": [0, 1, 2, 3, 4], "rss 1": 11, "queue": [1], "cost tflush": 1, "result": 0},
    ),
    "where nothing is mapped, nothing is zapped": Case(
        V7_3,
        "mm; mmap 1 0 64; guard 1 0 4",
        {"guards 1": [0, 1, 2, 3], "cost tflush": 0, "tables": 1},
    ),
    "a huge page is split at the ends of the range": Case(
        V7_3,
        "mm; mmap 1 0 1024; faultpmd 1 0; faultpmd 1 512; guard 1 100 924",
        {"rss 1": 100, "tables": 2, f"event {THP_SPLIT_PMD}": 1},
    ),
    "MADV_DONTNEED leaves markers, and their page table": Case(
        V7_3,
        "mm; mmap 1 0 512; fault 1 0 4; guard 1 2 2; dontneed 1 0 512",
        {"guards 1": [2, 3], "rss 1": 0, "tables": 1},
    ),
    "munmap drops them": Case(
        V7_3,
        "mm; mmap 1 0 512; guard 1 2 200; munmap 1 0 100",
        {"guards 1": list(range(100, 202)), "tables": 1},
    ),
    "so does exit": Case(V7_3, "mm; mmap 1 0 512; guard 1 2 2; exit 1", {"tables": 0}),
    "fork copies them, also where no page is": Case(
        V7_3,
        "mm; mmap 1 0 512; guard 1 2 2; fork 1; unguard 1 0 512",
        {"guards 1": [], "guards 2": [2, 3], "rss 2": 0},
    ),
    "mremap takes them along": Case(
        V7_3,
        "mm; mmap 1 0 16; guard 1 2 2; mremap 1 0 8 100",
        {"guards 1": [102, 103]},
    ),
    "a VMA that takes a marked one in is one that may be marked": Case(
        V7_3,
        "mm; mmap 1 0 16; mprotect 1 8 8 0; guard 1 10 2; mprotect 1 8 8 1; munmap 1 0 12",
        {"guards 1": [], "vmas 1": [(12, 16)]},
    ),
    "writes go on up to a marker": Case(
        V7_3, "mm; mmap 1 0 16; guard 1 4 2; touch 1 0 16", {"rss 1": 4, "result": -EFAULT}
    ),
    "a folio is as large as the block between markers": Case(
        V7_3,
        "enabled 2 1; enabled 4 1; mm; mmap 1 0 16; guard 1 12 1; touch 1 0 12",
        {"orders": [2, 2, 2], "rss 1": 12},
    ),
    "a marker ends a batch as a hole does": Case(
        V7_3,
        "mm; mmap 1 0 16; fault 1 0 4; guard 1 8 1; munmap 1 0 16",
        {f"reasons {BATCH_HOLE}": 1, "rss 1": 0},
    ),
    "a hole is passed over, and told of": Case(
        V7_3,
        "mm; mmap 1 0 4; mmap 1 8 4; guard 1 2 8",
        {"guards 1": [2, 3, 8, 9], "result": -ENOMEM},
    ),
    "a marker is no page that may be mapped again": Case(
        V7_3,
        "mm; mmap 1 0 16; fault 1 0 4; guard 1 4 4; unguard 1 0 16; touch 1 0 16",
        {"guards 1": [], "rss 1": 16, "orders": [4]},
    ),
}
"""Every case, by name."""
