"""The laws of cgroups: who is in which, and that what is queued waits on the queue of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.laws.census import require, require_least, require_one
from folioviz.machine.memcg import MAX_MEMCGS, MEMCG_ONLINE, MEMCG_REPARENTED
from folioviz.machine.memory import (
    LIST_PAGE,
)
from folioviz.mm.headers import memcg_split_queue

if TYPE_CHECKING:
    from folioviz.laws.census import Census


def of_queues(c: Census) -> None:
    """Require that a queued folio waits where get_deferred_split_queue() looks for it (mm/huge_memory.c)."""
    charged = c.m.folio_memcg
    own = np.where(c.m.memcg_state[charged] == MEMCG_REPARENTED, 0, charged)
    for memcg in range(MAX_MEMCGS + 1):
        heads = c.lists[memcg_split_queue(memcg)] - LIST_PAGE - 2
        require("cgroup of the folio at page {}, by its queue", heads, own[heads], memcg)


def of_processes(c: Census) -> None:
    """Require that a process is in a cgroup that is there, and a dead one in none (cgroup_rmdir(): -EBUSY)."""
    inside = np.flatnonzero(c.m.mm_memcg)
    state = c.m.memcg_state[c.m.mm_memcg[inside]]
    require("state of the cgroup of process slot {}", inside, state, MEMCG_ONLINE)
    require_least("id of the process in slot {}, which is in a cgroup", inside, c.m.mm_id[inside], 1)


def of_names(c: Census) -> None:
    """Require that each cgroup was made once, and that folios are charged to those only (mem_cgroup_css_online())."""
    made = c.m.memcg_made[c.m.memcg_made > 0]
    require(
        "cgroup that was made {} places after the first",
        np.arange(made.size),
        c.m.memcg_made[1:][: made.size],
        made,
    )
    known = np.flatnonzero(c.m.memcg_state)
    require("cgroups that were made", [0], np.array([made.size]), known.size)
    require("cgroup in the order of names, at place {}", np.arange(known.size), np.sort(made), known)
    charged = c.m.folio_memcg[c.heads]
    there = (charged == 0) | (c.m.memcg_state[charged] > 0)
    require_one("a cgroup that was made, of the folio at page {}", c.heads, there)


def of_slots(c: Census) -> None:
    """Require that slots of swap are of cgroups that were made, and free ones of none (swap_cgroup_record())."""
    slots = np.arange(c.m.swap_memcg.size)
    there = (c.m.swap_memcg == 0) | (c.m.memcg_state[c.m.swap_memcg] > 0)
    require_one("a cgroup that was made, of slot {}", slots, there)
    free = slots[(c.m.swap_map == 0) & (c.m.swap_cache < 0)]
    require("cgroup of the free slot {}", free, c.m.swap_memcg[free], 0)


OF_CGROUPS = (of_queues, of_processes, of_names, of_slots)
"""The laws."""
