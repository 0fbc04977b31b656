"""mm/swapfile.c and mm/swap_state.c: slots of one swap area, who waits for each, and the swap cache.

A slot is in use while a swap entry waits for it (``swap_map``) or a folio in the swap cache has it. Which slots a folio
gets is folioviz's own, after v6.12: each cluster of 512 slots serves folios of one order, until it is empty again, and
single pages take what is left. So there may be no run for a large folio although enough slots are free.

Not modelled: several areas, priorities, slots that CPUs keep for later, readahead, zswap, and the limits of memory
cgroups. The device is a synchronous one, as zram is: what is written is written at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import (
    FOLIO_SWAP,
    NR_SWAP_PAGES,
    SWAP_CACHE,
    SWAP_CLUSTER_COUNT,
    SWAP_CLUSTER_ORDER,
    SWAP_EVENT,
    SWAP_MAP,
    SWAP_ZEROS,
    TOTAL_SWAP_PAGES,
)
from folioviz.machine.memory import (
    MAX_ORDER,
)
from folioviz.machine.primitives import (
    View,
    folio_mark_dirty,
    page_ref_add,
    page_ref_sub_and_test,
    store,
)
from folioviz.machine.swap import SWAPFILE_CLUSTER
from folioviz.mm.charges import mem_cgroup_try_charge_swap, mem_cgroup_uncharge_swap
from folioviz.mm.headers import folio_nr_pages, folio_test_swapcache

if TYPE_CHECKING:
    from folioviz.mm.rmap import total_mapcount
    from folioviz.mm.swap import folio_get, folio_put


def count_swap_event(m: View, item: int, n: int) -> None:
    """Add to an event of /proc/vmstat that is about swap.

    Follows include/linux/vmstat.h, count_vm_events(), v6.1: swap, one area on a synchronous device.
    """
    store(m, SWAP_EVENT, item, m.swap_event[item] + n)


def swapon(m: View, pages: int) -> None:
    """Let so many slots be used.

    Follows mm/swapfile.c, enable_swap_info(), v6.1: swap, one area on a synchronous device.
    """
    store(m, TOTAL_SWAP_PAGES, 0, pages)
    store(m, NR_SWAP_PAGES, 0, pages)


def vm_swap_full(m: View) -> bool:
    """Tell whether more than half of the swap space is in use: then no page in memory should have a slot, too.

    Follows include/linux/swap.h, v6.1: swap, one area on a synchronous device.
    """
    return bool(m.nr_swap_pages[0] * 2 < m.total_swap_pages[0])


# --- slots ----------------------------------------------------------------------------------------------------------


def get_swap_pages(m: View, order: int) -> int:
    """Return the first of 2**order free slots in one run, or -1.

    Follows mm/swapfile.c, v6.1: swap, one area on a synchronous device.
    """
    if m.nr_swap_pages[0] < 1 << order:
        return -1
    slot = scan_clusters(m, order, order)
    if slot < 0:
        slot = scan_clusters(m, order, -1)
    of = 1
    while slot < 0 and order == 0 and of <= MAX_ORDER:
        slot = scan_clusters(m, 0, of)
        of += 1
    return slot


def scan_clusters(m: View, order: int, of: int) -> int:
    """Take the first free run of the clusters that serve an order, -1 for empty ones; return its first slot, or -1.

    Follows mm/swapfile.c, get_swap_pages(), v6.1: swap, one area on a synchronous device.
    """
    clusters = (m.total_swap_pages[0] + SWAPFILE_CLUSTER - 1) // SWAPFILE_CLUSTER
    for cluster in range(clusters):
        if m.swap_cluster_order[cluster] == of:
            slot = scan_cluster(m, cluster, order)
            if slot >= 0:
                return slot
    return -1


def scan_cluster(m: View, cluster: int, order: int) -> int:
    """Take the first free run of a cluster, and return its first slot, or -1.

    Follows mm/swapfile.c, scan_swap_map_slots(), v6.1: swap, one area on a synchronous device.
    """
    nr = 1 << order
    if m.swap_cluster_count[cluster] + nr > SWAPFILE_CLUSTER:
        return -1
    slot = cluster * SWAPFILE_CLUSTER
    end = min(slot + SWAPFILE_CLUSTER, m.total_swap_pages[0])
    while slot + nr <= end:
        free = True
        for i in range(slot, slot + nr):
            free = free and m.swap_map[i] == 0 and m.swap_cache[i] < 0
        if free:
            if m.swap_cluster_count[cluster] == 0:
                store(m, SWAP_CLUSTER_ORDER, cluster, order)
            store(m, SWAP_CLUSTER_COUNT, cluster, m.swap_cluster_count[cluster] + nr)
            store(m, NR_SWAP_PAGES, 0, m.nr_swap_pages[0] - nr)
            return int(slot)
        slot += nr
    return -1


def swap_duplicate(m: View, slot: int) -> None:
    """Count one swap entry more.

    Follows mm/swapfile.c, v6.1: swap, one area on a synchronous device.
    """
    store(m, SWAP_MAP, slot, m.swap_map[slot] + 1)


def swap_free(m: View, slot: int) -> None:
    """Count one swap entry less.

    Follows mm/swapfile.c, v6.1: swap, one area on a synchronous device.
    """
    store(m, SWAP_MAP, slot, m.swap_map[slot] - 1)
    swap_slot_free(m, slot)


def swap_slot_free(m: View, slot: int) -> None:
    """Give a slot back that nobody waits for, and that no folio has.

    Follows mm/swapfile.c, swap_entry_free(), v6.1: swap, one area on a synchronous device.
    """
    if m.swap_map[slot] or m.swap_cache[slot] >= 0:
        return
    cluster = slot // SWAPFILE_CLUSTER
    store(m, SWAP_ZEROS, slot, 0)
    mem_cgroup_uncharge_swap(m, slot)
    store(m, NR_SWAP_PAGES, 0, m.nr_swap_pages[0] + 1)
    store(m, SWAP_CLUSTER_COUNT, cluster, m.swap_cluster_count[cluster] - 1)
    if m.swap_cluster_count[cluster] == 0:
        store(m, SWAP_CLUSTER_ORDER, cluster, -1)


# --- the swap cache -------------------------------------------------------------------------------------------------


def add_to_swap_cache(m: View, folio: int, slot: int) -> None:
    """Put a folio into the swap cache, which holds a reference for each of its pages.

    Follows mm/swap_state.c, v6.1: swap, one area on a synchronous device.
    """
    nr = folio_nr_pages(m, folio)
    page_ref_add(m, folio, nr)
    store(m, FOLIO_SWAP, folio, slot)
    for i in range(nr):
        store(m, SWAP_CACHE, slot + i, folio + i)


def __delete_from_swap_cache(m: View, folio: int) -> None:
    """Take a folio out of the swap cache; the caller has, or drops, the cache's references.

    Follows mm/swap_state.c, v6.1: swap, one area on a synchronous device.
    """
    slot = m.folio_swap[folio]
    store(m, FOLIO_SWAP, folio, -1)
    for i in range(slot, slot + folio_nr_pages(m, folio)):
        store(m, SWAP_CACHE, i, -1)
        swap_slot_free(m, i)


def delete_from_swap_cache(m: View, folio: int) -> None:
    """Take a folio, of which the caller holds a reference, out of the swap cache.

    Follows mm/swap_state.c, v6.1: swap, one area on a synchronous device.
    """
    __delete_from_swap_cache(m, folio)
    page_ref_sub_and_test(m, folio, folio_nr_pages(m, folio))


def add_to_swap(m: View, folio: int) -> bool:
    """Find slots for a folio and put it into the swap cache; false if there is no run of free ones.

    Follows mm/swap_state.c, v6.1: swap, one area on a synchronous device.
    """
    slot = get_swap_pages(m, m.folio_order[folio])
    if slot < 0:
        return False
    mem_cgroup_try_charge_swap(m, folio, slot, folio_nr_pages(m, folio))
    add_to_swap_cache(m, folio, slot)
    folio_mark_dirty(m, folio)
    return True


def folio_free_swap(m: View, folio: int) -> bool:
    """Take a folio out of the swap cache if no swap entry waits for it; tell whether that was done.

    Follows mm/swapfile.c, v6.1: swap, one area on a synchronous device.
    """
    if not folio_test_swapcache(m, folio):
        return False
    slot = m.folio_swap[folio]
    for i in range(slot, slot + folio_nr_pages(m, folio)):
        if m.swap_map[i]:
            return False
    delete_from_swap_cache(m, folio)
    folio_mark_dirty(m, folio)
    return True


def free_swap_cache(m: View, folio: int) -> None:
    """Take a folio out of the swap cache that nobody maps any more, as far as no swap entry waits for it.

    Follows mm/swap_state.c, v6.1: swap, one area on a synchronous device.
    """
    if not folio_mapped(m, folio):
        folio_free_swap(m, folio)


def free_swap_and_cache(m: View, slot: int) -> None:
    """Count one swap entry less; if it was the last one, a folio that waits for nobody else leaves the cache.

    Follows mm/swapfile.c, v6.1: swap, one area on a synchronous device.
    """
    swap_free(m, slot)
    page = m.swap_cache[slot]
    if m.swap_map[slot] or page < 0:
        return
    folio = m.page_folio[page]
    if not folio_mapped(m, folio) or vm_swap_full(m):
        folio_get(m, folio)
        folio_free_swap(m, folio)
        folio_put(m, folio)


def folio_mapped(m: View, folio: int) -> bool:
    """Tell whether anybody maps a folio.

    Follows mm/util.c, v6.1: swap, one area on a synchronous device.
    """
    return folio_mapcount(m, folio) > 0


def folio_mapcount(m: View, folio: int) -> int:
    """Return the number of PTEs and PMDs that map a folio.

    Follows mm/util.c, v6.1: swap, one area on a synchronous device.
    """
    return total_mapcount(m, folio)


def split_swap_cache(m: View, folio: int, nr: int) -> None:
    """Let the pages of a folio that is being split be in the swap cache each by itself.

    Follows mm/huge_memory.c, __split_huge_page(), v6.1: swap, one area on a synchronous device.
    """
    for i in range(nr):
        page_ref_add(m, folio + i, 1)
        store(m, FOLIO_SWAP, folio + i, m.folio_swap[folio] + i)
