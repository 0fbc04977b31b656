"""The cases of docs/kernel/readings.md about PROT_NONE, by what they show."""

from __future__ import annotations

from folioviz.machine.memory import EFAULT, ENOMEM, THP_SPLIT_PMD
from tests.kernels.cases import LATER, MODERN, SINCE_V6_12, V6_1, Case

OF_RIGHTS = {
    "the guard zone of a stack shatters its huge page, and all of it stays": Case(
        MODERN,
        "enabled 9 1; mm; mmap 1 0 512; touch 1 510 2; protnone 1 0 4",
        {"rss 1": 512, "vmas 1": [(0, 4), (4, 512)], f"event {THP_SPLIT_PMD}": 1, "orders": [9], "result": 0},
    ),
    "what is given back of it flags the folio": Case(
        SINCE_V6_12,
        "enabled 9 1; mm; mmap 1 0 512; touch 1 510 2; protnone 1 0 4; dontneed 1 4 496",
        {"rss 1": 16, "queue": [1], "orders": [9]},
    ),
    "nothing is writable": Case(
        MODERN, "mm; mmap 1 0 16; touch 1 0 16; protnone 1 4 4", {"writable 1": [(0, 4), (8, 16)]}
    ),
    "going there from read-only flushes, though no write bit changes": Case(
        MODERN, "mm; mmap 1 0 16; touch 1 0 16; mprotect 1 0 16 0; protnone 1 0 16", {"cost thw": 1}
    ),
    "a huge page, too": Case(
        MODERN, "mm; mmap 1 0 512; faultpmd 1 0; mprotect 1 0 512 0; protnone 1 0 512", {"cost thw": 1}
    ),
    "where nothing is mapped there is nothing to flush": Case(
        MODERN, "mm; mmap 1 0 16; write 1 15; protnone 1 0 8", {"cost thw": 0}
    ),
    "coming back flushes nothing, though write bits come back": Case(
        MODERN,
        "mm; mmap 1 0 16; touch 1 0 16; protnone 1 0 16; mprotect 1 0 16 1",
        {"cost thw": 0, "writable 1": [(0, 16)]},
    ),
    "nor does a huge page": Case(
        MODERN, "mm; mmap 1 0 512; faultpmd 1 0; protnone 1 0 512; mprotect 1 0 512 1", {"cost thw": 0}
    ),
    "by way of read-only the write bit's change is flushed": Case(
        MODERN,
        "mm; mmap 1 0 16; touch 1 0 16; protnone 1 0 16; mprotect 1 0 16 0; mprotect 1 0 16 1",
        {"cost thw": 1},
    ),
    "PROT_NONE and read-only are not the same rights": Case(
        MODERN,
        "mm; mmap 1 0 16; write 1 0; mprotect 1 0 8 0; protnone 1 8 8",
        {"vmas 1": [(0, 8), (8, 16)]},
    ),
    "equal rights merge": Case(
        MODERN,
        "mm; mmap 1 0 16; write 1 0; write 1 8; protnone 1 0 8; protnone 1 8 8",
        {"vmas 1": [(0, 16)]},
    ),
    "what no page came to is not accounted any more": Case(
        LATER,
        "mm; mmap 1 0 16; protnone 1 0 8; write 1 12; protnone 1 8 8; mprotect 1 0 8 1; protnone 1 0 8",
        {"vmas 1": [(0, 8), (8, 16)]},
    ),
    "v6.1 goes on accounting": Case(
        V6_1,
        "mm; mmap 1 0 16; protnone 1 0 8; write 1 12; protnone 1 8 8; mprotect 1 0 8 1; protnone 1 0 8",
        {"vmas 1": [(0, 16)]},
    ),
    "a hole ends it": Case(
        MODERN,
        "mm; mmap 1 0 4; mmap 1 8 4; write 1 8; protnone 1 0 12",
        {"result": -ENOMEM, "writable 1": [(8, 9)]},
    ),
    "writes go on up to it": Case(
        MODERN, "mm; mmap 1 0 16; protnone 1 4 4; touch 1 0 16", {"rss 1": 4, "result": -EFAULT}
    ),
    "fork copies the rights": Case(
        MODERN,
        "mm; mmap 1 0 16; touch 1 0 16; protnone 1 4 4; fork 1; touch 2 0 16",
        {"rss 2": 16, "result": -EFAULT, "writable 2": [(0, 4)]},
    ),
}
"""Every case, by name."""
