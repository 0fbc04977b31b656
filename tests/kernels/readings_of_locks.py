"""The cases of docs/kernel/mlock.md, by what they show."""

from __future__ import annotations

from folioviz.machine.memory import ENOMEM, THP_SPLIT_PMD
from tests.kernels.cases import LATER, MODERN, SINCE_V6_10, SINCE_V6_12, V6_1, V7_3, Case

OF_LOCKS = {
    "pages are brought as by writes, in folios that fit the VMA": Case(
        LATER,
        "enabled 4 1; mm; mmap 1 0 64; mlock 1 0 20",
        {"rss 1": 20, "orders": [4], "vmas 1": [(0, 20), (20, 64)], "locked 1": [(0, 20)], "result": 0},
    ),
    "and hold nothing but zeros": Case(
        SINCE_V6_12,
        "enabled 9 1; maxnone 100; mm; mmap 1 0 512; mlock 1 0 512; shrink 1",
        {"orders": [], "rss 1": 0},
    ),
    "single pages, too": Case(MODERN, "mm; mmap 1 0 64; mlock 1 0 4", {"rss 1": 4, "writable 1": [(0, 4)]}),
    "what is shared is copied": Case(
        MODERN,
        "mm; mmap 1 0 8; touch 1 0 8; fork 1; mlock 1 0 4",
        {"rss 1": 8, "writable 1": [(0, 4)]},
    ),
    "pages that MADV_FREE was told of are dirty again, though their PTEs are not": Case(
        SINCE_V6_10,
        "mm; mmap 1 0 16; fault 1 0 4; free 1 0 16; mlock 1 0 16",
        {"dirty": [True], "young 1": []},
    ),
    "so are single pages": Case(
        V6_1, "mm; mmap 1 0 4; write 1 0; write 1 1; free 1 0 4; mlock 1 0 1", {"dirty": [True, False]}
    ),
    "not where the VMA is read-only": Case(
        SINCE_V6_10,
        "mm; mmap 1 0 16; fault 1 0 4; free 1 0 16; mprotect 1 0 16 0; mlock 1 0 16",
        {"dirty": [False]},
    ),
    "a PMD that MADV_FREE was told of is accessed and dirty again": Case(
        MODERN,
        "mm; mmap 1 0 512; faultpmd 1 0; free 1 0 512; mlock 1 0 512",
        {"dirty": [False], "marks 1 0": set()},
    ),
    "accessed only, where the VMA is read-only": Case(
        MODERN,
        "mm; mmap 1 0 512; faultpmd 1 0; free 1 0 512; mprotect 1 0 512 0; mlock 1 0 512",
        {"dirty": [False], "marks 1 0": {"clean"}},
    ),
    "a huge page that is there stays": Case(
        MODERN,
        "mm; mmap 1 0 512; faultpmd 1 0; mlock 1 0 512",
        {"orders": [9], f"event {THP_SPLIT_PMD}": 0, "locked 1": [(0, 512)]},
    ),
    "a huge page that is locked in part is split, and nothing is unmapped": Case(
        MODERN,
        "mm; mmap 1 0 512; faultpmd 1 0; mlock 1 0 256",
        {f"event {THP_SPLIT_PMD}": 1, "rss 1": 512, "orders": [9]},
    ),
    "munlock leaves pages, and VMAs merge": Case(
        MODERN,
        "mm; mmap 1 0 16; write 1 0; mlock 1 4 4; munlock 1 0 16",
        {"rss 1": 5, "vmas 1": [(0, 16)], "locked 1": []},
    ),
    "a child locks nothing": Case(
        MODERN,
        "mm; mmap 1 0 16; mlock 1 0 8; fork 1",
        {"locked 1": [(0, 8)], "locked 2": [], "vmas 2": [(0, 8), (8, 16)]},
    ),
    "what is moved is locked": Case(
        MODERN, "mm; mmap 1 0 16; mlock 1 0 16; mremap 1 0 8 100", {"locked 1": [(8, 16), (100, 108)]}
    ),
    "what MREMAP_DONTUNMAP leaves is not": Case(
        MODERN, "mm; mmap 1 0 16; mlock 1 0 16; dontunmap 1 0 8 100", {"locked 1": [(100, 108)]}
    ),
    "MADV_DONTNEED_LOCKED zaps, and the VMA stays locked": Case(
        MODERN,
        "mm; mmap 1 0 16; mlock 1 0 16; dontneedlocked 1 0 8",
        {"rss 1": 8, "locked 1": [(0, 16)]},
    ),
    "a hole ends the call, and nothing is brought": Case(
        MODERN,
        "mm; mmap 1 0 4; mmap 1 8 4; mlock 1 0 12",
        {"rss 1": 0, "locked 1": [(0, 4)], "result": -ENOMEM},
    ),
    "what is locked and becomes writable again is copied": Case(
        MODERN,
        "mm; mmap 1 0 8; mlock 1 0 8; mprotect 1 0 8 0; fork 1; mprotect 1 0 8 1",
        {"rss 1": 8, "writable 1": [(0, 8)]},
    ),
    "guard markers go from what is locked": Case(
        V7_3, "mm; mmap 1 0 8; guard 1 0 2; mlock 1 4 4; unguard 1 0 8", {"guards 1": [], "rss 1": 4}
    ),
}
"""Every case, by name."""
