"""v6.11: deferred splits and splits are counted per size; the events of /proc/vmstat mean 2 MiB folios only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import anon_vma_lock, anon_vma_unlock, folio_ref_freeze, page_ref_inc
from folioviz.machine.journal import (
    NOT_QUEUED_ALREADY,
    NOT_QUEUED_ORDER_1,
    NOT_QUEUED_SWAPCACHE,
    QUEUED,
    SPLIT_DONE,
    SPLIT_PINNED,
    SPLIT_UNMAPPED,
    UNQUEUED_SPLIT,
)
from folioviz.machine.memory import (
    COMPOUND_MAPPED,
    EAGAIN,
    EBUSY,
    HPAGE_PMD_ORDER,
    MTHP_STAT_SPLIT,
    MTHP_STAT_SPLIT_DEFERRED,
    MTHP_STAT_SPLIT_FAILED,
    THP_DEFERRED_SPLIT_PAGE,
    THP_SPLIT_PAGE,
    THP_SPLIT_PAGE_FAILED,
    TTU_SPLIT_HUGE_PMD,
)
from folioviz.machine.primitives import (
    View,
    count_vm_event,
    list_add_tail,
    list_del_init,
    list_empty,
    mod_mthp_stat,
    shrinking,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    why,
)
from folioviz.mm.headers import (
    deferred_list,
    folio_cache_ref_count,
    folio_mod_nr_anon,
    folio_nr_pages,
    folio_split_queue,
    folio_test_swapcache,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.large_mapcount import folio_large_mapcount
    from folioviz.kernels.since_v6_8.rmap_overhaul_migrate import remove_migration_ptes
    from folioviz.kernels.since_v6_8.split_to_order import split_remap
    from folioviz.mm.page_alloc import split_page_ids
    from folioviz.mm.rmap import try_to_migrate


def count_mthp_event(m: View, order: int, item: int, event: int) -> None:
    """Count an event of one folio size, and of /proc/vmstat if that is 2 MiB.

    Follows mm/huge_memory.c, split_huge_page_to_list_to_order(), v6.10: 98046944a159 ("mm: huge_memory: add the missing
    folio_test_pmd_mappable() for THP split statistics").
    """
    mod_mthp_stat(m, order, item, 1)
    if order == HPAGE_PMD_ORDER:
        count_vm_event(m, event)


def deferred_split_folio(m: View, folio: int) -> None:
    """Put a folio on the queue for the shrinker, once; order 1 never.

    Follows mm/huge_memory.c, v6.11: f216c845f3c7 ("mm: add per-order mTHP split counters").
    """
    if m.folio_order[folio] <= 1:
        why(m, NOT_QUEUED_ORDER_1, folio, folio_nr_pages(m, folio))
        return
    if folio_test_swapcache(m, folio):  # it is being reclaimed
        why(m, NOT_QUEUED_SWAPCACHE, folio, 0)
        return
    node = deferred_list(folio)
    if not list_empty(m, node):
        why(m, NOT_QUEUED_ALREADY, folio, int(shrinking(m)))
        return
    spin_lock(m)
    if list_empty(m, node):
        count_mthp_event(m, m.folio_order[folio], MTHP_STAT_SPLIT_DEFERRED, THP_DEFERRED_SPLIT_PAGE)
        list_add_tail(m, node, folio_split_queue(m, folio))
        split_queue_len_add(m, 1)
        why(m, QUEUED, folio, m.folio_nr_pages_mapped[folio] & (COMPOUND_MAPPED - 1))
    spin_unlock(m)


def split_huge_page_to_list(m: View, folio: int, new_order: int) -> int:
    """Split a folio, of which the caller holds one reference, into smaller ones; 0, -EBUSY or -EAGAIN.

    Follows mm/huge_memory.c, split_huge_page_to_list_to_order(), v6.11: f216c845f3c7 ("mm: add per-order mTHP split
    counters").
    """
    order = m.folio_order[folio]
    anon_vma_lock(m)
    mapcount = folio_large_mapcount(m, folio)
    extra = m.folio_refcount[folio] - 1 - folio_cache_ref_count(m, folio) - mapcount
    if mapcount == 0 or extra != 0:
        count_mthp_event(m, order, MTHP_STAT_SPLIT_FAILED, THP_SPLIT_PAGE_FAILED)
        why(m, SPLIT_PINNED if mapcount else SPLIT_UNMAPPED, folio, extra if mapcount else 0)
        anon_vma_unlock(m)
        return -EAGAIN if mapcount else -EBUSY
    try_to_migrate(m, folio, TTU_SPLIT_HUGE_PMD)
    if not split_unqueue(m, folio):
        remove_migration_ptes(m, folio, folio, 0)
        count_mthp_event(m, order, MTHP_STAT_SPLIT_FAILED, THP_SPLIT_PAGE_FAILED)
        anon_vma_unlock(m)
        return -EAGAIN
    count_mthp_event(m, order, MTHP_STAT_SPLIT, THP_SPLIT_PAGE)
    __split_huge_page(m, folio, new_order)
    anon_vma_unlock(m)
    return 0


def split_unqueue(m: View, folio: int) -> bool:
    """Freeze a folio that is being split and take it off the queue; false if somebody else holds it.

    Follows mm/huge_memory.c, split_huge_page_to_list_to_order(), v6.11: f216c845f3c7 ("mm: add per-order mTHP split
    counters").
    """
    on = int(shrinking(m))
    spin_lock(m)
    if not folio_ref_freeze(m, folio, 1):
        spin_unlock(m)
        return False
    if not list_empty(m, deferred_list(folio)):
        split_queue_len_add(m, -1)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_SPLIT, folio, on)
    spin_unlock(m)
    return True


def __split_huge_page(m: View, folio: int, order: int) -> None:
    """Make folios of an order of a frozen, unmapped one, map them again, let the unmapped tails go.

    Follows mm/huge_memory.c, v6.11: f216c845f3c7 ("mm: add per-order mTHP split counters").
    """
    nr = folio_nr_pages(m, folio)
    why(m, SPLIT_DONE, folio, nr >> order)
    folio_mod_nr_anon(m, folio, -1)
    split_page_ids(m, folio, nr, order)
    if order:
        folio_mod_nr_anon(m, folio, nr >> order)
    page_ref_inc(m, folio)
    split_remap(m, folio, nr, order)
