"""The cases of docs/kernel/readings.md, by what they show."""

from __future__ import annotations

from tests.kernels.cases import LATER, SINCE_V6_12, Case

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
CASES: dict[str, Case] = {**ZEROS}
