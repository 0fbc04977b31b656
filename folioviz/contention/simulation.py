"""CPUs in one pass: arrivals are taken in the order of time, so a FIFO lock needs no CPU that blocks.

A section begins when it has arrived, the one before it has ended, and the lock's line has come over. The queue is
simulated as it is linked, because a list's neighbours are other CPUs' folios: whoever links or unlinks a folio writes
to their lines. Head, length and lock lie in one line (struct deferred_split, include/linux/mmzone.h).
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from folioviz.contention.program import LIST_LINES, LOCK, LOCK_LINE, MEMORY, PLACES, VARIANTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.contention.hardware import Hardware
    from folioviz.contention.program import Program

GOLDEN = 0.6180339887498949
"""CPU number c begins at this times c of all variants, the whole part left out: as evenly as any number of CPUs can."""
ACTS = 15_000
"""Acts that one simulation is worth, where the fewest loops of each CPU are not more."""
FEWEST_LOOPS, MOST_LOOPS = 5, 4 * VARIANTS
FIRST_LOOPS = 2
"""Loops of each CPU before it is measured, or a quarter of those that are."""
AT_LOCK, AT_LOCK_LINE, AT_LIST_LINES, AT_MEMORY = (
    PLACES.index(place) for place in (LOCK, LOCK_LINE, LIST_LINES, MEMORY)
)
Busy = tuple[int, float, float, float]
"""A CPU, when it arrived at a lock or line, when it had it, and when it left."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured once the CPUs had run for a while.

    Attributes:
        since: when it began, in nanoseconds of the simulation.
        ns: how long it was.
        loops: how many loops were done in it, by all CPUs.
        work: private work, of all CPUs.
        inside: time within sections under split_queue_lock, their line transfers included, of all CPUs.
        waited: what CPUs waited for, by :data:`folioviz.contention.program.PLACES`.
        busy: what each CPU did at locks and lines, if it was asked for.
    """

    since: float
    ns: float
    loops: float
    work: float
    inside: float
    waited: tuple[float, ...]
    busy: tuple[Busy, ...] = ()


def loops_for(program: Program, cpus: int) -> int:
    """Return how many loops each CPU does while it is measured."""
    fits = ACTS // (cpus * (len(program.moves) + 1))
    return VARIANTS if cpus == 1 else max(FEWEST_LOOPS, min(MOST_LOOPS, fits))


def simulate(
    program: Program,
    cpus: int,
    hardware: Hardware,
    starts: Sequence[int] | None = None,
    *,
    watched: bool = False,
) -> Outcome:
    """Let CPUs repeat a loop, and measure after the first loops; deterministic, O(acts x CPUs x log CPUs).

    Args:
        program: the loop, at this hardware's prices.
        cpus: how many.
        hardware: what lines take, where the sockets are, how many queues.
        starts: which start each CPU has, a permutation of ``range(cpus)``.
        watched: whether what each CPU does is noted.
    """
    run = _Run(program, cpus, hardware, range(cpus) if starts is None else starts, watched=watched)
    measured = loops_for(program, cpus)
    first = max(FIRST_LOOPS, measured // 4)
    run.until(cpus * first)
    run.measure()
    run.until(cpus * (first + measured))
    return run.outcome()


@cache
def mixed(start: int) -> tuple[int, ...]:
    """Return in which order a CPU does the variants: mixed, another for each start, and always the same."""
    return tuple(np.random.default_rng(start).permutation(VARIANTS).tolist())


class _Run:
    """A simulation under way."""

    def __init__(
        self, program: Program, cpus: int, hardware: Hardware, starts: Sequence[int], *, watched: bool
    ) -> None:
        """Let every CPU be somewhere in its variants, at work until the loop that it is in ends."""
        self.program, self.cpus, self.queues = program, cpus, hardware.queues
        self.near_ns, self.far_ns = hardware.near_ns, hardware.far_ns
        self.socket = [cpu // hardware.cpus_per_socket for cpu in range(cpus)]
        self.order = [mixed(start) for start in starts]
        self.turn = [0] * cpus
        self.heap = [(self._first_end(cpu, start), cpu) for cpu, start in enumerate(starts)]
        heapq.heapify(self.heap)
        self.at = [len(program.moves)] * cpus
        self.left = [0.0] * cpus
        self.inside = [0.0] * cpus
        queues = range(hardware.queues)
        self.lock_free = [0.0] * hardware.queues
        self.lock_owner = [-1] * hardware.queues
        self.next = {-1 - queue: -1 - queue for queue in queues}
        self.prev = dict(self.next)
        self.owner: dict[int, int] = {}
        self.line_free: dict[int, float] = {}
        self.line_owner: dict[int, int] = {}
        self.memory_free = self.work = self.held = self.since = self.now = 0.0
        self.done = 0
        self.before = 0.0
        self.waited = [0.0] * len(PLACES)
        self.busy: list[Busy] | None = [] if watched else None

    def _first_end(self, cpu: int, start: int) -> float:
        """Put a CPU somewhere into its variants; return when the loop that it is in ends."""
        lengths = [sum(self.program.private[one]) + sum(self.program.inside) for one in self.order[cpu]]
        ends = list(accumulate(lengths))
        place = start * GOLDEN % 1.0 * ends[-1]
        self.turn[cpu] = bisect_right(ends, place)
        return ends[self.turn[cpu]] - place

    def _variant(self, cpu: int) -> list[float]:
        """Return the private work of the loop that a CPU is in."""
        return self.program.private[self.order[cpu][self.turn[cpu]]]

    def until(self, loops: int) -> None:
        """Go on until so many loops are done, by all CPUs together."""
        moves, inside = self.program.moves, self.program.inside
        heap, at, left, last = self.heap, self.at, self.left, len(moves)
        work = [self._variant(cpu) for cpu in range(self.cpus)]
        now, cpu = heapq.heappop(heap)
        while True:
            act = at[cpu]
            self.work += now - left[cpu]
            if act == last:
                end = self._loop_ends(now)
                at[cpu] = 0
                self.turn[cpu] = (self.turn[cpu] + 1) % VARIANTS
                work[cpu] = self._variant(cpu)
                self.inside[cpu] = 0.0
            else:
                move = moves[act]
                end = (
                    self._line(cpu, now, act) if move is None else self._section(cpu, now, inside[act], move)
                )
                at[cpu] = act + 1
            left[cpu] = end
            arrival = end + work[cpu][at[cpu]]
            if act == last and self.done == loops:
                break
            now, cpu = heapq.heappushpop(heap, (arrival, cpu))
        self.now = now
        heapq.heappush(heap, (arrival, cpu))

    def _section(self, cpu: int, now: float, inside: float, moves: tuple[tuple[bool, int], ...]) -> float:
        """Let a CPU that has arrived have the lock when it is its turn; return when it is released."""
        waited = self.waited
        queue = cpu % self.queues
        turn = max(self.lock_free[queue], now)
        comes = self._transfer(self.lock_owner[queue], cpu)
        lines = 0.0
        for queued, folio in moves:
            lines += self._relink(cpu, -1 - queue, cpu * self.program.folios + folio, queued=queued)
        end = turn + comes + inside + lines
        self.lock_free[queue], self.lock_owner[queue] = end, cpu
        waited[AT_LOCK] += turn - now
        waited[AT_LOCK_LINE] += comes
        waited[AT_LIST_LINES] += lines
        self.held += end - turn
        self.inside[cpu] = end - turn
        if self.busy is not None:
            self.busy.append((cpu, now, turn + comes, end))
        return end

    def _line(self, cpu: int, now: float, act: int) -> float:
        """Let a CPU do an atomic on a line that all CPUs write to; return when it is done."""
        line = self.program.line[act]
        turn = max(self.line_free.get(line, 0.0), now)
        comes = self._transfer(self.line_owner.get(line, -1), cpu)
        end = turn + comes + self.program.inside[act]
        self.line_free[line], self.line_owner[line] = end, cpu
        self.waited[self.program.place[act]] += turn - now + comes
        self.inside[cpu] = 0.0
        if self.busy is not None:
            self.busy.append((cpu, now, turn + comes, end))
        return end

    def _loop_ends(self, now: float) -> float:
        """Count a loop; return when memory has taken its pages, which it does one loop after the other."""
        self.done += 1
        self.memory_free = max(self.memory_free, now - self.program.memory) + self.program.memory
        end = max(now, self.memory_free)
        self.waited[AT_MEMORY] += end - now
        return end

    def _transfer(self, owner: int, cpu: int) -> float:
        """Return how long a line takes to come over from the CPU that wrote it last; -1 is none."""
        if owner == cpu or owner < 0:
            return 0.0
        return self.near_ns if self.socket[owner] == self.socket[cpu] else self.far_ns

    def _relink(self, cpu: int, head: int, node: int, *, queued: bool) -> float:
        """Link a folio at the queue's end or unlink it; return how long the lines that are written to take to come."""
        after, before = self.next, self.prev
        if queued:
            first, then = before[head], head
            after[first] = before[then] = node
            before[node], after[node] = first, then
        else:
            first, then = before[node], after[node]
            after[first], before[then] = then, first
        comes = 0.0
        for line in {first, then, node}:
            if line != head:
                comes += self._transfer(self.owner.get(line, -1), cpu)
                self.owner[line] = cpu
        return comes

    def measure(self) -> None:
        """Begin to measure now: what is private work or a turn from here on counts."""
        self.since, self.before = self.now, self._progress()
        self.left = [max(one, self.now) for one in self.left]
        self.work = self.held = 0.0
        self.waited = [0.0] * len(PLACES)

    def _progress(self) -> float:
        """Return how many loops have been done, parts of loops by how long they take alone."""
        inside, parts = self.program.inside, 0.0
        for arrives, cpu in self.heap:
            variant, at = self._variant(cpu), self.at[cpu]
            remains = arrives - max(self.now, self.left[cpu]) + sum(variant[at + 1 :]) + sum(inside[at:])
            parts += 1 - remains / (sum(variant) + sum(inside))
        return self.done + parts

    def outcome(self) -> Outcome:
        """Return what was measured; a turn that has not ended by now does not count."""
        late = sum(inside for inside, left in zip(self.inside, self.left, strict=True) if left > self.now)
        under_way = sum(self.now - left for left in self.left if left < self.now)
        return Outcome(
            self.since,
            self.now - self.since,
            self._progress() - self.before,
            self.work + under_way,
            self.held - late,
            tuple(self.waited),
            tuple(self.busy or ()),
        )
