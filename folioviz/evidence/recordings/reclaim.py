"""The shrinker of a recorded kernel: when it is asked, and what it does not see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.evidence.recordings.lacks import NotModelledError
from folioviz.ops import ops
from folioviz.ops.walk import queue

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
        swap: whether there is swap space.
        lost: the ids of folios that are queued where nobody looks.
    """

    def __init__(self, machine: Machine, release: Release) -> None:
        """Begin without swap space."""
        self.machine = machine
        self.release = release
        self.swap = False
        self.lost: set[int] = set()

    def shrink(self) -> Iterator[Op]:
        """Run the shrinker over the whole queue; it is asked only if something is queued."""
        queued = self._queued()
        if queued & self.lost:
            raise NotModelledError("before v7.0 nobody visits the queue of a cgroup that was removed")
        if queued:
            yield ops.Shrink(len(queued))

    def reclaim(self) -> Iterator[Op]:
        """Reclaim memory: the model has the shrinker for it."""
        if self.swap:
            raise NotModelledError("there is swap space, and reclaim uses it")
        yield from self.shrink()

    def remove_cgroup(self) -> None:
        """Remove the cgroup that everything is charged to."""
        if not self.release.regroups_queues:
            self.lost |= self._queued()

    def _queued(self) -> set[int]:
        """Return the ids of the folios that are queued."""
        return {int(self.machine.folio_id[head]) for head in queue(self.machine)}
