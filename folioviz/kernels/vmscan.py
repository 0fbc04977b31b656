"""mm/vmscan.c: folios that were taken off the LRU are swapped out, or, if MADV_FREE gave them up, dropped.

A large folio goes out whole where its kernel has slots in one run for that; else it is split, and its pages go one by
one. Whatever cannot go stays. Not modelled: LRU lists, their generations and accessed bits, so reclaim takes the folios
that it is given.

Locks: the folio lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_ref_freeze, folio_trylock, folio_unlock
from folioviz.machine.fields import FOLIO_FLAGS, SWAP_ZEROS
from folioviz.machine.journal import DISCARDED, KEPT, SWAPPED_OUT
from folioviz.machine.memory import (
    FOLIO_LIST,
    HPAGE_PMD_ORDER,
    LIST_MM,
    LIST_PAGE,
    MM_LIST,
    PG_DIRTY,
    PG_LAZYFREE,
)
from folioviz.machine.primitives import (
    View,
    list_add,
    list_add_tail,
    list_del_init,
    list_empty,
    store,
    why,
)
from folioviz.machine.swap import PSWPOUT, SLOT_ZEROS, THP_SWPOUT, THP_SWPOUT_FALLBACK
from folioviz.mm.headers import (
    folio_nr_pages,
    folio_test_large,
    folio_test_swapcache,
    lru_node,
    vma_locked,
)

if TYPE_CHECKING:
    from folioviz.kernels.swap_slots import (
        __delete_from_swap_cache,
        add_to_swap,
        count_swap_event,
        folio_free_swap,
        folio_mapcount,
        folio_mapped,
    )
    from folioviz.kernels.unmap import try_to_unmap
    from folioviz.mm.huge_memory import split_huge_page_to_list
    from folioviz.mm.swap import __folio_put, folio_get, folio_put


def folio_isolate_lru(m: View, folio: int) -> None:
    """Take a folio off its LRU list for reclaim, with a reference.

    Follows mm/vmscan.c, v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    folio_get(m, folio)
    list_add(m, lru_node(folio), FOLIO_LIST)


def reclaim_pages(m: View) -> None:
    """Reclaim the folios that were taken off the LRU lists, in that order.

    Follows mm/vmscan.c, v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    while not list_empty(m, FOLIO_LIST):
        node = m.list_prev[FOLIO_LIST]
        list_del_init(m, node)
        folio = node - LIST_PAGE
        if not folio_trylock(m, folio):
            folio_put(m, folio)
        elif shrink_folio(m, folio):
            folio_unlock(m, folio)
            __folio_put(m, folio)
        else:
            why(m, KEPT, folio, m.folio_refcount[folio] - 1)
            folio_unlock(m, folio)
            folio_put(m, folio)


def shrink_folio(m: View, folio: int) -> bool:
    """Unmap a folio and write it out; true if nobody has a reference any more, so that it can be freed.

    Follows mm/vmscan.c, shrink_folio_list(), v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    if not folio_evictable(m, folio):
        return False
    lazy = bool(m.folio_flags[folio] & PG_LAZYFREE)
    if not lazy and not folio_test_swapcache(m, folio) and not shrink_add_to_swap(m, folio):
        return False
    if folio_mapped(m, folio):
        try_to_unmap(m, folio)
        if folio_mapped(m, folio):
            return False
    if lazy:
        if not folio_ref_freeze(m, folio, 1):
            return False
        why(m, DISCARDED, folio, folio_nr_pages(m, folio))
        return True
    if m.folio_flags[folio] & PG_DIRTY and not pageout(m, folio):
        return False
    return __remove_mapping(m, folio)


def folio_evictable(m: View, folio: int) -> bool:
    """Tell whether no VMA around a folio is locked.

    The kernel has PG_mlocked for it, and asks once more as it finds the mappings.

    Follows mm/internal.h, v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    node = m.list_next[MM_LIST]
    while node != MM_LIST:
        vma = m.mm_mmap[node - LIST_MM]
        while vma >= 0:
            first = m.vma_start[vma] + m.folio_index[folio] - m.vma_pgoff[vma]
            start = max(m.vma_start[vma], first)
            if start < min(m.vma_end[vma], first + folio_nr_pages(m, folio)) and vma_locked(m, vma):
                return False
            vma = m.vma_next[vma]
        node = m.list_next[node]
    return True


def shrink_add_to_swap(m: View, folio: int) -> bool:
    """Find slots for a folio, whole or split; false if it stays where it is.

    Follows mm/vmscan.c, shrink_folio_list(), v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    if m.folio_pincount[folio]:
        return False  # what has a FOLL_PIN stays (folio_maybe_dma_pinned())
    if folio_test_large(m, folio):
        if folio_mapcount(m, folio) != m.folio_refcount[folio] - 1:
            return False  # somebody else holds it: it cannot be split, if that is needed
        if shrink_splits(m, folio) and split_folio_to_list(m, folio) != 0:
            return False
    if not add_to_swap(m, folio):
        order = m.folio_order[folio]
        if order == 0 or split_folio_to_list(m, folio) != 0:
            return False
        count_swpout_fallback(m, order)
        return add_to_swap(m, folio)
    return True


