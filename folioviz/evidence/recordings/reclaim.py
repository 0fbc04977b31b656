"""The shrinker of a recorded kernel: when it is asked, and what it does not see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.ops import ops
from folioviz.ops.walk import live_folios, queue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.evidence.recordings.nearest import Release
    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op


class Reclaim:
    """What the shrinker finds on the queue.

    Attributes:
        machine: the machine that operations are done on.
        release: the recorded kernel.
        lost: the ids of folios that are queued where nobody looks.
    """

    def __init__(self, machine: Machine, release: Release) -> None:
        """Begin with nothing lost."""
        self.machine = machine
        self.release = release
        self.lost: set[int] = set()

    def shrink(self) -> Iterator[Op]:
        """Run the shrinker over the whole queue; it is asked only if something is queued."""
        queued = self._queued()
        if queued & self.lost:
            raise NotModelledError("before v7.0 nobody visits the queue of a cgroup that was removed")
        if queued:
            yield ops.Shrink(len(queued))

    def reclaim(self, pages: int) -> Iterator[Op]:
        """Reclaim memory: without swap space that is the shrinker's doing; with it, the folio that holds all goes out.

        Which of several folios is the last one of its LRU list is not known.
        """
        if not self._swap():
            yield from self.shrink()
            return
        heads = live_folios(self.machine)
        if len(heads) != 1 or self.machine.folio_refcount[heads[0]] != pages:
            raise NotModelledError("which folios reclaim takes is not known: the model has no LRU lists")
        yield ops.Reclaim(int(self.machine.folio_id[heads[0]]))

    def _swap(self) -> bool:
        """Tell whether there is swap space."""
        return bool(self.machine.total_swap_pages.any())

    def remove_cgroup(self) -> None:
        """Remove the cgroup that everything is charged to."""
        if not self.release.regroups_queues:
            self.lost |= self._queued()

    def _queued(self) -> set[int]:
        """Return the ids of the folios that are queued."""
        return {int(self.machine.folio_id[head]) for head in queue(self.machine)}
