"""The shrinker and the cgroups of a recorded kernel: when it is asked, and what it does not see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.machine.memcg import MAX_MEMCGS, MEMCG_ONLINE
from folioviz.mm.headers import memcg_split_queue
from folioviz.ops import ops
from folioviz.ops.walk import listed, live_folios

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.nearest import Release
    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op


class Reclaim:
    """What the shrinker finds on the queues.

    Attributes:
        machine: the machine that operations are done on.
        release: the recorded kernel.
        cgroup: the cgroup that the recording has now, or 0.
        made: how many it had.
        lost: cgroups of the model that the recorded kernel has removed, and whose queues it does not visit.
    """

    def __init__(self, machine: Machine, release: Release) -> None:
        """Begin without cgroups."""
        self.machine = machine
        self.release = release
        self.cgroup = self.made = 0
        self.lost: set[int] = set()

    def shrink(self) -> Iterator[Op]:
        """Run the shrinker over each queue that it visits; it is asked only if something is queued."""
        found = self._visited()
        if not self.lost.isdisjoint(found):
            if self.lost.issuperset(found):
                return
            raise NotModelledError(
                "the model visits the queue of a cgroup that was removed, and this release does not"
            )
        for heads in found.values():
            yield ops.Shrink(len(heads))

    def reclaim(self, pages: int) -> Iterator[Op]:
        """Reclaim memory: without swap space that is the shrinker's doing; with it, the folio that holds all goes out.

        Which of several folios is the last one of its LRU list is not known.
        """
        if not self._swap():
            if self.cgroup and not {self.cgroup}.issuperset(self._visited()):
                raise NotModelledError(
                    "a cgroup that is reclaimed visits its own queue, and the model's shrinker the root's, too"
                )
            yield from self.shrink()
            return
        heads = live_folios(self.machine)
        if len(heads) != 1 or self.machine.folio_refcount[heads[0]] != pages:
            raise NotModelledError("which folios reclaim takes is not known: the model has no LRU lists")
        yield ops.Reclaim(int(self.machine.folio_id[heads[0]]))

    def _swap(self) -> bool:
        """Tell whether there is swap space."""
        return bool(self.machine.total_swap_pages.any())

    def enter(self, mm: int) -> Iterator[Op]:
        """Move a process into the cgroup, which is made if there is none."""
        if not self.cgroup:
            if self.made == MAX_MEMCGS:
                raise NotModelledError(f"the model has {MAX_MEMCGS} cgroups beside the root")
            self.made += 1
            self.cgroup = self.made
        yield ops.Cgroup(mm, self.cgroup)

    def remove_cgroup(self) -> Iterator[Op]:
        """Remove the cgroup; if the model would give its queue to the root and the kernel does not, leave it there."""
        if not self.cgroup:
            return
        if self.release.model_regroups and not self.release.regroups_queues:
            self.lost.add(self.cgroup)
        else:
            yield ops.Rmcgroup(self.cgroup)
        self.cgroup = 0

    def _visited(self) -> dict[int, list[int]]:
        """Return what is queued where the model's shrinker comes: the head pages by cgroup."""
        there = [0, *(n for n in range(1, MAX_MEMCGS + 1) if self.machine.memcg_state[n] == MEMCG_ONLINE)]
        queues = {n: listed(self.machine, memcg_split_queue(n)) for n in there}
        return {n: heads for n, heads in queues.items() if heads}