def shrink_splits(m: View, folio: int) -> bool:
    """Tell whether a large folio is split before anybody looks for slots: it is unless a PMD maps it.

    Follows mm/vmscan.c, shrink_folio_list(), v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    return bool(m.folio_entire_mapcount[folio] < 0)


def split_folio_to_list(m: View, folio: int) -> int:
    """Split a folio that is reclaimed; its mapped tails are reclaimed next, by address. Return 0, or why it stays.

    Follows include/linux/huge_mm.h, v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    nr = folio_nr_pages(m, folio)
    error = split_huge_page_to_list(m, folio, 0)
    if error == 0:
        for i in range(1, nr):
            isolate_tail(m, folio + nr - i)
    return error


def isolate_tail(m: View, page: int) -> None:
    """Let a page that was split off be reclaimed next, unless nobody maps it.

    Follows mm/huge_memory.c, lru_add_page_tail(), v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    if m.folio_refcount[page] and m.page_mapcount[page] >= 0:
        folio_get(m, page)
        list_add_tail(m, lru_node(page), FOLIO_LIST)


def count_swpout_fallback(m: View, order: int) -> None:
    """Count a folio that was split because there was no run of slots for it.

    Follows mm/vmscan.c, shrink_folio_list(), v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    if order == HPAGE_PMD_ORDER:
        count_swap_event(m, THP_SWPOUT_FALLBACK, 1)


# --- writing ----------------------------------------------------------------------------------------------------------


def pageout(m: View, folio: int) -> bool:
    """Write a folio to its slots, unless somebody else holds it.

    Follows mm/vmscan.c, v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    if m.folio_refcount[folio] != 1 + folio_nr_pages(m, folio):
        return False
    store(m, FOLIO_FLAGS, folio, m.folio_flags[folio] & ~PG_DIRTY)
    return swap_writepage(m, folio)


def swap_writepage(m: View, folio: int) -> bool:
    """Write a folio to its slots; false if nobody waits for it any more.

    Follows mm/page_io.c, v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    if folio_free_swap(m, folio):
        return False
    nr, slot = folio_nr_pages(m, folio), m.folio_swap[folio]
    if len(m.page_zero_filled):
        for i in range(nr):
            store(m, SWAP_ZEROS, slot + i, SLOT_ZEROS if m.page_zero_filled[folio + i] else 0)
    why(m, SWAPPED_OUT, folio, nr)
    if not swap_zeromap_folio_set(m, folio):
        count_swpout_vm_event(m, m.folio_order[folio])
    return True


def swap_zeromap_folio_set(_m: View, _folio: int) -> bool:
    """Write also what holds nothing but zeros (v6.12 has a map of such slots).

    Follows mm/page_io.c, swap_writepage(), v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    return False


def count_swpout_vm_event(m: View, order: int) -> None:
    """Count a folio that was written.

    Follows mm/page_io.c, v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    if order == HPAGE_PMD_ORDER:
        count_swap_event(m, THP_SWPOUT, 1)
    count_swap_event(m, PSWPOUT, 1 << order)


def __remove_mapping(m: View, folio: int) -> bool:
    """Take a folio out of the swap cache, if nobody holds it but reclaim and the cache: it has no reference then.

    Follows mm/vmscan.c, v6.1: reclaim of given folios, trimmed to anonymous ones.
    """
    if not folio_ref_freeze(m, folio, 1 + folio_nr_pages(m, folio)):
        return False
    __delete_from_swap_cache(m, folio)
    return True


def reclaim_folio(m: View, folio: int) -> None:
    """Reclaim one folio, as if it were the last one of its LRU list and nobody had used it for long.

    Folioviz's own.
    """
    folio_isolate_lru(m, folio)
    reclaim_pages(m)
