"""Which cgroup has what: the processes in it, and the folios on its deferred split queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from folioviz.machine.fields import FOLIO_MEMCG
from folioviz.machine.memcg import MEMCG_OFFLINE, MEMCG_REPARENTED
from folioviz.ops.walk import live_mms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.machine.memory import Machine
    from folioviz.readout.state import Folio


class Cgroups(NamedTuple):
    """The cgroups of a machine.

    Attributes:
        states: what became of each, by its number, as ``memcg_state`` has it; 0 is the root.
        members: process id -> the cgroup that it is in; processes of the root are left out.
    """

    states: tuple[int, ...]
    members: Mapping[int, int]

    def of(self, folio: Folio) -> int:
        """Return the cgroup on whose queue a folio waits, or would (folio_memcg(), include/linux/memcontrol.h)."""
        cgroup = folio.counters[FOLIO_MEMCG]
        return 0 if self.states[cgroup] == MEMCG_REPARENTED else cgroup

    def passed_over(self, cgroup: int) -> bool:
        """Tell whether a cgroup was removed and still has its queue, to which no shrinker comes."""
        return self.states[cgroup] == MEMCG_OFFLINE


def cgroups(machine: Machine) -> Cgroups:
    """Return the cgroups of a machine."""
    members = {int(machine.mm_id[mm]): int(machine.mm_memcg[mm]) for mm in live_mms(machine)}
    return Cgroups(
        tuple(machine.memcg_state.tolist()), {mm: cgroup for mm, cgroup in members.items() if cgroup}
    )
