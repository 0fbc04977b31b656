"""The same CPUs as processes that block: what the one pass of the product is held against."""

from __future__ import annotations

from collections import Counter

import simpy

from folioviz.contention.program import VARIANTS
from folioviz.contention.simulation import FIRST_LOOPS, GOLDEN, loops_for, mixed


class Line:
    """A cache line: who wrote it last, and how long it takes to come."""

    def __init__(self, hardware):
        self.hardware, self.owner = hardware, None

    def comes(self, cpu):
        """Return how long it takes until a CPU has it, and let it have it."""
        owner, self.owner = self.owner, cpu
        if owner in (None, cpu):
            return 0.0
        per = self.hardware.cpus_per_socket
        return self.hardware.near_ns if owner // per == cpu // per else self.hardware.far_ns


class Reference:
    """CPUs, locks, lines and memory; all of them queue by simpy's own resources."""

    def __init__(self, program, cpus, hardware):
        self.env = simpy.Environment()
        self.program, self.cpus, self.hardware = program, cpus, hardware
        self.locks = [simpy.Resource(self.env) for _ in range(hardware.queues)]
        self.lock_lines = [Line(hardware) for _ in range(hardware.queues)]
        self.queues = [[] for _ in range(hardware.queues)]
        self.folios, self.shared = {}, {}
        self.done = 0
        self.waited = Counter()
        self.times = []

    def run(self):
        """Return loops per nanosecond and the share of time that was waited, once the first loops are done."""
        first = self.cpus * max(FIRST_LOOPS, loops_for(self.program, self.cpus) // 4)
        last = first + self.cpus * loops_for(self.program, self.cpus)
        for cpu in range(self.cpus):
            self.env.process(self.cpu(cpu))
        found = []
        for loops in (first, last):
            while self.done < loops:
                self.env.step()
            found.append((self.env.now, sum(self.waited.values())))
        (began, before), (ended, after) = found
        return (last - first) / (ended - began), (after - before) / (ended - began) / self.cpus

    def cpu(self, cpu):
        """Repeat the loop, beginning where the product's CPU begins."""
        order = mixed(cpu)
        lengths = [sum(self.program.private[one]) + sum(self.program.inside) for one in order]
        place, turn = cpu * GOLDEN % 1.0 * sum(lengths), 0
        while place >= lengths[turn]:
            place -= lengths[turn]
            turn += 1
        yield self.env.timeout(lengths[turn] - place)
        self.done += 1
        while True:
            turn = (turn + 1) % VARIANTS
            private = self.program.private[order[turn]]
            for act, moves in enumerate(self.program.moves):
                yield self.env.timeout(private[act])
                if moves is None:
                    yield from self.line(cpu, act)
                else:
                    yield from self.section(cpu, self.program.inside[act], moves)
            yield self.env.timeout(private[-1])
            self.done += 1

    def section(self, cpu, inside, moves):
        """Take the lock, link and unlink, release it."""
        queue = cpu % self.hardware.queues
        arrived = self.env.now
        with self.locks[queue].request() as turn:
            yield turn
            comes = self.lock_lines[queue].comes(cpu)
            for queued, folio in moves:
                comes += self.relink(cpu, self.queues[queue], (cpu, folio), queued=queued)
            yield self.env.timeout(comes + inside)
        self.waited["lock"] += self.env.now - arrived - inside

    def relink(self, cpu, queue, folio, *, queued):
        """Put a folio at a queue's end or take it off; return how long its and its neighbours' lines take."""
        if queued:
            queue.append(folio)
        place = queue.index(folio)
        near = {queue[one] for one in (place - 1, place, place + 1) if 0 <= one < len(queue)}
        if not queued:
            queue.remove(folio)
        return sum(self.folios.setdefault(one, Line(self.hardware)).comes(cpu) for one in near)

    def line(self, cpu, act):
        """Do an atomic on a shared line."""
        number = self.program.line[act]
        lock, line = self.shared.setdefault(number, (simpy.Resource(self.env), Line(self.hardware)))
        arrived = self.env.now
        with lock.request() as turn:
            yield turn
            yield self.env.timeout(line.comes(cpu) + self.program.inside[act])
        self.waited["line"] += self.env.now - arrived - self.program.inside[act]
