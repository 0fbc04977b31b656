"""The cases of docs/kernel/readings.md about pages and folios, by what they show."""

from __future__ import annotations

from folioviz.machine.journal import BATCH_DIRTY
from folioviz.machine.memory import ENOMEM
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
MIGRATION = {
    "a folio is mapped again VMA by VMA, not page by page": Case(
        V7_3,
        "mm; mmap 1 0 24; fork 1; fault 2 0 3; fork 2; write 2 0; remap 1",
        {"owners 1": (2, 3), "rss 2": 8, "rss 3": 8},
    ),
    "who is mapped last is not known to be alone": Case(
        V7_3,
        "mm; mmap 1 0 16; fault 1 0 2; fork 1; fork 1; write 1 0; remap 1; exit 1; exit 2; write 3 1",
        {"cost palloc": 1},
    ),
    "a copy is mapped as what it was made of": Case(
        V7_3,
        "mm; mmap 1 0 24; fork 1; fault 2 0 3; fork 2; write 2 0; migrate 1",
        {"owners 3": (2, 3), "rss 2": 8, "rss 3": 8},
    ),
}
OF_PAGES: dict[str, Case] = {**ZEROS, **ADVICE, **DIRTY, **SIZES, **MIGRATION}
