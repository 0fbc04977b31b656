"""Constants of memory cgroups: how many there are, and what became of each."""

from __future__ import annotations

from typing import Final

MAX_MEMCGS: Final = 7
"""Cgroups beside the root, which is 0; a name is given once."""

# memcg_state; 0 is a cgroup that was never made, and the root, which needs none
MEMCG_ONLINE: Final = 1
MEMCG_OFFLINE: Final = 2
"""Removed, and its queue is still the queue of its folios."""
MEMCG_REPARENTED: Final = 3
"""Removed, and its folios are the root's."""
