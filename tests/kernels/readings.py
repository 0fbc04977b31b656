"""The cases of docs/kernel/readings.md, by what they show."""

from __future__ import annotations

from folioviz.machine.journal import BATCH_DIRTY, BATCH_FOLIO_END, BATCH_WRITABLE
from tests.kernels.cases import (
    BEFORE_V6_10,
    BEFORE_V7_3,
    LATER,
    MODERN,
    SINCE_V6_10,
    SINCE_V6_12,
    V6_1,
    V7_3,
    Case,
)

ENOMEM = 12
EFAULT = 14

ZEROS = {
    "a page that was not written goes at a split": Case(
        SINCE_V6_12, "enabled 4 1; mm; mmap 1 0 16; touch 1 0 1; cold 1 0 8", {"rss 1": 1, "orders": []}
    ),
    "a huge page that a write brought is empty but for one page": Case(
        SINCE_V6_12, "enabled 9 1; mm; mmap 1 0 512; write 1 7; split 1", {"rss 1": 1, "orders": []}
    ),
    "before v6.12 a split keeps pages of zeros": Case(
        LATER[:3], "enabled 4 1; mm; mmap 1 0 16; touch 1 0 1; split 1", {"rss 1": 16, "orders": []}
    ),
    "100 written pages of 512 are too few for max_ptes_none 409": Case(
        SINCE_V6_12,
        "maxnone 409; enabled 9 1; mm; mmap 1 0 512; touch 1 0 100; shrink 1",
        {"rss 1": 100, "orders": [], "queue": []},
    ),
}
ADVICE = {
    **{
        f"{word}: before v6.10 a shared folio ends the visit": Case(
            (*BEFORE_V6_10,),
            f"mm; mmap 1 0 64; fault 1 0 3; fork 1; dontneed 2 8 56; fault 1 8 3; {word} 1 0 14",
            {"orders": [3, 3], "event 1": 0, "event 0": 0, "cost sqlock": 0, "result": 0},
        )
        for word in ("free", "cold")
    },
    **{
        f"{word}: from v6.10 on the visit goes on behind a shared folio": Case(
            SINCE_V6_10,
            f"mm; mmap 1 0 64; fault 1 0 3; fork 1; dontneed 2 8 56; fault 1 8 3; {word} 1 0 14",
            {"orders": [3]},
        )
        for word in ("free", "cold")
    },
    "the visit that ends is that of one page table": Case(
        BEFORE_V6_10,
        "mm; mmap 1 0 1024; fault 1 0 3; fork 1; fault 1 512 4; fault 1 528 4; free 1 0 544",
        {"orders": [3], "event 1": 2},
    ),
    "v6.8 takes a folio whose first page nobody maps for shared": Case(
        ("v6.8",), "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 1; free 1 4 4", {"orders": [4], "queue": [1]}
    ),
    "v6.9 does not": Case(
        ("v6.9",), "mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 1; free 1 4 4", {"orders": [], "queue": []}
    ),
    "before v6.10 a folio that cannot be split ends the visit": Case(
        BEFORE_V6_10,
        "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; get 1; free 1 0 20",
        {"orders": [4, 4], "event 2": 1, "event 1": 0},
    ),
    "from v6.10 on it is passed over as a whole": Case(
        SINCE_V6_10,
        "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; get 1; free 1 4 14",
        {"orders": [4], "mthp 4 failed": 1, "mthp 4 split": 1},
    ),
    "advice goes on behind a hole, and the hole is the result": Case(
        MODERN,
        "mm; mmap 1 0 8; mmap 1 16 1100; enabled 9 1; touch 1 512 1; cold 1 4 700",
        {"orders": [], "event 3": 1, "result": -ENOMEM},
    ),
    "advice that ends in a hole has an error, too": Case(
        MODERN,
        "mm; mmap 1 0 8; touch 1 0 8; free 1 4 8",
        {"result": -ENOMEM, "cost tflush": 1, "cost thw": 1},
    ),
    "advice that begins in a hole has an error, too": Case(
        MODERN,
        "mm; mmap 1 8 8; touch 1 8 8; free 1 4 8",
        {"result": -ENOMEM, "cost tflush": 1, "cost thw": 1},
    ),
    "each VMA that is advised has a gather of its own": Case(
        (*V6_1, *BEFORE_V7_3),
        "mm; mmap 1 0 8; mmap 1 8 8; touch 1 0 16; free 1 0 16",
        {"result": 0, "cost tflush": 2, "cost thw": 2},
    ),
    "v7.3: MADV_FREE has one gather for all VMAs": Case(
        V7_3,
        "mm; mmap 1 0 8; mmap 1 8 8; touch 1 0 16; free 1 0 16",
        {"result": 0, "cost tflush": 1, "cost thw": 1},
    ),
    "v7.3: MADV_COLD still has one for each": Case(
        V7_3,
        "mm; mmap 1 0 8; mmap 1 8 8; touch 1 0 16; cold 1 0 16",
        {"result": 0, "cost tflush": 2, "cost thw": 2},
    ),
    "what was advised before needs no flush": Case(
        MODERN, "mm; mmap 1 0 8; touch 1 0 8; free 1 0 8; free 1 0 8", {"cost tflush": 1, "cost thw": 0}
    ),
    "MADV_COLD behind MADV_FREE finds nothing accessed": Case(
        MODERN, "mm; mmap 1 0 8; touch 1 0 8; free 1 0 8; cold 1 0 8", {"cost tflush": 1, "cost thw": 0}
    ),
    "MADV_FREE behind MADV_COLD finds pages dirty": Case(
        MODERN, "mm; mmap 1 0 8; touch 1 0 8; cold 1 0 8; free 1 0 8", {"cost tflush": 1, "cost thw": 1}
    ),
    "a write makes a page accessed and dirty again": Case(
        MODERN, "mm; mmap 1 0 8; touch 1 0 8; free 1 0 8; write 1 3; cold 1 0 8", {"cost thw": 1}
    ),
    "a child has not accessed anything, and what is shared is not aged": Case(
        MODERN, "mm; mmap 1 0 8; touch 1 0 8; fork 1; exit 1; cold 2 0 8", {"cost tflush": 1, "cost thw": 0}
    ),
    "MADV_COLD lets small pages be that others map": Case(
        MODERN, "mm; mmap 1 0 8; touch 1 0 8; fork 1; cold 1 0 8", {"cost tflush": 1, "cost thw": 0}
    ),
    "MADV_FREE does not": Case(
        MODERN, "mm; mmap 1 0 8; touch 1 0 8; fork 1; free 1 0 8", {"cost tflush": 1, "cost thw": 1}
    ),
    "MADV_FREE lets a shared folio be that is PG_dirty": Case(
        SINCE_V6_10,
        "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; fork 1; free 1 0 512",
        {"cost tflush": 1, "cost thw": 0, "orders": [9]},
    ),
    "a huge page that a PMD maps is advised by its PMD": Case(
        MODERN,
        "mm; mmap 1 0 512; faultpmd 1 0; free 1 0 512; free 1 0 512",
        {"orders": [9], "cost thw": 0, "event 3": 0},
    ),
    "its PMD needs one flush": Case(
        MODERN, "mm; mmap 1 0 512; faultpmd 1 0; free 1 0 512", {"cost tflush": 1, "cost thw": 1}
    ),
    "what is left of a folio that was split is advised at once": Case(
        MODERN, "mm; mmap 1 0 512; faultpmd 1 0; free 1 0 8; free 1 0 8", {"orders": [], "cost thw": 0}
    ),
    "so it is if PTEs mapped it": Case(
        LATER, "mm; mmap 1 0 64; fault 1 0 4; free 1 0 8; free 1 0 8", {"orders": [], "cost thw": 0}
    ),
    "pages that were a folio are PG_dirty": Case(
        LATER,
        "mm; mmap 1 0 16; fault 1 0 4; split 1; fork 1; free 1 0 16",
        {"cost tflush": 1, "cost thw": 0},
    ),
    "what a migration brings is PG_dirty": Case(
        SINCE_V6_10,
        "mm; mmap 1 0 16; fault 1 0 4; migrate 1; fork 1; free 1 0 16",
        {"cost tflush": 1, "cost thw": 0, "orders": [4]},
    ),
    "MADV_FREE makes them clean": Case(
        LATER,
        "mm; mmap 1 0 16; fault 1 0 4; split 1; free 1 0 16; touch 1 0 16; fork 1; free 1 0 16",
        {"cost tflush": 1, "cost thw": 1},
    ),
    "a shared one is not": Case(
        MODERN,
        "mm; mmap 1 0 512; faultpmd 1 0; fork 1; free 1 0 512",
        {"orders": [9], "cost tflush": 1, "cost thw": 0, "event 3": 0},
    ),
    "v6.1: MADV_FREE looks at the first page of a huge page": Case(
        ("v6.1",),
        "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; fork 1; dontneed 2 0 8; free 1 9 4",
        {"orders": [], "event 1": 1},
    ),
    "v6.1 as released: at the page itself": Case(
        ("v6.1.0",),
        "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; fork 1; dontneed 2 0 8; free 1 9 4",
        {"orders": [9], "event 1": 0},
    ),
    "v6.1: MADV_COLD looks at the page itself": Case(
        V6_1,
        "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; fork 1; dontneed 2 0 8; cold 1 9 4",
        {"orders": [9], "event 1": 0},
    ),
}
DIRTY = {
    "a run of fork ends where the dirty bit changes": Case(
        SINCE_V6_10,
        "mm; mmap 1 0 16; fault 1 0 4; free 1 0 16; write 1 3; fork 1",
        {"cost rget": 3, f"reasons {BATCH_DIRTY}": 2},
    ),
    "v6.9 splits what PTEs map, so that a PMD has to be advised": Case(
        ("v6.9",),
        "mm; mmap 1 0 512; faultpmd 1 0; free 1 0 512; splitpmd 1 0; write 1 3; fork 1",
        {"cost rget": 3, "orders": [9]},
    ),
    "zap takes such runs together": Case(
        SINCE_V6_10, "mm; mmap 1 0 16; fault 1 0 4; free 1 0 16; write 1 3; munmap 1 0 16", {"cost rput": 1}
    ),
    "a migration keeps the bits": Case(
        SINCE_V6_10,
        "mm; mmap 1 0 16; fault 1 0 4; free 1 0 16; write 1 3; remap 1; fork 1",
        {"cost rget": 3},
    ),
    "a child's copies are as dirty as the parent's": Case(
        SINCE_V6_10,
        "mm; mmap 1 0 16; fault 1 0 4; free 1 0 16; write 1 3; fork 1; fork 2",
        {"cost rget": 3},
    ),
}
SIZES = {
    "a size is taken where its whole block is empty": Case(
        LATER,
        "mm; mmap 1 0 64; touch 1 5 1; enabled 4 1; touch 1 0 1; touch 1 16 1",
        {"order 1 0": 0, "order 1 16": 4},
    ),
    "a size is taken where its whole block is in the VMA": Case(
        LATER, "enabled 4 1; mm; mmap 1 8 30; touch 1 8 1; touch 1 16 1; touch 1 32 1", {"orders": [4]}
    ),
    "what a split left of the zero page is not empty": Case(
        SINCE_V6_12,
        "enabled 4 1; mm; mmap 1 0 16; touch 1 0 1; split 1; touch 1 4 1",
        {"orders": [], "rss 1": 2},
    ),
    "a page table that v7.3 freed gives room for a huge page": Case(
        V7_3,
        "mm; mmap 1 0 512; touch 1 0 3; dontneed 1 0 512; enabled 9 1; enabled 8 1; touch 1 0 1",
        {"orders": [9]},
    ),
    "before, the empty table leaves order 8": Case(
        BEFORE_V7_3,
        "mm; mmap 1 0 512; touch 1 0 3; dontneed 1 0 512; enabled 9 1; enabled 8 1; touch 1 0 1",
        {"orders": [8]},
    ),
}
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
CASES: dict[str, Case] = {**ZEROS, **ADVICE, **DIRTY, **SIZES, **MERGING, **PROTECTION, **SIGNALS}
