"""The cases of docs/kernel/khugepaged.md, by what they show."""

from __future__ import annotations

from folioviz.kernels import KERNELS
from folioviz.machine.journal import (
    COLLAPSE_AS_LARGE,
    COLLAPSE_GIVEN_AWAY,
    COLLAPSE_NOT_THERE,
    COLLAPSE_SWAPPED,
    SWAPPED_IN,
)
from folioviz.machine.memory import EAGAIN, EINVAL, ENOMEM
from tests.kernels.cases import BEFORE_V6_10, BEFORE_V7_3, LATER, MODERN, SINCE_V6_10, SINCE_V6_12, V7_3, Case

ALL = tuple(KERNELS)
NOT_OLDEST = tuple(key for key in ALL if key not in {"v6.1", "v6.1.0"})
HUGE = {"orders": [9], "rss 1": 512}
FOUR = "mm; mmap 1 0 512; fault 1 0 4; fault 1 16 4; fault 1 32 4; fault 1 48 4"
SMALL = "mm; mmap 1 0 512; fault 1 0 0; fault 1 1 0"
SIXTY = "enabled 4 1; mm; mmap 1 0 512; " + "; ".join(f"fault 1 {page} 0" for page in range(60))
THREE_HUNDRED = "enabled 4 1; mm; mmap 1 0 512; " + "; ".join(f"fault 1 {page} 0" for page in range(300))
MANY = "enabled 9 1; mm; mmap 1 0 512; " + "; ".join(f"fault 1 {page} 0" for page in range(257))
FULL = "enabled 9 1; swapon 1024; mm; mmap 1 0 512; faultpmd 1 0"
ONE_OF_EACH = "; ".join(
    [
        "enabled 9 1; mm; mmap 1 0 512",
        *(f"fault 1 {page} 4" for page in range(0, 496, 16)),
        "fork 1",
        *(f"dontneed 2 {page + 1} 15" for page in range(0, 496, 16)),
        "fault 1 496 0; khugepaged 1",
    ]
)
"""31 folios of 16 pages, of which a child maps the first page each."""

