"""v6.1 as released: each attempt to queue a huge page takes the lock, even if the page is queued long since."""

from __future__ import annotations

from folioviz.machine.journal import NOT_QUEUED_SWAPCACHE, QUEUED, QUEUED_LOCKED
from folioviz.machine.memory import THP_DEFERRED_SPLIT_PAGE
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


def deferred_split_huge_page(m: View, folio: int) -> None:
    """Put a compound page on the queue for the shrinker, once; look only under the lock.

    Follows mm/huge_memory.c, v6.1 as released: before 81e506bec9be ("mm/thp: check and bail out if page in deferred
    queue already", v6.3).
    """
    if folio_test_swapcache(m, folio):  # it is being reclaimed
        why(m, NOT_QUEUED_SWAPCACHE, folio, 0)
        return
    node = deferred_list(folio)
    spin_lock(m)
    if list_empty(m, node):
        count_vm_event(m, THP_DEFERRED_SPLIT_PAGE)
        list_add_tail(m, node, folio_split_queue(m, folio))
        split_queue_len_add(m, 1)
        mapped = 0  # for the reader: the kernel does not count them
        for page in range(folio, folio + folio_nr_pages(m, folio)):
            if m.page_mapcount[page] >= 0:
                mapped += 1
        why(m, QUEUED, folio, mapped)
    else:
        why(m, QUEUED_LOCKED, folio, int(shrinking(m)))
    spin_unlock(m)
