"""Cases about what becomes of folios: copied, cut by a guard, shared and freed; each kind in many sizes."""

from __future__ import annotations

from folioviz.machine.memory import EFAULT
from tests.kernels.cases import (
    BEFORE_V6_10,
    LATER,
    MODERN,
    SINCE_V6_9,
    SINCE_V6_10,
    SINCE_V6_12,
    V7_3,
    Case,
)

ORDERS = (2, 4, 6)
HUGE = "mm; mmap 1 0 512; faultpmd 1 0"


def mapped(order):
    """Return operations that map a folio at page 0, in a VMA of its size."""
    return f"mm; mmap 1 0 {1 << order}; fault 1 0 {order}"


GUARDS = {
    **{
        f"{pages} pages of guard split the PMD, and what is behind them stays": Case(
            MODERN,
            f"enabled 9 1; mm; mmap 1 0 512; touch 1 511 1; mprotect 1 0 {pages} 0",
            {"rss 1": 512, "orders": [9], "event 3": 1, "event 0": 0, "vmas 1": [(0, pages), (pages, 512)]},
        )
        for pages in (1, 4, 256, 511)
    },
    **{
        f"{pages} pages of guard, and the rest is dropped: it is held for them": Case(
            MODERN,
            f"enabled 9 1; mm; mmap 1 0 512; touch 1 510 2; mprotect 1 0 {pages} 0; dontneed 1 {pages} {512 - pages}",
            {"rss 1": pages, "orders": [9], "queue": [1], "event 0": 1},
        )
        for pages in (1, 4, 256, 511)
    },
    "its munmap is two batches, and frees it": Case(
        SINCE_V6_12,
        f"{HUGE}; mprotect 1 0 4 0; munmap 1 0 512",
        {"orders": [], "mthp 9 deferred": 1, "mthp 9 flagged": 0, "cost sqlock": 2, "cost pfree": 512},
    ),
    **{
        f"order {order}: exit unmaps what two VMAs have in two batches": Case(
            SINCE_V6_10,
            f"{mapped(order)}; mprotect 1 0 {1 << order - 1} 0; exit 1",
            {f"mthp {order} deferred": 1, "cost sqlock": 2, "orders": []},
        )
        for order in ORDERS
    },
}
COPIES = {
    **{
        f"order {order}: who keeps one page of a folio keeps all of it": Case(
            LATER,
            f"{mapped(order)}; munmap 1 1 {(1 << order) - 1}; fork 1; write 1 0; exit 2",
            {"cost pfree": 1 << order, "orders": [], "rss 1": 1},
        )
        for order in ORDERS
    },
    **{
        f"order {order}: the last mapping is copied, though nobody shares it": Case(
            LATER,
            f"{mapped(order)}; munmap 1 1 {(1 << order) - 1}; fork 1; exit 2; write 1 0",
            {"cost palloc": 1, "cost pfree": 1 << order, "orders": [], "rss 1": 1},
        )
        for order in ORDERS
    },
    **{
        f"order {order}: half of it moved, the child keeps it whole and unmaps it in two batches": Case(
            SINCE_V6_10,
            f"{mapped(order)}; mremap 1 {half} {half} 520; fork 1; touch 1 0 {half}; touch 1 520 {half}; exit 2",
            {"cost pfree": 1 << order, f"mthp {order} deferred": 1, "orders": [], "rss 1": 1 << order},
        )
        for order in ORDERS
        for half in (1 << order - 1,)
    },
    **{
        f"a hole of {pages} pages at {first} comes back as single pages, and the folio stays queued": Case(
            MODERN,
            f"{HUGE}; dontneed 1 {first} {pages}; touch 1 {first} {pages}",
            {"rss 1": 512, "orders": [9], "queue": [1], f"order 1 {first}": 0, "cost palloc": pages},
        )
        for first, pages in ((0, 1), (10, 2), (300, 212), (1, 511))
    },
}
SHARING = {
    **{
        f"{word}: a huge page that was forked keeps its PMD": Case(
            MODERN, f"{HUGE}; fork 1; {word} 1 0 256", {"orders": [9], "event 3": 0}
        )
        for word in ("free", "cold")
    },
    **{
        f"{word}: once the child is gone, it is split": Case(
            MODERN, f"{HUGE}; fork 1; exit 2; {word} 1 0 256", {"orders": [], "event 3": 1, "event 1": 1}
        )
        for word in ("free", "cold")
    },
    **{
        f"{word}: order {order}, once the parent is gone, the child's is split": Case(
            V7_3,
            f"{mapped(order)}; fork 1; mprotect 2 0 {1 << order} 0; exit 1; {word} 2 0 3",
            {"orders": [], f"mthp {order} split": 1},
        )
        for word in ("free", "cold")
        for order in ORDERS
    },
    "what a child cut and joined is unmapped in one batch": Case(
        SINCE_V6_12,
        f"{HUGE}; fork 1; exit 1; mprotect 2 0 1 0; mprotect 2 0 1 1; munmap 2 0 512",
        {"mthp 9 deferred": 0, "cost sqlock": 1, "orders": []},
    ),
}
REST = {
    **{
        f"order {order}: advice for all that is left of a folio splits it": Case(
            SINCE_V6_9,
            f"{mapped(order)}; dontneed 1 0 {gone}; {word} 1 {gone} {(1 << order) - gone}",
            {"orders": [], "queue": []},
        )
        for order in ORDERS
        for gone in (1, (1 << order) - 1)
        for word in ("free", "cold")
    },
    **{
        f"order {order}: a folio that somebody holds is not split, and that is counted": Case(
            SINCE_V6_10,
            f"{mapped(order)}; get 1; free 1 0 3",
            {"orders": [order], f"mthp {order} failed": 1, f"mthp {order} split": 0},
        )
        for order in ORDERS
    },
    "before v6.10 the node alone counts it": Case(
        BEFORE_V6_10, f"{mapped(4)}; get 1; free 1 0 3", {"orders": [4], "event 2": 1}
    ),
    "v6.12: the shrinker drops what was queued at birth, and says that it is done": Case(
        ("v6.12",), f"{HUGE}; underused 0; shrink 1", {"queue": [], "orders": [9], "result": -1}
    ),
    "v7.3: it says that it split none": Case(
        V7_3, f"{HUGE}; underused 0; shrink 1", {"queue": [], "orders": [9], "result": 0}
    ),
    "what migration unmaps page by page is queued as flagged, whatever shrink_underused says": Case(
        SINCE_V6_12,
        f"{HUGE}; splitpmd 1 0; underused 0; migrate 1",
        {"queue": [2], "orders": [9], "mthp 9 flagged": 1},
    ),
    **{
        f"where no huge page fits, order {order} does": Case(
            LATER,
            f"enabled 9 1; enabled {order} 1; mm; mmap 1 0 512; mprotect 1 0 256 0; touch 1 256 1",
            {"order 1 256": order},
        )
        for order in range(2, 9)
    },
    "a read-only VMA stays so where it is moved to": Case(
        LATER,
        f"{mapped(4)}; mprotect 1 0 16 0; mremap 1 0 16 600; mmap 1 599 1; touch 1 599 2",
        {"result": -EFAULT, "rss 1": 17, "writable 1": [(599, 600)]},
    ),
}
ZERO = "enabled 4 1; mm; mmap 1 0 16; touch 1 0 1; split 1"
AFTER_ZEROS = {
    f"pages of zeros that a split left: {what}": Case(SINCE_V6_12, f"{ZERO}; {text}", {"bugs": [], **seen})
    for what, text, seen in (
        ("MADV_FREE skips them", "free 1 0 16", {"rss 1": 1, "result": 0}),
        ("MADV_COLD, too", "cold 1 0 16", {"rss 1": 1, "result": 0}),
        (
            "mprotect does not make them writable",
            "mprotect 1 0 16 0; mprotect 1 0 16 1",
            {"writable 1": [(0, 1)]},
        ),
        ("fork copies them", "fork 1; touch 2 4 2", {"rss 2": 3, "rss 1": 1}),
        ("mremap moves them", "mremap 1 0 16 600; touch 1 604 1", {"rss 1": 2, "orders": []}),
        ("each write brings a page", "touch 1 0 16", {"rss 1": 16, "orders": [], "cost palloc": 15}),
        ("exit has nothing to free", "exit 1", {"cost pfree": 1}),
        (
            "MADV_DONTNEED makes room for a folio",
            "dontneed 1 0 16; touch 1 3 1",
            {"orders": [4], "rss 1": 16},
        ),
    )
}
OF_FOLIOS: dict[str, Case] = {**GUARDS, **COPIES, **SHARING, **REST, **AFTER_ZEROS}
