"""v6.9: order-1 folios are allowed, for files; they have no room for the queue's link and are passed over."""

from __future__ import annotations

from folioviz.machine.journal import NOT_QUEUED_ALREADY, NOT_QUEUED_ORDER_1, NOT_QUEUED_SWAPCACHE, QUEUED
from folioviz.machine.memory import COMPOUND_MAPPED, THP_DEFERRED_SPLIT_PAGE
from folioviz.machine.primitives import (
    View,
    count_vm_event,
    list_add_tail,
    list_empty,
    shrinking,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    why,
)
from folioviz.mm.headers import deferred_list, folio_nr_pages, folio_split_queue, folio_test_swapcache


def deferred_split_folio(m: View, folio: int) -> None:
    """Put a folio on the queue for the shrinker, once; order 1 never.

    Follows mm/huge_memory.c, v6.9: 8897277acfef ("mm: support order-1 folios in the page cache").
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
        count_vm_event(m, THP_DEFERRED_SPLIT_PAGE)
        list_add_tail(m, node, folio_split_queue(m, folio))
        split_queue_len_add(m, 1)
        why(m, QUEUED, folio, m.folio_nr_pages_mapped[folio] & (COMPOUND_MAPPED - 1))
    spin_unlock(m)
