"""The rules of what the kernel does by itself, and of its settings."""

from __future__ import annotations

from folioviz.machine.memcg import MAX_MEMCGS, MEMCG_ONLINE
from folioviz.machine.memory import HPAGE_PMD_NR, LOWEST_QUEUED_ORDER, MAX_MMS, MAX_ORDER, NR_VPNS
from folioviz.machine.primitives import View
from folioviz.mm.headers import folio_test_swapcache, pmd_index, pmd_trans_huge, shrinker_queue
from folioviz.ops.blocks import no_blocks
from folioviz.ops.reasons import (
    BAD_CGROUP,
    BAD_LIMIT,
    BAD_ORDER,
    BAD_SWAP,
    BAD_VALUE,
    CGROUP_BUSY,
    CGROUP_GONE,
    IN_SWAP_CACHE,
    NO_CGROUP,
    NO_FOLIOS,
    NO_HUGE_PAGE,
    NO_SWAP,
    NOT_LOWER,
    PAGES_OUT,
    PINNED,
    SWAP_ON,
    refused,
)
from folioviz.ops.room import huge_mappings, huge_mappings_queued, no_memory, no_room
from folioviz.ops.rules.common import bad_switch, too_small


def refuse_splitpmd(m: View, mm: int, vpn: int) -> int:
    """Refuse where no huge page is."""
    if not 0 <= vpn < NR_VPNS or not pmd_trans_huge(m.pmd[pmd_index(mm, vpn)]):
        return NO_HUGE_PAGE
    return no_room(m, 1, 0)


def refuse_split(m: View, folio: int, order: int) -> int:
    """Refuse a folio that is too small, and an order that is not lower; anonymous folios of order 1 there are not."""
    if order != 0 and not LOWEST_QUEUED_ORDER <= order < m.folio_order[folio]:
        return too_small(m, folio) or NOT_LOWER
    if order and folio_test_swapcache(m, folio):
        return IN_SWAP_CACHE
    return too_small(m, folio) or no_room(m, huge_mappings(m, folio), 0)


def refuse_cgroup(m: View, _mm: int, cgroup: int) -> int:
    """Refuse a name that none has, and one that was removed."""
    if not 0 <= cgroup <= MAX_MEMCGS:
        return BAD_CGROUP
    return CGROUP_GONE if m.memcg_state[cgroup] > MEMCG_ONLINE else 0


def refuse_rmcgroup(m: View, cgroup: int) -> int:
    """Refuse the root, what is not there, and what a process is in."""
    if not 1 <= cgroup <= MAX_MEMCGS:
        return BAD_CGROUP
    if m.memcg_state[cgroup] != MEMCG_ONLINE:
        return CGROUP_GONE if m.memcg_state[cgroup] else NO_CGROUP
    for mm in range(MAX_MMS):
        if m.mm_memcg[mm] == cgroup:
            return refused(CGROUP_BUSY, m.mm_id[mm], 0)
    return 0


def refuse_shrink(m: View, nr: int) -> int:
    """Refuse to scan nothing."""
    return NO_FOLIOS if nr < 1 else no_room(m, huge_mappings_queued(m, shrinker_queue(m), nr), 0)


def stays(m: View, folio: int) -> int:
    """Refuse to move a folio that is pinned or in the swap cache."""
    if m.folio_pincount[folio]:
        return PINNED
    return IN_SWAP_CACHE if folio_test_swapcache(m, folio) else 0


def refuse_remap(m: View, folio: int) -> int:
    """Refuse a folio that is too small, or cannot move."""
    return stays(m, folio) or too_small(m, folio)


def refuse_migrate(m: View, folio: int) -> int:
    """Refuse what cannot move or has nowhere to go and, as it may be split first, what has no tables for that."""
    return stays(m, folio) or no_room(m, huge_mappings(m, folio), 0) or no_memory(m, m.folio_order[folio])


def refuse_swapon(m: View, pages: int) -> int:
    """Refuse a second swap area, and one that is too large."""
    if m.total_swap_pages[0]:
        return refused(SWAP_ON, m.total_swap_pages[0], 0)
    return 0 if 1 <= pages <= len(m.swap_map) else refused(BAD_SWAP, len(m.swap_map), 0)


def refuse_swapoff(m: View) -> int:
    """Refuse if there is no swap space, or no room for what is in it."""
    if not m.total_swap_pages[0]:
        return NO_SWAP
    need = pages_to_swap_in(m)
    return refused(PAGES_OUT, need, need) if m.nr_free_pages[0] < need else 0


def pages_to_swap_in(m: View) -> int:
    """Count the slots that swap entries wait for and that no page in memory has."""
    found = 0
    for slot in range(m.total_swap_pages[0]):
        found += m.swap_map[slot] > 0 and m.swap_cache[slot] < 0
    return found


def refuse_reclaim(m: View, folio: int) -> int:
    """Refuse where there is no room for the page tables that it takes."""
    return no_room(m, huge_mappings(m, folio), 0)


def refuse_glimit(_m: View, batches: int) -> int:
    """Refuse a limit below none."""
    return BAD_LIMIT if batches < -1 else 0


def refuse_khugepaged(m: View, mm: int) -> int:
    """Refuse what there may be no new folios for."""
    return no_blocks(m, mm, 0, NR_VPNS)


def refuse_enabled(_m: View, order: int, on: int) -> int:
    """Refuse a size that no folio has."""
    return bad_switch(on) if LOWEST_QUEUED_ORDER <= order <= MAX_ORDER else BAD_ORDER


def refuse_underused(_m: View, on: int) -> int:
    """Refuse what is neither on nor off."""
    return bad_switch(on)


def refuse_maxnone(_m: View, pages: int) -> int:
    """Refuse a number of pages that no huge page has."""
    return 0 if 0 <= pages < HPAGE_PMD_NR else BAD_VALUE
