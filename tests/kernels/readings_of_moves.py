"""The cases of docs/kernel/readings.md about MREMAP_DONTUNMAP, by what they show."""

from __future__ import annotations

from folioviz.kernels import KERNELS
from folioviz.machine.memory import EFAULT, THP_SPLIT_PMD
from tests.kernels.cases import BEFORE_V6_17, LATER, MODERN, V7_3, Case

SERIES = tuple(key for key, kernel in KERNELS.items() if kernel.era == "series")
OF_MOVES = {
    "a huge page moves whole, and what stays takes new pages": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 512; faultpmd 1 0; dontunmap 1 0 512 1024; faultpmd 1 0",
        {
            "rss 1": 1024,
            "orders": [9, 9],
            "vmas 1": [(0, 512), (1024, 1536)],
            f"event {THP_SPLIT_PMD}": 0,
        },
    ),
    "a write to what stays brings a page of its own": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 512; faultpmd 1 0; dontunmap 1 100 200 1024; write 1 100",
        {"rss 1": 513, "orders": [9], "order 1 100": 0, "order 1 1024": 9},
    ),
    "a part of a huge page moves, and nothing of the folio is unmapped": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 512; faultpmd 1 0; dontunmap 1 100 200 1024",
        {
            "rss 1": 512,
            "vmas 1": [(0, 512), (1024, 1224)],
            f"event {THP_SPLIT_PMD}": 1,
            "order 1 99": 9,
            "order 1 100": None,
            "order 1 1223": 9,
            "cost qadd": 0,
            "result": 0,
        },
    ),
    "a child's copy moves, and its parent's pages stay": Case(
        (*SERIES, *LATER),
        "mm; mmap 1 0 16; fault 1 0 4; fork 1; dontunmap 2 0 16 100; munmap 2 100 16",
        {"rss 1": 16, "rss 2": 0, "vmas 2": [(0, 16)]},
    ),
    "before v6.17 a range over VMAs is left where it is, and its destination is unmapped": Case(
        BEFORE_V6_17,
        "mm; mmap 1 0 8; mmap 1 8 8; mmap 1 100 16; write 1 0; write 1 8; write 1 100; dontunmap 1 0 16 100",
        {"rss 1": 2, "vmas 1": [(0, 8), (8, 16)], "result": -EFAULT},
    ),
    "v6.17 moves VMA by VMA, and each of them stays": Case(
        V7_3,
        "mm; mmap 1 0 8; mmap 1 8 8; mmap 1 100 4; fault 1 0 3; fault 1 8 3; fault 1 100 2; dontunmap 1 0 16 100",
        {"rss 1": 16, "vmas 1": [(0, 8), (8, 16), (100, 108), (108, 116)], "result": 0},
    ),
    "what was moved whole has no anon_vma, and merges as what nobody touched does": Case(
        MODERN,
        "mm; mmap 1 0 32; mprotect 1 0 8 0; write 1 20; dontunmap 1 8 24 100; "
        "mprotect 1 8 24 0; mprotect 1 0 8 1; mprotect 1 8 24 1",
        {"vmas 1": [(0, 32), (100, 124)]},
    ),
    "and a child's, which has pages again, has inherited nothing": Case(
        MODERN,
        "mm; mmap 1 0 16; mprotect 1 0 8 0; write 1 8; fork 1; dontunmap 2 8 8 100; write 2 8; mprotect 2 0 8 1",
        {"vmas 2": [(0, 16), (100, 108)]},
    ),
    "what was moved in part keeps its anon_vma, and fork shares its pages": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 16; write 1 0; write 1 8; dontunmap 1 8 4 100; fork 1",
        {"rss 1": 2, "rss 2": 2, "vmas 2": [(0, 16), (100, 104)]},
    ),
    "v7.3: what is empty again merges with a VMA that never moved": Case(
        V7_3,
        "mm; mmap 1 0 8; mmap 1 50 8; write 1 50; mremap 1 50 8 8; dontunmap 1 8 8 100; "
        "mprotect 1 8 8 0; mprotect 1 8 8 1",
        {"vmas 1": [(0, 16), (100, 108)]},
    ),
}
"""Every case, by name."""
