"""Why an operation is refused: one integer, whose lowest 8 bits are the reason; the numbers of its sentence follow."""

from __future__ import annotations

from typing import Final

HIT_BUG: Final = 1
NO_FOLIO: Final = 2
NO_MM: Final = 3
MMS_FULL: Final = 4
NO_PAGES: Final = 5
RANGE_OUTSIDE: Final = 6
TARGET_OUTSIDE: Final = 7
VMA_THERE: Final = 8
BAD_ORDER: Final = 9
UNALIGNED: Final = 10
NO_VMA: Final = 11
VMA_ENDS: Final = 12
READ_ONLY_VMA: Final = 13
HUGE_PAGE_THERE: Final = 14
TABLE_THERE: Final = 15
PAGE_THERE: Final = 16
RANGES_OVERLAP: Final = 17
NO_HUGE_PAGE: Final = 18
NOT_HELD: Final = 19
ORDER_TOO_SMALL: Final = 20
NOT_OF_FOLIO: Final = 22
NO_FOLIOS: Final = 23
BAD_LIMIT: Final = 24
BAD_SWITCH: Final = 25
BAD_VALUE: Final = 26
TABLES_OUT: Final = 27
VMAS_OUT: Final = 28
NO_BLOCK: Final = 29
PAGES_OUT: Final = 30
NOT_LOWER: Final = 32
COPIES_OUT: Final = 33
PINNED: Final = 34
GUARDED: Final = 40
LOCKED_VMA: Final = 41
BLOCKS_OUT: Final = 50
NO_TARGET: Final = 35
NOT_ALIKE: Final = 36
NOT_HAD: Final = 31
"""The kernel has no such operation, or none with this order: a lab tells it in words."""
SWAP_ON: Final = 60
NO_SWAP: Final = 61
BAD_SWAP: Final = 62
SWAPPED_THERE: Final = 63
IN_SWAP_CACHE: Final = 64
BAD_CGROUP: Final = 70
CGROUP_GONE: Final = 71
NO_CGROUP: Final = 72
CGROUP_BUSY: Final = 73
BITS: Final = 28
"""A number of a sentence has so many."""
FIRST: Final = 8
SECOND: Final = FIRST + BITS
"""Where the numbers begin."""


def refused(why: int, first: int, second: int) -> int:
    """Return a reason and the numbers of its sentence in one integer."""
    return why | (int(first) << FIRST) | (int(second) << SECOND)
