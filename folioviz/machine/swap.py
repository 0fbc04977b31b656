"""Constants of swap space: how much there is, what a slot holds, what is counted."""

from __future__ import annotations

from typing import Final

MOST_SWAP_PAGES: Final = 16384
"""64 MiB of swap space; a machine with less memory has no more slots than pages."""
SWAPFILE_CLUSTER: Final = 512
"""Slots of one cluster: one run of a huge page's pages (mm/swap.h)."""

# swap_zeros: what a slot holds, as far as anybody asks.
SLOT_ZEROS: Final = 1
"""The page in it holds nothing but zeros."""
SLOT_ZEROMAP: Final = 2
"""It was not written: a bit of the zero map says so (v6.12)."""

# swap_stat[order * NR_SWAP_STATS + item], in the same place
SWAP_STAT_SWPOUT: Final = 0
SWAP_STAT_SWPOUT_FALLBACK: Final = 1
SWAP_STAT_SWPIN: Final = 2
NR_SWAP_STATS: Final = 3

# swap_event[item], as in /proc/vmstat
PSWPIN: Final = 0
PSWPOUT: Final = 1
THP_SWPOUT: Final = 2
THP_SWPOUT_FALLBACK: Final = 3
SWPIN_ZERO: Final = 4
SWPOUT_ZERO: Final = 5
NR_SWAP_EVENTS: Final = 6
