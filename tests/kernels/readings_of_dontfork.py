"""The cases of docs/kernel/readings.md about MADV_DONTFORK and MADV_DOFORK, by what they show."""

from __future__ import annotations

from folioviz.machine.memory import ENOMEM, THP_SPLIT_PMD
from tests.kernels.cases import MODERN, V7_3, Case

OF_DONTFORK = {
    "a child does not get the VMA": Case(
        MODERN,
        "mm; mmap 1 0 16; touch 1 0 16; dontfork 1 0 8; fork 1",
        {"vmas 1": [(0, 8), (8, 16)], "vmas 2": [(8, 16)], "rss 2": 8, "writable 1": [(0, 8)]},
    ),
    "a grandchild gets what a child has": Case(
        MODERN,
        "mm; mmap 1 0 16; touch 1 0 16; dontfork 1 0 8; fork 1; dofork 1 0 8; fork 2; fork 1",
        {"vmas 3": [(8, 16)], "vmas 4": [(0, 16)], "rss 4": 16},
    ),
    "the VMA merges again": Case(
        MODERN,
        "mm; mmap 1 0 16; touch 1 0 16; dontfork 1 4 4; dofork 1 0 16",
        {"vmas 1": [(0, 16)], "result": 0},
    ),
    "advice that changes nothing cuts nothing": Case(
        MODERN, "mm; mmap 1 0 16; dofork 1 4 4", {"vmas 1": [(0, 16)]}
    ),
    "a huge page in part is split, and nothing is unmapped": Case(
        MODERN,
        "mm; mmap 1 0 512; faultpmd 1 0; dontfork 1 0 100",
        {f"event {THP_SPLIT_PMD}": 1, "rss 1": 512, "cost tflush": 0},
    ),
    "a huge page as a whole stays whole": Case(
        MODERN,
        "mm; mmap 1 0 1024; faultpmd 1 0; dontfork 1 0 512; fork 1",
        {f"event {THP_SPLIT_PMD}": 0, "rss 2": 0, "vmas 2": [(512, 1024)]},
    ),
    "rights do not merge what fork tells apart": Case(
        MODERN,
        "mm; mmap 1 0 16; dontfork 1 0 8; mprotect 1 8 8 0; mprotect 1 8 8 1",
        {"vmas 1": [(0, 8), (8, 16)]},
    ),
    "they do not share an anon_vma": Case(
        MODERN,
        "mm; mmap 1 0 16; dontfork 1 0 8; write 1 0; write 1 8; dofork 1 0 8",
        {"vmas 1": [(0, 8), (8, 16)]},
    ),
    "read-only VMAs do": Case(
        MODERN,
        "mm; mmap 1 0 16; write 1 0; mprotect 1 0 8 0; write 1 8; mprotect 1 0 8 1",
        {"vmas 1": [(0, 16)]},
    ),
    "a part that is cut off keeps it": Case(
        MODERN, "mm; mmap 1 0 16; dontfork 1 0 16; mprotect 1 8 8 0; fork 1", {"vmas 2": []}
    ),
    "what is moved keeps it": Case(
        MODERN, "mm; mmap 1 0 16; dontfork 1 0 16; mremap 1 0 8 100; fork 1", {"vmas 2": []}
    ),
    "a hole is passed over, and told of": Case(
        MODERN,
        "mm; mmap 1 0 4; mmap 1 8 4; dontfork 1 2 8",
        {"vmas 1": [(0, 2), (2, 4), (8, 10), (10, 12)], "result": -ENOMEM},
    ),
    "a guard marker does not keep VMAs apart": Case(
        V7_3,
        "mm; mmap 1 0 16; dontfork 1 8 8; guard 1 8 8; dofork 1 8 8",
        {"vmas 1": [(0, 16)], "guards 1": list(range(8, 16))},
    ),
}
"""Every case, by name."""
