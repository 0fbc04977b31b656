"""Schedules of a race that was searched: one after the other, at random, through a place of its map.

On the map of two CPUs, whose axes are the steps that each has done, a schedule is a staircase.
"""

from __future__ import annotations

from functools import partial
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.race import schedule
from folioviz.race.explore import END

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.race.explored import Explored

TRIES: Final = 1_000
"""So many schedules are made at random until one breaks a law."""


class Stop(NamedTuple):
    """A corner or a step of the staircase.

    Attributes:
        events: how many events of the schedule are done there.
        place: how many steps of the map each CPU has done.
    """

    events: int
    place: tuple[int, ...]


def staircase(found: Explored, text: str) -> tuple[Stop, ...]:
    """Return where a schedule goes on the map, as far as the search went; nothing if a CPU fails before any step."""
    graph = found.graph
    if not graph.nodes:
        return ()
    state, events = 0, 0
    owed = [node.steps for node in graph.nodes[0]]
    stops = [Stop(0, tuple(0 for _ in owed))]
    for cpu, number in schedule.parse(text, len(owed)):
        left = number
        while left:
            unseen = min(left, owed[cpu])
            owed[cpu] -= unseen
            left -= unseen
            events += unseen
            if not left:
                break
            state = dict(graph.edges[state]).get(cpu, END)
            if state == END:
                return tuple(stops)
            left -= 1
            events += 1
            owed[cpu] = graph.nodes[state][cpu].steps
            stops.append(Stop(events, tuple(node.depth for node in graph.nodes[state])))
    return tuple(stops)


def _run(found: Explored, path: list[int], state: int, choose: Callable[[list[int]], int]) -> tuple[str, str]:
    """Go on from a state behind a path until a law is broken or nobody can go on; return the schedule and the law."""
    graph = found.graph
    while True:
        law = graph.states.get(state, "")
        out = dict(graph.edges[state])
        if law or not out:
            return found.text(path, law), law
        cpu = choose([*out])
        path.append(cpu)
        if out[cpu] == END:
            law = graph.steps[state, cpu][0]
            return found.text(path, law), law
        state = out[cpu]


def _rather(cpu: int, can: list[int]) -> int:
    """Return a CPU if it can go on, or else another one."""
    return cpu if cpu in can else can[0]


def one_after_the_other(found: Explored, first: int = 0) -> str:
    """Return the schedule in which each CPU goes on as long as it can, from CPU ``first`` on."""
    if found.graph.broken:
        return found.violations[0].schedule
    number = len(found.operations)
    return _run(found, [], 0, lambda can: min(can, key=lambda cpu: (cpu - first) % number))[0]


def at_random(found: Explored, seed: int) -> tuple[str, int]:
    """Return the first schedule of a random scheduler that breaks a law, and how many it took.

    If none of :data:`TRIES` does, it is "" and that number.
    """
    if found.graph.broken:
        return found.violations[0].schedule, 1
    dice = np.random.default_rng(seed)

    def choose(can: list[int]) -> int:
        return can[int(dice.random() * len(can))]

    for number in range(1, TRIES + 1):
        text, law = _run(found, [], 0, choose)
        if law:
            return text, number
    return "", TRIES


def through(found: Explored, place: tuple[int, ...]) -> str:
    """Return a schedule of few preemptions through a place of the map; "" if none goes there. O(states log states).

    From there on each CPU goes on as long as it can, the one that came there first of all.
    """
    graph = found.graph
    if not graph.nodes:
        return ""
    heap: list[tuple[int, int, int, int]] = [(0, 0, 0, -1)]
    cost, back = {(0, -1): (0, 0)}, dict[tuple[int, int], tuple[int, int]]()
    while heap:
        preemptions, steps, state, last = heappop(heap)
        if cost[state, last] < (preemptions, steps):
            continue
        if tuple(node.depth for node in graph.nodes[state]) == place:
            path, at = list[int](), (state, last)
            while at in back:
                path.append(at[1])
                at = back[at]
            return _run(found, path[::-1], state, partial(_rather, last))[0]
        can = {cpu for cpu, _ in graph.edges[state]}
        for cpu, to in graph.edges[state]:
            if to == END or graph.nodes[to][cpu].depth > place[cpu]:
                continue
            spent = (preemptions + (last not in {-1, cpu} and last in can), steps + 1)
            if spent < cost.get((to, cpu), (1 << 60, 0)):
                cost[to, cpu], back[to, cpu] = spent, (state, last)
                heappush(heap, (*spent, to, cpu))
    return ""
