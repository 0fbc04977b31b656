"""v6.19: the shrinker takes folios off the queue into a folio_batch, and puts back those that stay, under the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_ref_freeze, folio_try_get
from folioviz.machine.journal import UNQUEUED_SPLIT
from folioviz.machine.memory import LIST_PAGE, SCAN_LIST
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
from folioviz.mm.headers import deferred_list, folio_split_queue, lru_node

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_12.partially_mapped import folio_clear_partially_mapped
    from folioviz.kernels.since_v6_12.underused import shrink_one
    from folioviz.mm.swap import folio_put


def deferred_split_scan(m: View, nr_to_scan: int) -> int:
    """Look at up to ``nr_to_scan`` folios; return how many were split, or -1 (SHRINK_STOP) if there was none.

    The kernel's folio_batch is an array of at most 31; here it is a list of the folios' ``lru``, which are alone as
    long as a folio lives, and has no end.

    Follows mm/huge_memory.c, v6.19: 776bde7caf80 ("mm: thp: use folio_batch to handle THP splitting in
    deferred_split_scan()").
    """
    isolated = 0
    queue = shrinker_begins(m)
    spin_lock(m)
    node = m.list_next[queue]
    while nr_to_scan > 0 and node != queue:
        after = m.list_next[node]
        folio = node - deferred_list(0)
        if folio_try_get(m, folio):
            list_add_tail(m, lru_node(folio), SCAN_LIST)
        else:
            folio_clear_partially_mapped(m, folio)
        list_del_init(m, node)
        split_queue_len_add(m, -1)
        nr_to_scan -= 1
        isolated += 1
        node = after
    spin_unlock(m)

    split = 0
    slot = m.list_next[SCAN_LIST]
    while slot != SCAN_LIST:
        node = deferred_list(slot - LIST_PAGE)
        done = shrink_one(m, slot - LIST_PAGE)
        if done > 0:
            split += 1
        elif done < 0:
            spin_lock(m)
            if list_empty(m, node):
                list_add_tail(m, node, folio_split_queue(m, folio))
                split_queue_len_add(m, 1)
            spin_unlock(m)
        slot = m.list_next[slot]

    while not list_empty(m, SCAN_LIST):
        slot = m.list_next[SCAN_LIST]
        list_del_init(m, slot)
        folio_put(m, slot - LIST_PAGE)
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
    if not folio_ref_freeze(m, folio, 1):
        spin_unlock(m)
        return False
    if not list_empty(m, deferred_list(folio)):
        split_queue_len_add(m, -1)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_SPLIT, folio, 0)
    folio_clear_partially_mapped(m, folio)
    spin_unlock(m)
    return True
