"""v6.12-rc: the shrinker unlinks a folio that it drops without the lock, and counts it out without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    folio_try_get,
    list_move,
    list_splice_tail_init,
)
from folioviz.machine.memory import SCAN_LIST
from folioviz.machine.primitives import (
    View,
    list_del_init,
    list_empty,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
)
from folioviz.mm.charges import shrinker_begins
from folioviz.mm.headers import deferred_list

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_12.partially_mapped import folio_clear_partially_mapped
    from folioviz.kernels.since_v6_12.underused import shrink_one
    from folioviz.mm.swap import folio_put


def deferred_split_scan(m: View, nr_to_scan: int) -> int:
    """Look at up to ``nr_to_scan`` folios from the queue's head; return how many were split, or -1 (SHRINK_STOP).

    Follows mm/huge_memory.c, v6.12-rc1: before e66f3185fa04 ("mm/thp: fix deferred split queue not partially_mapped",
    v6.12).
    """
    queue = shrinker_begins(m)
    spin_lock(m)
    node = m.list_next[queue]
    while nr_to_scan > 0 and node != queue:
        after = m.list_next[node]
        folio = node - deferred_list(0)
        if folio_try_get(m, folio):
            list_move(m, node, SCAN_LIST)
        else:  # whoever dropped the last reference has not come to the queue yet
            folio_clear_partially_mapped(m, folio)
            list_del_init(m, node)
            split_queue_len_add(m, -1)
        nr_to_scan -= 1
        node = after
    spin_unlock(m)

    split = 0
    node = m.list_next[SCAN_LIST]
    while node != SCAN_LIST:
        after = m.list_next[node]
        folio = node - deferred_list(0)
        done = shrink_one(m, folio)
        if done > 0:
            split += 1
        elif done == 0:
            list_del_init(m, node)
            split_queue_len_add(m, -1)
        folio_put(m, folio)
        node = after

    spin_lock(m)
    list_splice_tail_init(m, SCAN_LIST, queue)
    spin_unlock(m)
    if split == 0 and list_empty(m, queue):
        return -1
    return split
