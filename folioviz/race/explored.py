"""What a search found: how many schedules there are, which of them break a law, and how likely that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from folioviz.race import schedule
from folioviz.race.explore import END

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.race.explore import Graph


class Found(NamedTuple):
    """A law that some schedules break.

    Attributes:
        law: which, as a sentence.
        odds: the chance that a scheduler breaks it that lets any CPU that can go on do the next step.
        preemptions: the fewest switches away from a CPU that could go on, with which a schedule breaks it.
        schedule: such a schedule, of the fewest steps, as text.
        places: in how many states or steps it is broken.
    """

    law: str
    odds: float
    preemptions: int
    schedule: str
    places: int


class Cell(NamedTuple):
    """A place of the map: how far two CPUs have come, and what may still happen.

    Attributes:
        odds: the chance that a random scheduler breaks a law from here on, of the worst state here.
        states: how many states are here.
    """

    odds: float
    states: int


@dataclass(frozen=True)
class Explored:
    """The outcome of a search.

    Attributes:
        kernel: the kernel's key.
        operations: what each CPU does, in the short form.
        preemptions: the bound on preemptions, or None.
        limit: the most states that were to be looked at.
        graph: the states and steps.
        cpu_seconds: what the search took.
    """

    kernel: str
    operations: tuple[str, ...]
    preemptions: int | None
    limit: int
    graph: Graph
    cpu_seconds: float

    @property
    def complete(self) -> bool:
        """Whether every schedule (with so many preemptions) is covered."""
        return self.graph.complete

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.graph.edges)

    @property
    def ends(self) -> frozenset[bytes]:
        """What the memory comes to in the end: a hash for each different outcome."""
        return frozenset(self.graph.ends.values())

    @cached_property
    def _order(self) -> list[int]:
        """Return the states, each after all that come behind it."""
        graph, order, seen = self.graph, [], {0}
        stack = [(0, iter(graph.edges[0]))] if graph.edges else []
        while stack:
            state, rest = stack[-1]
            for _, to in rest:
                if to != END and to not in seen:
                    seen.add(to)
                    stack.append((to, iter(graph.edges[to])))
                    break
            else:
                stack.pop()
                order.append(state)
        return order

    @cached_property
    def schedules(self) -> int | None:
        """The exact number of schedules; None if not all are covered, or only those of few preemptions."""
        if not self.complete or self.preemptions is not None:
            return None
        if self.graph.broken:
            return 1
        counts: dict[int, int] = {}
        for state in self._order:
            out = self.graph.edges[state]
            counts[state] = sum(1 if to == END else counts[to] for _, to in out) if out else 1
        return counts[0]

    def _odds(self, laws: frozenset[str]) -> dict[int, float]:
        """Return for each state the chance that a random scheduler breaks one of some laws."""
        graph = self.graph
        chance: dict[int, float] = {}
        for state in self._order:
            out = graph.edges[state]
            if graph.states.get(state) in laws:
                chance[state] = 1.0
            elif not out:
                chance[state] = 0.0
            else:
                ends = (
                    float(graph.steps[state, cpu][0] in laws) if to == END else chance.get(to, 0.0)
                    for cpu, to in out
                )
                chance[state] = sum(ends) / len(out)
        return chance

    @cached_property
    def laws(self) -> dict[str, int]:
        """The laws that are broken, each with the number of places."""
        found: dict[str, int] = {}
        broken = [self.graph.broken[1]] if self.graph.broken else []
        for law in (*broken, *self.graph.states.values(), *(law for law, _ in self.graph.steps.values())):
            found[law] = found.get(law, 0) + 1
        return found

    @cached_property
    def violations(self) -> tuple[Found, ...]:
        """The laws that are broken, the one of fewest preemptions first."""
        found = []
        for law, places in self.laws.items():
            if self.graph.broken:
                cpu, _, steps = self.graph.broken
                found.append(Found(law, 1.0, 0, schedule.text([(cpu, steps)]), places))
                continue
            preemptions, path = self._fewest(law)
            found.append(
                Found(law, self._odds(frozenset({law}))[0], preemptions, self.text(path, law), places)
            )
        return tuple(sorted(found, key=lambda one: (one.preemptions, -one.odds, one.law)))

    @cached_property
    def odds(self) -> float:
        """The chance that a random scheduler breaks any law."""
        return 1.0 if self.graph.broken else self._odds(frozenset(self.laws))[0]

    def _fewest(self, law: str) -> tuple[int, list[int]]:
        """Return the fewest preemptions with which a law is broken, and the CPUs of such a schedule, step by step."""
        graph = self.graph
        heap: list[tuple[int, int, int, int]] = [(0, 0, 0, -1)]
        back: dict[tuple[int, int], tuple[int, int]] = {}
        cost = {(0, -1): (0, 0)}
        while heap:
            preemptions, steps, state, last = heappop(heap)
            if cost[state, last] < (preemptions, steps):
                continue
            if state == END or graph.states.get(state) == law:
                path: list[int] = []
                at = (state, last)
                while at in back:
                    path.append(at[1] % 10)
                    at = back[at]
                return preemptions, path[::-1]
            out = graph.edges[state]
            can = {cpu for cpu, _ in out}
            for cpu, to in out:
                if to == END and graph.steps[state, cpu][0] != law:
                    continue
                spent = (preemptions + (last not in {-1, cpu} and last in can), steps + 1)
                key = (to, cpu + 10 * (state + 1)) if to == END else (to, cpu)
                if spent < cost.get(key, (1 << 60, 0)):
                    cost[key] = spent
                    back[key] = (state, last)
                    heappush(heap, (*spent, *key))
        raise KeyError(law)

    def text(self, path: Iterable[int], law: str = "") -> str:
        """Return the text of a schedule that is given step by step, as numbers of CPUs.

        ``law``: the law that its last step breaks, if it does.
        """
        graph, state, runs = self.graph, 0, []
        begun: set[int] = set()
        for cpu, node in enumerate(graph.nodes[0]):
            if node.pending is None:  # it has no step that another CPU could see
                runs.append((cpu, node.steps))
        for cpu in path:
            if cpu not in begun:
                begun.add(cpu)
                runs.append((cpu, graph.nodes[0][cpu].steps))
            if law and graph.steps.get((state, cpu), ("", 0))[0] == law:
                runs.append((cpu, graph.steps[state, cpu][1]))
                break
            state = next(to for number, to in graph.edges[state] if number == cpu)
            runs.append((cpu, 1 + graph.nodes[state][cpu].steps))
        return schedule.text(runs)

    def can(self, path: Iterable[int]) -> list[int]:
        """Return the CPUs that can do the next step after a schedule that is given step by step."""
        state = 0
        for cpu in path:
            state = next((to for number, to in self.graph.edges[state] if number == cpu), END)
            if state == END:
                return []
        return sorted({cpu for cpu, _ in self.graph.edges[state]})

    def map(self) -> dict[tuple[int, ...], Cell]:
        """Return the map of the states: how many steps each CPU has done -> what may still happen there."""
        chance = self._odds(frozenset(self.laws))
        cells: dict[tuple[int, ...], Cell] = {}
        for state in self._order:
            place = tuple(node.depth for node in self.graph.nodes[state])
            before = cells.get(place, Cell(0.0, 0))
            cells[place] = Cell(max(before.odds, chance[state]), before.states + 1)
        return cells