OF_COLLAPSE = {
    "one page becomes 2 MiB": Case(
        ALL,
        "mm; mmap 1 0 512; fault 1 7 0; collapse 1 0 512",
        HUGE | {"result": 0, "tables": 0, "writable 1": [(0, 512)], "cost palloc": 512, "cost pfree": 1},
    ),
    "holes are zeros, what was written is not": Case(
        SINCE_V6_12,
        "maxnone 509; mm; mmap 1 0 512; fault 1 7 0; fault 1 9 0; fault 1 11 0; collapse 1 0 512; shrink 1",
        {"orders": [9], "rss 1": 512},
    ),
    "with one more it is underused": Case(
        SINCE_V6_12,
        "maxnone 509; mm; mmap 1 0 512; fault 1 7 0; fault 1 9 0; collapse 1 0 512; maxnone 508; shrink 1",
        {"orders": [], "rss 1": 2},
    ),
    "it is queued as it is born": Case(SINCE_V6_12, f"{SMALL}; collapse 1 0 512", {"queue": [3]}),
    "before, it is not": Case(LATER[:3], f"{SMALL}; collapse 1 0 512", {"queue": []}),
    "large folios are queued as they go": Case(
        ("v6.12",),
        f"{FOUR}; collapse 1 0 512",
        HUGE | {f"mthp 4 {name}": value for name, value in (("deferred", 4), ("alive", 0), ("flagged", 0))},
    ),
    "or go by runs": Case(
        V7_3, f"{FOUR}; collapse 1 0 512", HUGE | {"mthp 4 deferred": 0, "cost qadd": 1, "cost sqlock": 1}
    ),
    "what is partially mapped goes, too": Case(
        NOT_OLDEST, "mm; mmap 1 0 512; fault 1 0 4; dontneed 1 4 8; collapse 1 0 512", HUGE
    ),
    "a huge page under PTEs is replaced": Case(
        ALL,
        "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; collapse 1 0 512",
        HUGE | {"cost pfree": 512, "tables": 0},
    ),
    "a huge page stays": Case(
        ALL, "mm; mmap 1 0 512; faultpmd 1 0; collapse 1 0 512", HUGE | {"cost palloc": 0, "result": 0}
    ),
    "what a child shares is copied": Case(
        ALL,
        f"{SMALL}; write 1 0; fork 1; write 1 1; collapse 1 0 512",
        {"rss 1": 512, "rss 2": 2, "orders": [9], "result": 0},
    ),
    "a reference is in the way": Case(
        ALL, f"{SMALL}; get 2; collapse 1 0 512", {"orders": [], "rss 1": 2, "result": -EAGAIN}
    ),
    "a pin is in the way": Case(
        ALL, f"{SMALL}; pin 1 0 1; collapse 1 0 512", {"rss 1": 2, "result": -EAGAIN}
    ),
    "nothing may be written": Case(
        (*MODERN[:2], *BEFORE_V7_3),
        f"{SMALL}; mprotect 1 0 512 0; collapse 1 0 512",
        {"rss 1": 2, "result": -EINVAL},
    ),
    "v7.3 collapses it all the same": Case(
        V7_3, f"{SMALL}; mprotect 1 0 512 0; collapse 1 0 512", HUGE | {"writable 1": [], "result": 0}
    ),
    "no page table": Case(ALL, "mm; mmap 1 0 512; collapse 1 0 512", {"rss 1": 0, "result": -EINVAL}),
    "a VMA that is too small": Case(
        ALL, "mm; mmap 1 0 511; fault 1 0 0; collapse 1 0 511", {"rss 1": 1, "result": -EINVAL}
    ),
    "a hole is told of at the end": Case(
        ALL,
        "mm; mmap 1 0 512; mmap 1 1024 512; fault 1 0 0; fault 1 1024 0; collapse 1 0 1536",
        {"orders": [9, 9], "rss 1": 1024, "result": -ENOMEM},
    ),
    "the next is collapsed if one is not": Case(
        ALL,
        "mm; mmap 1 0 1024; fault 1 512 0; collapse 1 0 1024",
        {"orders": [9], "rss 1": 512, "result": -EINVAL},
    ),
    "a range inside of 2 MiB": Case(
        tuple(key for key in ALL if key not in V7_3),
        f"{SMALL}; collapse 1 1 100",
        {"rss 1": 2, "result": -EINVAL},
    ),
    "is nothing to do in v7.3": Case(V7_3, f"{SMALL}; collapse 1 1 100", {"rss 1": 2, "result": 0}),
    "khugepaged makes 2 MiB of one page": Case(
        MODERN, "enabled 9 1; mm; mmap 1 0 512; fault 1 7 0; khugepaged 1", HUGE | {"result": 1}
    ),
    "no more than max_ptes_none may be missing": Case(
        MODERN,
        "enabled 9 1; maxnone 510; mm; mmap 1 0 512; fault 1 7 0; khugepaged 1",
        {"rss 1": 1, "result": 0},
    ),
    "as many may": Case(MODERN, f"enabled 9 1; maxnone 510; {SMALL}; khugepaged 1", HUGE | {"result": 1}),
    "2 MiB must be enabled": Case(MODERN, f"{SMALL}; khugepaged 1", {"rss 1": 2, "result": 0}),
    "shared pages are few enough": Case(
        MODERN,
        MANY.removesuffix("; fault 1 256 0") + "; fork 1; write 1 0; khugepaged 1",
        {"rss 1": 512, "result": 1},
    ),
    "or too many": Case(
        MODERN, MANY + "; fault 1 300 0; fork 1; write 1 300; khugepaged 1", {"rss 1": 258, "result": 0}
    ),
    "of a folio one page is shared": Case(BEFORE_V6_10, ONE_OF_EACH, {"rss 1": 512, "result": 1}),
    "or of a folio's pages all are": Case(SINCE_V6_10, ONE_OF_EACH, {"rss 1": 497, "result": 0}),
    "MADV_COLLAPSE does not ask": Case(
        MODERN, MANY + "; fault 1 300 0; fork 1; write 1 300; collapse 1 0 512", {"rss 1": 512, "result": 0}
    ),
    "nobody accessed it": Case(
        LATER, f"enabled 9 1; {SMALL}; cold 1 0 2; khugepaged 1", {"rss 1": 2, "result": 0}
    ),
    "what is held is left": Case(
        MODERN, f"enabled 9 1; {SMALL}; get 1; khugepaged 1", {"rss 1": 2, "result": 0}
    ),
    "sixty pages become four folios": Case(
        V7_3, f"{SIXTY}; khugepaged 1", {"orders": [4, 4, 4, 4], "rss 1": 64, "queue": [], "result": 1}
    ),
    "or three, where none may be missing": Case(
        V7_3, f"maxnone 0; {SIXTY}; khugepaged 1", {"orders": [4, 4, 4], "rss 1": 60, "result": 1}
    ),
    "a second pass changes nothing": Case(
        V7_3,
        f"{SIXTY}; khugepaged 1; khugepaged 1",
        {"orders": [4, 4, 4, 4], "rss 1": 64, "result": 0, f"reasons {COLLAPSE_AS_LARGE}": 4},
    ),
    "the largest that is enabled comes first": Case(
        V7_3, f"enabled 5 1; {SIXTY}; khugepaged 1", {"orders": [5, 5], "rss 1": 64, "result": 1}
    ),
    "before v7.3 there are none": Case(BEFORE_V7_3, f"{SIXTY}; khugepaged 1", {"rss 1": 60, "result": 0}),
    "less than 2 MiB leaves what is shared": Case(
        V7_3, f"{SIXTY}; fork 1; write 1 0; khugepaged 1", {"orders": [], "rss 1": 60, "result": 0}
    ),
    "and what was given away": Case(
        V7_3,
        f"{SIXTY}; free 1 0 1; khugepaged 1",
        {"orders": [], "rss 1": 60, "result": 0, f"reasons {COLLAPSE_GIVEN_AWAY}": 1},
    ),
    "and what is in swap": Case(
        V7_3,
        f"swapon 64; {THREE_HUNDRED}; pageout 1 20 2; khugepaged 1",
        {"orders": [4] * 18, "swapped 1": [20, 21], f"reasons {COLLAPSE_SWAPPED}": 1},
    ),
    "or around a marker": Case(
        V7_3,
        f"{THREE_HUNDRED}; guard 1 20 1; khugepaged 1",
        {"orders": [4] * 18, "guards 1": [20], "result": 1, f"reasons {COLLAPSE_SWAPPED}": 1},
    ),
    "which ends 2 MiB, and all smaller folios": Case(
        V7_3,
        f"enabled 9 1; {THREE_HUNDRED}; guard 1 20 1; khugepaged 1",
        {"orders": [], "result": 0, f"reasons {COLLAPSE_NOT_THERE}": 1},
    ),
    "where a folio is as large, the next place comes": Case(
        V7_3,
        "enabled 4 1; enabled 5 1; mm; mmap 1 0 512; fault 1 0 5; dontneed 1 0 16; "
        + "; ".join(f"fault 1 {page} 0" for page in (*range(16), *range(48, 64)))
        + "; khugepaged 1",
        {"orders": [5, 5], "order 1 0": 0, "order 1 48": 5, f"reasons {COLLAPSE_AS_LARGE}": 1},
    ),
    "what comes before a marker is read back": Case(
        V7_3,
        f"{FULL}; pageout 1 5 1; pageout 1 30 1; guard 1 20 1; collapse 1 0 512",
        {"result": -EINVAL, "swapped 1": [30], "order 1 0": 0, f"reasons {COLLAPSE_NOT_THERE}": 1},
    ),
    "what is in swap is read back": Case(
        MODERN,
        f"{FULL}; pageout 1 0 100; collapse 1 0 512",
        HUGE | {"result": 0, "swapped 1": [], f"reasons {SWAPPED_IN}": 100},
    ),
    "khugepaged reads back at most 64 pages": Case(
        MODERN, f"{FULL}; pageout 1 0 64; khugepaged 1", HUGE | {"result": 1, "swapped 1": []}
    ),
    "not one more": Case(
        MODERN,
        f"{FULL}; pageout 1 0 65; khugepaged 1",
        {"rss 1": 447, "result": 0, f"reasons {COLLAPSE_SWAPPED}": 1, f"reasons {SWAPPED_IN}": 0},
    ),
    "half must have been accessed where some are in swap": Case(
        MODERN, f"{FULL}; pageout 1 0 4; cold 1 4 252; khugepaged 1", HUGE | {"result": 1}
    ),
    "less is not enough": Case(
        MODERN, f"{FULL}; pageout 1 0 4; cold 1 4 253; khugepaged 1", {"rss 1": 508, "result": 0}
    ),
    "of nothing but swap there is nothing that may be written": Case(
        BEFORE_V7_3, f"{FULL}; pageout 1 0 512; collapse 1 0 512", {"rss 1": 0, "result": -EINVAL}
    ),
    "which v7.3 does not ask": Case(
        V7_3, f"{FULL}; pageout 1 0 512; collapse 1 0 512", HUGE | {"result": 0, "swapped 1": []}
    ),
    "what a child waits for stays in the swap cache": Case(
        MODERN,
        f"{FULL}; pageout 1 0 4; fork 1; write 1 9; collapse 1 0 512",
        {"rss 1": 512, "rss 2": 508, "result": 0, "swapped 2": [0, 1, 2, 3], "cached": 4},
    ),
    "and leaves it if nobody waits": Case(
        MODERN,
        f"{FULL}; pageout 1 0 1; fork 1; read 1 0 1; dontneed 2 0 1; write 1 9; collapse 1 0 512",
        {"rss 1": 512, "result": 0, "cached": 0},
    ),
    "so does a large folio": Case(
        V7_3,
        "enabled 4 1; swapon 64; mm; mmap 1 0 512; fault 1 0 4; pageout 1 0 16; fork 1; read 1 0 16; "
        "dontneed 2 0 16; fault 1 99 0; collapse 1 0 512",
        {"rss 1": 512, "result": 0, "cached": 0},
    ),
    "what is held there is found too late": Case(
        MODERN,
        f"{FULL}; pageout 1 0 1; fork 1; read 2 0 1; get 513; write 1 9; collapse 1 0 512",
        {"rss 1": 512, "result": -EAGAIN, f"reasons {SWAPPED_IN}": 0, "swapped 1": []},
    ),
}
"""What is done, and what is seen: the last operation is what a case is about."""
