"""The cases of docs/kernel/readings.md about VMAs, by what they show."""

from __future__ import annotations

from folioviz.machine.journal import BATCH_FOLIO_END, BATCH_WRITABLE
from folioviz.machine.memory import EFAULT, ENOMEM
from tests.kernels.cases import (
    BEFORE_V6_17,
    BEFORE_V7_3,
    LATER,
    MODERN,
    SINCE_V6_10,
    SINCE_V6_12,
    V6_1,
    V7_3,
    Case,
)

MERGING = {
    "a VMA without pages is taken in by a neighbour that has some": Case(
        MODERN,
        "mm; mmap 1 0 32; mprotect 1 0 8 0; write 1 20; mprotect 1 0 8 1",
        {"vmas 1": [(0, 32)], "result": 0},
    ),
    "so an mTHP fits": Case(
        LATER,
        "mm; mmap 1 0 32; mprotect 1 0 8 0; write 1 20; mprotect 1 0 8 1; enabled 4 1; touch 1 0 1",
        {"orders": [4]},
    ),
    "so a huge page fits": Case(
        MODERN,
        "mm; mmap 1 0 1024; mprotect 1 0 8 0; write 1 700; mprotect 1 0 8 1; enabled 9 1; touch 1 0 1",
        {"orders": [9], "vmas 1": [(0, 1024)]},
    ),
    "the other way round it is not, before v6.16": Case(
        (*V6_1, *BEFORE_V7_3),
        "mm; mmap 1 0 32; mprotect 1 0 8 0; write 1 20; mprotect 1 8 24 0; mprotect 1 0 8 1; mprotect 1 8 24 1",
        {"vmas 1": [(0, 8), (8, 32)]},
    ),
    "v6.16: it is": Case(
        V7_3,
        "mm; mmap 1 0 32; mprotect 1 0 8 0; write 1 20; mprotect 1 8 24 0; mprotect 1 0 8 1; mprotect 1 8 24 1",
        {"vmas 1": [(0, 32)]},
    ),
    "v6.16: but not if fork made the VMA that has pages": Case(
        V7_3,
        "mm; mmap 1 0 32; mprotect 1 0 8 0; write 1 20; fork 1; mprotect 2 8 24 0; mprotect 2 0 8 1; mprotect 2 8 24 1",
        {"vmas 2": [(0, 8), (8, 32)]},
    ),
    "v6.1: what has no page is taken in, be it read-only": Case(
        V6_1,
        "mm; mmap 1 0 16; mprotect 1 0 8 0; write 1 12; mprotect 1 8 8 0; mprotect 1 0 8 1; mprotect 1 0 8 0",
        {"vmas 1": [(0, 16)]},
    ),
    "v6.7 and later do not account for it, so it stays apart": Case(
        LATER,
        "mm; mmap 1 0 16; mprotect 1 0 8 0; write 1 12; mprotect 1 8 8 0; mprotect 1 0 8 1; mprotect 1 0 8 0",
        {"vmas 1": [(0, 8), (8, 16)]},
    ),
    "VMAs that were faulted apart share an anon_vma, and merge": Case(
        MODERN,
        "mm; mmap 1 0 16; mprotect 1 0 8 0; write 1 12; mprotect 1 8 8 0; mprotect 1 0 8 1; write 1 3; "
        "mprotect 1 8 8 1",
        {"vmas 1": [(0, 16)]},
    ),
    "the VMA before, too, gives its anon_vma": Case(
        MODERN,
        "mm; mmap 1 0 16; mprotect 1 8 8 0; write 1 3; mprotect 1 0 8 0; mprotect 1 8 8 1; write 1 12; "
        "mprotect 1 0 8 1",
        {"vmas 1": [(0, 16)]},
    ),
    "a child's VMAs have an anon_vma each, and do not": Case(
        MODERN,
        "mm; mmap 1 0 32; touch 1 0 4; mprotect 1 0 8 0; fork 1; exit 1; mprotect 2 0 8 1",
        {"vmas 2": [(0, 8), (8, 32)]},
    ),
    "so that its munmap is two batches": Case(
        SINCE_V6_10,
        "mm; mmap 1 0 32; fault 1 0 4; mprotect 1 0 8 0; fork 1; exit 1; mprotect 2 0 8 1; munmap 2 0 32",
        {"mthp 4 deferred": 1, "cost sqlock": 2},
    ),
    "of a huge page, too": Case(
        SINCE_V6_12,
        "mm; mmap 1 0 512; faultpmd 1 0; mprotect 1 0 8 0; fork 1; munmap 1 0 512; mprotect 2 0 8 1; munmap 2 0 512",
        {"mthp 9 deferred": 1, "cost sqlock": 2},
    ),
    "what the child cut itself merges again": Case(
        MODERN,
        "mm; mmap 1 0 32; touch 1 0 4; fork 1; mprotect 2 0 8 0; mprotect 2 0 8 1",
        {"vmas 2": [(0, 32)]},
    ),
    "what a child inherited takes in nothing that has no page": Case(
        MODERN,
        "mm; mmap 1 0 32; mprotect 1 0 8 0; touch 1 20 1; fork 1; mprotect 2 0 8 1",
        {"vmas 2": [(0, 8), (8, 32)]},
    ),
    "a VMA of a child without pages takes the anon_vma of no neighbour": Case(
        MODERN,
        "mm; mmap 1 0 32; mprotect 1 0 8 0; write 1 20; fork 1; mprotect 2 8 24 0; mprotect 2 0 8 1; write 2 3; "
        "mprotect 2 8 24 1",
        {"vmas 2": [(0, 8), (8, 32)]},
    ),
    "what a child cuts off keeps what was inherited": Case(
        MODERN,
        "mm; mmap 1 0 32; mprotect 1 24 8 0; write 1 3; fork 1; mprotect 2 0 8 0; mprotect 2 24 8 1",
        {"vmas 2": [(0, 8), (8, 24), (24, 32)]},
    ),
    "what v6.16 takes in goes on to children": Case(
        V7_3,
        "mm; mmap 1 0 32; mprotect 1 0 8 0; write 1 20; mprotect 1 8 24 0; mprotect 1 0 8 1; mprotect 1 8 24 1; fork 1",
        {"vmas 2": [(0, 32)], "rss 2": 1},
    ),
    "a folio is found again in a VMA that grew down over it": Case(
        LATER,
        "mm; mmap 1 0 32; mprotect 1 0 8 0; fault 1 16 3; mprotect 1 0 8 1; split 1",
        {"vmas 1": [(0, 32)], "rss 1": 8, "orders": [], "bugs": []},
    ),
    "a part that a neighbour takes in leaves the rest": Case(
        MODERN,
        "mm; mmap 1 0 32; touch 1 0 32; mprotect 1 0 8 0; mprotect 1 8 8 0; mprotect 1 24 8 0; mprotect 1 20 4 0",
        {"vmas 1": [(0, 16), (16, 20), (20, 32)], "writable 1": [(16, 20)]},
    ),
    "both neighbours take in what is between them": Case(
        MODERN,
        "mm; mmap 1 0 32; touch 1 0 32; mprotect 1 8 16 0; mprotect 1 8 16 1",
        {"vmas 1": [(0, 32)], "writable 1": [(0, 32)]},
    ),
    "a page offset that does not go on keeps VMAs apart": Case(
        MODERN,
        "mm; mmap 1 8 32; touch 1 8 4; mremap 1 32 8 0; mprotect 1 0 8 0; mprotect 1 0 8 1",
        {"vmas 1": [(0, 8), (8, 32)]},
    ),
    "a hole in the page offsets keeps VMAs apart": Case(
        MODERN,
        "mm; mmap 1 0 32; touch 1 0 4; mremap 1 0 8 32; mprotect 1 32 8 0; mprotect 1 32 8 1",
        {"vmas 1": [(8, 32), (32, 40)]},
    ),
    "what has the wanted flags already is left alone": Case(
        MODERN,
        "mm; mmap 1 0 8; mmap 1 8 8; touch 1 0 16; mprotect 1 0 16 1",
        {"vmas 1": [(0, 8), (8, 16)], "cost tflush": 1, "cost thw": 0},
    ),
    "a neighbour that grows into a huge page splits its PMD": Case(
        MODERN,
        "mm; mmap 1 0 1024; faultpmd 1 512; write 1 3; mprotect 1 0 512 0; mprotect 1 512 100 0",
        {"vmas 1": [(0, 612), (612, 1024)], "event 3": 1},
    ),
    "a part that has the wanted flags already is not cut off": Case(
        MODERN, "mm; mmap 1 0 16; touch 1 0 16; mprotect 1 4 4 1", {"vmas 1": [(0, 16)], "cost tflush": 1}
    ),
    "a neighbour that may be written takes in nothing that may not": Case(
        MODERN,
        "mm; mmap 1 0 8; mmap 1 8 8; touch 1 0 16; mprotect 1 0 8 0",
        {"vmas 1": [(0, 8), (8, 16)]},
    ),
    "a cut in the middle of a huge page splits its PMD, once": Case(
        MODERN,
        "mm; mmap 1 0 512; faultpmd 1 0; mprotect 1 0 100 0; mprotect 1 100 200 0",
        {"vmas 1": [(0, 300), (300, 512)], "event 3": 1, "orders": [9]},
    ),
}
PROTECTION = {
    "a write bit that goes needs one flush": Case(
        MODERN, "mm; mmap 1 0 64; touch 1 0 64; mprotect 1 0 64 0", {"cost tflush": 1, "cost thw": 1}
    ),
    "one that comes back, too": Case(
        MODERN,
        "mm; mmap 1 0 64; touch 1 0 64; mprotect 1 0 64 0; mprotect 1 0 64 1",
        {"cost tflush": 1, "cost thw": 1, "writable 1": [(0, 64)]},
    ),
    "where nothing is mapped there is nothing to flush": Case(
        MODERN, "mm; mmap 1 0 64; mprotect 1 0 64 0", {"cost tflush": 1, "cost thw": 0}
    ),
    "what fork made read-only needs no flush": Case(
        MODERN,
        "mm; mmap 1 0 8; touch 1 0 8; fork 1; mprotect 1 0 8 0",
        {"cost tflush": 1, "cost thw": 0},
    ),
    "v7.3 takes a run of PTEs at once": Case(
        V7_3,
        "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; fault 1 32 4; fault 1 48 4; mprotect 1 0 64 0",
        {f"reasons {BATCH_FOLIO_END}": 4, "cost tflush": 1, "cost thw": 1},
    ),
    "a run ends where the write bit changes": Case(
        V7_3,
        "mm; mmap 1 0 16; fault 1 0 4; fork 1; exit 1; write 2 3; mprotect 2 0 16 0",
        {f"reasons {BATCH_WRITABLE}": 2, f"reasons {BATCH_FOLIO_END}": 1},
    ),
    "before v6.17 there are no runs": Case(
        BEFORE_V7_3,
        "mm; mmap 1 0 16; fault 1 0 4; mprotect 1 0 16 0",
        {f"reasons {BATCH_FOLIO_END}": 0, "cost thw": 1},
    ),
    "v6.1 leaves a huge PMD read-only": Case(
        V6_1,
        "mm; mmap 1 0 1024; enabled 9 1; touch 1 0 1; mprotect 1 0 512 0; mprotect 1 0 512 1",
        {"writable 1": [], "cost thw": 0},
    ),
    "later kernels do not": Case(
        LATER,
        "mm; mmap 1 0 1024; enabled 9 1; touch 1 0 1; mprotect 1 0 512 0; mprotect 1 0 512 1",
        {"writable 1": [(0, 512)], "cost thw": 1},
    ),
    "v6.1: the PTEs of a split PMD are clean, and stay read-only": Case(
        V6_1,
        "mm; mmap 1 0 512; faultpmd 1 0; mprotect 1 0 8 0; mprotect 1 0 8 1",
        {"writable 1": [(8, 512)], "vmas 1": [(0, 512)]},
    ),
    "later they are as dirty as the PMD was": Case(
        LATER,
        "mm; mmap 1 0 512; faultpmd 1 0; mprotect 1 0 8 0; mprotect 1 0 8 1",
        {"writable 1": [(0, 512)]},
    ),
    "v6.1: what MADV_FREE cleaned stays read-only, but for what was written again": Case(
        V6_1,
        "mm; mmap 1 0 8; touch 1 0 8; free 1 0 8; write 1 3; mprotect 1 0 8 0; mprotect 1 0 8 1",
        {"writable 1": [(3, 4)]},
    ),
    "later kernels look at AnonExclusive alone": Case(
        LATER,
        "mm; mmap 1 0 8; touch 1 0 8; free 1 0 8; write 1 3; mprotect 1 0 8 0; mprotect 1 0 8 1",
        {"writable 1": [(0, 8)]},
    ),
    "what is shared stays read-only": Case(
        MODERN,
        "mm; mmap 1 0 8; touch 1 0 8; fork 1; write 1 3; mprotect 1 0 8 0; mprotect 1 0 8 1",
        {"writable 1": [(3, 4)]},
    ),
    "what comes before a hole is changed, and the hole is the result": Case(
        MODERN,
        "mm; mmap 1 0 8; mmap 1 16 8; touch 1 0 8; touch 1 16 8; mprotect 1 0 24 0",
        {"result": -ENOMEM, "writable 1": [(16, 24)], "cost tflush": 1, "cost thw": 1},
    ),
    "a range that ends in a hole is changed up to there": Case(
        MODERN,
        "mm; mmap 1 0 8; touch 1 0 8; mprotect 1 4 8 0",
        {"result": -ENOMEM, "writable 1": [(0, 4)], "vmas 1": [(0, 4), (4, 8)]},
    ),
    "VMAs without a gap are one range": Case(
        MODERN,
        "mm; mmap 1 0 8; mmap 1 8 8; touch 1 0 16; mprotect 1 4 12 0",
        {"result": 0, "writable 1": [(0, 4)], "cost tflush": 1},
    ),
}
SIGNALS = {
    "writes go on up to a read-only VMA": Case(
        MODERN,
        "mm; mmap 1 0 16; mprotect 1 8 8 0; touch 1 0 16",
        {"rss 1": 8, "result": -EFAULT},
    ),
    "writes go on up to a hole": Case(
        MODERN, "mm; mmap 1 0 8; mmap 1 16 8; touch 1 0 24", {"rss 1": 8, "result": -EFAULT}
    ),
    "writes that are allowed have no error": Case(
        MODERN, "mm; mmap 1 0 8; mmap 1 8 8; touch 1 0 16", {"rss 1": 16, "result": 0}
    ),
}
MOVES = {
    "before v6.17 a move over VMAs has unmapped its destination when it fails": Case(
        BEFORE_V6_17,
        "mm; mmap 1 0 8; mmap 1 8 8; fault 1 0 0; fault 1 8 0; mmap 1 100 32; fault 1 104 0; mremap 1 0 16 100",
        {"result": -EFAULT, "vmas 1": [(0, 8), (8, 16), (116, 132)], "rss 1": 2},
    ),
    "a move that leaves its VMA has unmapped its destination, too": Case(
        BEFORE_V6_17,
        "mm; mmap 1 0 8; fault 1 0 0; mmap 1 100 32; mremap 1 4 16 100",
        {"result": -EFAULT, "vmas 1": [(0, 8), (116, 132)], "rss 1": 1},
    ),
    "v6.17 moves several VMAs": Case(
        V7_3,
        "mm; mmap 1 0 8; mmap 1 8 8; fault 1 0 0; fault 1 8 0; mmap 1 100 32; fault 1 104 0; mremap 1 0 16 100",
        {"result": 0, "vmas 1": [(100, 108), (108, 116), (116, 132)], "rss 1": 2},
    ),
    "holes go along, and what is mapped where they come stays": Case(
        V7_3,
        "mm; mmap 1 0 8; mmap 1 16 8; touch 1 0 8; touch 1 16 8; mmap 1 104 16; touch 1 108 8; mremap 1 4 16 104",
        {"result": 0, "vmas 1": [(0, 4), (20, 24), (104, 108), (108, 116), (116, 120)], "rss 1": 24},
    ),
    "a hole at the end is no error": Case(
        V7_3,
        "mm; mmap 1 0 8; touch 1 0 8; mremap 1 4 16 100",
        {"result": 0, "vmas 1": [(0, 4), (100, 104)], "rss 1": 8},
    ),
}
OF_VMAS: dict[str, Case] = {**MERGING, **PROTECTION, **SIGNALS, **MOVES}
