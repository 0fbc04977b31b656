"""v6.12: PG_partially_mapped tells a folio that lost pages from one that merely waits on the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_ref_freeze
from folioviz.machine.journal import (
    BORN_QUEUED,
    FLAG_HANDED_ON,
    FLAGGED,
    NOT_QUEUED_FLAGGED,
    NOT_QUEUED_ORDER_1,
    NOT_QUEUED_SWAPCACHE,
    QUEUED,
    UNQUEUED_SPLIT,
)
from folioviz.machine.memory import (
    BUG_FLAGGED,
    COMPOUND_MAPPED,
    MTHP_STAT_NR_ANON_PARTIALLY_MAPPED,
    MTHP_STAT_SPLIT_DEFERRED,
    THP_DEFERRED_SPLIT_PAGE,
)
from folioviz.machine.primitives import (
    View,
    bug,
    folio_set_partially_mapped,
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
from folioviz.mm.headers import deferred_list, folio_nr_pages, folio_split_queue, folio_test_swapcache

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.mthp_stats import count_mthp_event
    from folioviz.kernels.since_v6_8.rmap_overhaul import __folio_mod_stat
    from folioviz.mm.rmap import why_not_queued

HANDED_ON = 2


def __folio_remove_rmap(m: View, folio: int, nr: int, nr_pmdmapped: int) -> None:
    """Flag and queue a folio of which pages were unmapped and others still are mapped.

    Follows mm/rmap.c, __folio_remove_rmap(), v6.12: 8422acdc97ed ("mm: introduce a pageflag for partially mapped
    folios").
    """
    if nr == 0 or m.folio_nr_pages_mapped[folio] == 0:
        why_not_queued(m, folio, nr, nr_pmdmapped, m.folio_nr_pages_mapped[folio])
    elif m.folio_partially_mapped[folio]:
        why(m, NOT_QUEUED_FLAGGED, folio, 0)
    else:
        deferred_split_folio(m, folio, 1)
    __folio_mod_stat(m, -nr, -nr_pmdmapped)


def deferred_split_folio(m: View, folio: int, partially_mapped: int) -> None:
    """Put a folio on the queue, flagged if it is partially mapped.

    ``partially_mapped`` is 2 for the reader's sake where migration hands a flag on; the kernel has a bool.

    Follows mm/huge_memory.c, v6.12: 8422acdc97ed ("mm: introduce a pageflag for partially mapped folios").
    """
    order = m.folio_order[folio]
    if order <= 1:
        why(m, NOT_QUEUED_ORDER_1, folio, folio_nr_pages(m, folio))
        return
    if not partially_mapped and not m.shrink_underused[0]:
        return
    if folio_test_swapcache(m, folio):  # it is being reclaimed
        why(m, NOT_QUEUED_SWAPCACHE, folio, 0)
        return
    spin_lock(m)
    queued = not list_empty(m, deferred_list(folio))
    if partially_mapped and not m.folio_partially_mapped[folio]:
        folio_set_partially_mapped(m, folio, 1)
        count_mthp_event(m, order, MTHP_STAT_SPLIT_DEFERRED, THP_DEFERRED_SPLIT_PAGE)
        mod_mthp_stat(m, order, MTHP_STAT_NR_ANON_PARTIALLY_MAPPED, 1)
        if queued:
            why(m, FLAGGED, folio, m.folio_large_mapcount[folio] + 1)
    elif not partially_mapped and m.folio_partially_mapped[folio]:
        bug(m, BUG_FLAGGED)
    if not queued:
        list_add_tail(m, deferred_list(folio), folio_split_queue(m, folio))
        split_queue_len_add(m, 1)
        if partially_mapped == HANDED_ON:
            why(m, FLAG_HANDED_ON, folio, 0)
        elif partially_mapped:
            why(  # pages, or else mappings
                m,
                QUEUED,
                folio,
                m.folio_nr_pages_mapped[folio] & (COMPOUND_MAPPED - 1)
                or -(m.folio_large_mapcount[folio] + 1),
            )
        else:
            why(m, BORN_QUEUED, folio, 0)
    spin_unlock(m)


def folio_clear_partially_mapped(m: View, folio: int) -> None:
    """Clear PG_partially_mapped if it is set, and count the folio out.

    Follows mm/huge_memory.c, __folio_unqueue_deferred_split(), v6.12: 8175ebfd302a ("mm: count the number of partially
    mapped anonymous THPs per size").
    """
    if m.folio_partially_mapped[folio]:
        folio_set_partially_mapped(m, folio, 0)
        mod_mthp_stat(m, m.folio_order[folio], MTHP_STAT_NR_ANON_PARTIALLY_MAPPED, -1)


def split_unqueue(m: View, folio: int) -> bool:
    """Freeze a folio that is being split, take it off the queue, and its flag; false if somebody else holds it.

    Follows mm/huge_memory.c, split_huge_page_to_list_to_order(), v6.12: 8422acdc97ed ("mm: introduce a pageflag for
    partially mapped folios").
    """
    on = int(shrinking(m))
    spin_lock(m)
    if not folio_ref_freeze(m, folio, 1):
        spin_unlock(m)
        return False
    if not list_empty(m, deferred_list(folio)):
        split_queue_len_add(m, -1)
        folio_clear_partially_mapped(m, folio)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_SPLIT, folio, on)
    spin_unlock(m)
    return True
