"""v6.19 and v7.2: the shrinker takes folios off the queue as it picks them; the queue becomes a list_lru."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_ref_freeze, folio_try_get, list_move
from folioviz.machine.journal import UNQUEUED_SPLIT
from folioviz.machine.memory import SCAN_LIST
from folioviz.machine.primitives import (
    View,
    list_add_tail,
    list_del_init,
    list_empty,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    why,
)
from folioviz.mm.charges import shrinker_begins
from folioviz.mm.headers import deferred_list, folio_cache_ref_count, folio_split_queue

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_12.partially_mapped import folio_clear_partially_mapped
    from folioviz.kernels.since_v6_12.underused import shrink_one
    from folioviz.mm.swap import folio_put


def deferred_split_isolate(m: View, nr_to_scan: int) -> int:
    """Take up to ``nr_to_scan`` folios off the queue's head; return how many. One without a reference is passed over.

    Follows mm/huge_memory.c, v7.2: fafaeceb89a5 ("mm: switch deferred split shrinker to list_lru").
    """
    isolated = 0
    queue = shrinker_begins(m)
    spin_lock(m)
    node = m.list_next[queue]
    while isolated < nr_to_scan and node != queue:
        after = m.list_next[node]
        if folio_try_get(m, node - deferred_list(0)):
            list_move(m, node, SCAN_LIST)
            split_queue_len_add(m, -1)
            isolated += 1
        node = after
    spin_unlock(m)
    return isolated


def deferred_split_scan(m: View, nr_to_scan: int) -> int:
    """Look at up to ``nr_to_scan`` folios; return how many were split, or -1 (SHRINK_STOP) if there was none.

    Follows mm/huge_memory.c, v7.2: fafaeceb89a5 ("mm: switch deferred split shrinker to list_lru").
    """
    isolated = deferred_split_isolate(m, nr_to_scan)
    split = 0
    while not list_empty(m, SCAN_LIST):
        node = m.list_next[SCAN_LIST]
        folio = node - deferred_list(0)
        list_del_init(m, node)
        done = shrink_one(m, folio)
        if done > 0:
            split += 1
        elif done < 0:
            spin_lock(m)
            if list_empty(m, node):
                list_add_tail(m, node, folio_split_queue(m, folio))
                split_queue_len_add(m, 1)
            spin_unlock(m)
        folio_put(m, folio)
    if split == 0 and isolated == 0:
        return -1
    return split


def split_unqueue(m: View, folio: int) -> bool:
    """Freeze a folio that is being split, take it off the queue, and its flag even if it is on none.

    Return false, and do nothing, if somebody else holds it.

    Follows mm/huge_memory.c, __folio_freeze_and_split_unmapped(), v6.19: 776bde7caf80 ("mm: thp: use folio_batch to
    handle THP splitting in deferred_split_scan()").
    """
    spin_lock(m)
    if not folio_ref_freeze(m, folio, 1 + folio_cache_ref_count(m, folio)):
        spin_unlock(m)
        return False
    if not list_empty(m, deferred_list(folio)):
        split_queue_len_add(m, -1)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_SPLIT, folio, 0)
    folio_clear_partially_mapped(m, folio)
    spin_unlock(m)
    return True
