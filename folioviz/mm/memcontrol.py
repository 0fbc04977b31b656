"""mm/memcontrol.c and kernel/cgroup/cgroup.c: cgroups as far as they decide on which queue a folio waits.

What a process faulted in before it was moved stays charged to the cgroup that it was in (cgroup v2). A cgroup that is
removed while folios are charged to it goes on without a name: its queue is still theirs, and no shrinker comes to it.

Locks: cgroup_mutex around both, which nothing else here takes. Not modelled: limits, counters, cgroups in cgroups.
"""

from __future__ import annotations

from folioviz.machine.fields import MEMCG_MADE, MEMCG_STATE, MM_MEMCG
from folioviz.machine.journal import QUEUE_LEFT
from folioviz.machine.memcg import MEMCG_OFFLINE, MEMCG_ONLINE
from folioviz.machine.primitives import View, store, why
from folioviz.mm.headers import deferred_list, memcg_split_queue


def mem_cgroup_css_online(m: View, memcg: int) -> None:
    """Make a cgroup, the latest of those that the shrinker comes to."""
    place = 1
    while m.memcg_made[place]:
        place += 1
    store(m, MEMCG_MADE, place, memcg)
    store(m, MEMCG_STATE, memcg, MEMCG_ONLINE)


def cgroup_attach_task(m: View, mm: int, memcg: int) -> None:
    """Move a process into a cgroup, which is made if it is not there; 0 is the root (kernel/cgroup/cgroup.c)."""
    if memcg and not m.memcg_state[memcg]:
        mem_cgroup_css_online(m, memcg)
    store(m, MM_MEMCG, mm, memcg)


def mem_cgroup_css_offline(m: View, memcg: int) -> None:
    """Remove a cgroup; what it has queued stays where it is."""
    node = m.list_next[memcg_split_queue(memcg)]
    while node != memcg_split_queue(memcg):
        why(m, QUEUE_LEFT, node - deferred_list(0), memcg)
        node = m.list_next[node]
    store(m, MEMCG_STATE, memcg, MEMCG_OFFLINE)
