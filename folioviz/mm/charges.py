"""Charging: which cgroup a folio belongs to, and so which deferred split queue is its own (linux/memcontrol.h).

A process's new folios are charged to the cgroup that it is in; they stay charged to it wherever the process goes. 0 is
the root, whose queue is the only one until a cgroup is made. Like headers these are linked and not traced: until then
they change nothing. The length of the queues and their locks are counted together.

Locks: none of their own. What a folio is charged to changes while nobody else sees it, and under its queue's lock.
"""

from __future__ import annotations

from folioviz.machine.fields import FOLIO_MEMCG, MM_MEMCG, SHRINK_TURN, SWAP_MEMCG
from folioviz.machine.memcg import MAX_MEMCGS, MEMCG_OFFLINE, MEMCG_ONLINE
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import folio_memcg, memcg_split_queue, shrinker_place


def mem_cgroup_charge(m: View, folio: int, mm: int) -> None:
    """Charge a new folio to the cgroup of the process that it is for."""
    store(m, FOLIO_MEMCG, folio, m.mm_memcg[mm])


def mem_cgroup_try_charge_swap(m: View, folio: int, slot: int, nr: int) -> None:
    """Note for slots whose a folio is: a removed cgroup goes on so as long as it has some, else it is the root's.

    (mem_cgroup_id_get_online(), mm/memcontrol.c)
    """
    memcg = folio_memcg(m, folio)
    if m.memcg_state[memcg] == MEMCG_OFFLINE:
        known = 0
        for i in range(len(m.swap_memcg)):
            known |= m.swap_memcg[i] == memcg
        memcg = memcg if known else 0
    for i in range(slot, slot + nr):
        store(m, SWAP_MEMCG, i, memcg)


def mem_cgroup_swapin_charge_folio(m: View, folio: int, slot: int, mm: int) -> None:
    """Charge what comes back as it was, if that cgroup is there, else to who brings it: -1 is swapoff, by the root."""
    memcg = m.swap_memcg[slot]
    if memcg and m.memcg_state[memcg] != MEMCG_ONLINE:
        memcg = m.mm_memcg[mm] if mm >= 0 else 0
    store(m, FOLIO_MEMCG, folio, memcg)


def mem_cgroup_uncharge_swap(m: View, slot: int) -> None:
    """Forget whose a slot was."""
    store(m, SWAP_MEMCG, slot, 0)


def mem_cgroup_uncharge(m: View, folio: int) -> None:
    """Forget the cgroup of a folio that is being freed."""
    store(m, FOLIO_MEMCG, folio, 0)


def mem_cgroup_replace(m: View, old: int, new: int) -> None:
    """Charge a folio as another one: what it is copied to, or split off (mem_cgroup_migrate(), split_page_memcg())."""
    store(m, FOLIO_MEMCG, new, m.folio_memcg[old])


def mem_cgroup_fork(m: View, mm: int, child: int) -> None:
    """Put a child into its parent's cgroup."""
    store(m, MM_MEMCG, child, m.mm_memcg[mm])


def mem_cgroup_exit(m: View, mm: int) -> None:
    """Forget the cgroup of a process that has ended."""
    store(m, MM_MEMCG, mm, 0)


def shrinker_begins(m: View) -> int:
    """Return the list head of the queue that is scanned now; the next scan is of another one, if there is one."""
    place = shrinker_place(m)
    after = place + 1 if place < MAX_MEMCGS else 0
    if m.memcg_made[after] == 0:
        after = 0
    store(m, SHRINK_TURN, 0, after)
    return memcg_split_queue(m.memcg_made[place])
