"""v6.19: what a removed cgroup has queued goes to its parent."""

from __future__ import annotations

from folioviz.machine.concurrency import list_splice_tail_init
from folioviz.machine.fields import MEMCG_STATE
from folioviz.machine.journal import QUEUE_REPARENTED
from folioviz.machine.memcg import MEMCG_REPARENTED
from folioviz.machine.memory import SPLIT_QUEUE
from folioviz.machine.primitives import View, spin_lock, spin_unlock, store, why
from folioviz.mm.headers import deferred_list, memcg_split_queue


def mem_cgroup_css_offline(m: View, memcg: int) -> None:
    """Remove a cgroup: what was charged to it is the root's, and what it had queued comes to the root's queue.

    Follows mm/memcontrol.c, v6.19: 46156dba32cb ("mm: thp: reparent the split queue during memcg offline").
    """
    memcg_reparent_list_lru_one(m, memcg)
    store(m, MEMCG_STATE, memcg, MEMCG_REPARENTED)


def memcg_reparent_list_lru_one(m: View, memcg: int) -> None:
    """Put a cgroup's queue before what the root has queued, under the locks of both.

    Follows mm/list_lru.c, v7.2: fafaeceb89a5 ("mm: switch deferred split shrinker to list_lru").
    """
    spin_lock(m)
    spin_lock(m)
    node = m.list_next[memcg_split_queue(memcg)]
    while node != memcg_split_queue(memcg):
        why(m, QUEUE_REPARENTED, node - deferred_list(0), memcg)
        node = m.list_next[node]
    list_splice_tail_init(m, memcg_split_queue(memcg), m.list_next[SPLIT_QUEUE])
    spin_unlock(m)
    spin_unlock(m)
