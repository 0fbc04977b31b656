"""The laws of swap space: who waits for a slot, which folio has it, and what is free.

They are silent about a machine that keeps no swap space.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from folioviz.laws.census import Census, require, spread
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    MAX_ORDER,
    PTE_MIGRATION_EXCLUSIVE,
)
from folioviz.machine.swap import SWAPFILE_CLUSTER


def _swap_map(c: Census) -> None:
    # A slot counts the entries that wait for it (swap_duplicate(), swap_free(), mm/swapfile.c).
    slots = np.arange(c.m.swap_map.size)
    waiting = np.bincount(c.swap >> ENTRY_SHIFT, minlength=slots.size)
    require("swap_map of slot {}", slots, c.m.swap_map, waiting[: slots.size])
    alone = (c.swap & PTE_MIGRATION_EXCLUSIVE) > 0
    count = c.m.swap_map[c.swap[alone] >> ENTRY_SHIFT]
    require("entries that wait with the exclusive one at {}", c.swap_vpn[alone], count, 1)


def _swap_cache(c: Census) -> None:
    # The cache and the folios in it know each other (__add_to_swap_cache(), mm/swap_state.c).
    if not c.m.folio_swap.size:
        return
    rest = np.delete(np.arange(c.m.sizes.pages), c.heads)
    require("folio->swap of page {}, no folio's head", rest, c.m.folio_swap[rest], -1)
    cached = c.m.folio_swap[c.heads] >= 0
    first, nr = c.m.folio_swap[c.heads[cached]], c.nr_pages[cached]
    slots = spread(first, nr)
    require("slot {} is one of the swap space", slots, slots < c.m.total_swap_pages[0], True)
    want = np.full(c.m.swap_cache.size, -1)
    want[slots] = spread(c.heads[cached], nr)
    require("the page in the swap cache of slot {}", np.arange(want.size), c.m.swap_cache, want)
    shared = (c.m.page_anon_exclusive[want[slots]] > 0) & (c.m.swap_map[slots] > 0)
    require("page of slot {} is exclusive, and an entry waits for it", slots, shared, False)


def _free_slots(c: Census) -> None:
    # nr_swap_pages and the clusters count what is in use (swap_range_alloc(), mm/swapfile.c).
    used = (c.m.swap_map > 0) | (c.m.swap_cache >= 0)
    clusters = np.arange(c.m.swap_cluster_count.size)
    if not clusters.size:
        return
    count = used.reshape(-1, SWAPFILE_CLUSTER).sum(axis=1)
    require("nr_swap_pages", [0], c.m.nr_swap_pages, c.m.total_swap_pages - used.sum())
    require("slots in use of cluster {}", clusters, c.m.swap_cluster_count, count)
    order = c.m.swap_cluster_order
    require("order of the empty cluster {}", clusters[count == 0], order[count == 0], -1)
    good = (order >= 0) & (order <= MAX_ORDER)
    require("cluster {} serves an order", clusters[count > 0], good[count > 0], True)
    free = np.flatnonzero(~used)
    require("what free slot {} holds", free, c.m.swap_zeros[free], 0)


OF_SWAP: Final = (_swap_map, _swap_cache, _free_slots)
