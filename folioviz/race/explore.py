"""Every schedule of some CPUs, covered once per state.

A state is the memory and what each CPU knows (a node of its tree). Going from state to state is a depth-first search
that does and undoes journal rows; states are told apart by a 64-bit hash, so thousands of schedules run through one.

What only one CPU can see is no step. Which addresses that is, is learned: first none is a step; whatever two CPUs
touch, one of them writing, without a lock in common, becomes one; and again, until nothing new turns up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from folioviz.machine.journal import WHY
from folioviz.race.cpu import WAITS, A, Cpu, R, ViolationError, W

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from folioviz.race.memory import Shared
    from folioviz.race.node import Node

MAX_STATES: Final = 200_000
REPORTED: Final = 1024
"""So many states lie between two reports of progress."""
END: Final = -1
"""What an edge leads to whose step breaks a law."""


@dataclass(slots=True)
class Graph:
    """The states that were found, and the steps between them.

    Attributes:
        edges: state -> (CPU, state behind its step), or (CPU, END) where the step breaks a law.
        nodes: state -> what each CPU knows there.
        states: state -> the law that is broken there.
        steps: (state, CPU) -> the law that the step breaks, and how many events the CPU did from the state on.
        ends: the states in which every CPU is done or waits for ever, with a hash of the memory.
        complete: whether every schedule is covered.
        visible: the addresses that are steps.
        rounds: how often the search began anew.
    """

    edges: list[list[tuple[int, int]]] = field(default_factory=list)
    nodes: list[tuple[Node, ...]] = field(default_factory=list)
    states: dict[int, str] = field(default_factory=dict)
    steps: dict[tuple[int, int], tuple[str, int]] = field(default_factory=dict)
    ends: dict[int, bytes] = field(default_factory=dict)
    complete: bool = True
    visible: frozenset[int] = frozenset()
    rounds: int = 0
    broken: tuple[int, str, int] | None = None
    """A CPU that breaks a law before any step: which, the law, and its events."""


class Search:
    """A search; what it knows of accesses outlives its rounds."""

    def __init__(
        self,
        shared: Shared,
        cpus: Sequence[Cpu],
        at_rest: Callable[[], tuple[str, bytes]],
        at_every: Callable[[], str],
    ) -> None:
        """Search the schedules of CPUs.

        Args:
            shared: the memory.
            cpus: the CPUs.
            at_rest: returns the law that is broken when all CPUs are done, or "", and what the memory comes to.
            at_every: returns the law that is broken now, or "".
        """
        self.shared, self.cpus = shared, cpus
        self.at_rest, self.at_every = at_rest, at_every
        self.visible: set[int] = set()
        self.touched: dict[int, tuple[frozenset[int], dict[int, int]]] = {}
        self.everything = self.cancelled = False
        for cpu in cpus:
            cpu.stops, cpu.note = self._stops, self._note

    # --- which addresses are steps ---------------------------------------------------------------------------------

    def _stops(self, _cpu: Cpu, _kind: int, address: int, touched: list[tuple[int, int]]) -> bool:
        return address in self.visible or any(one in self.visible for _, one in touched)

    def _note(self, cpu: Cpu, mask: int, address: int) -> None:
        """Remember who touches an address, how, and under which locks in common."""
        found = self.touched.get(address)
        locks = cpu.locks - {address}
        if found is None:
            self.touched[address] = (locks, {cpu.number: mask})
            return
        by = found[1]
        by[cpu.number] = by.get(cpu.number, 0) | mask
        self.touched[address] = (found[0] & locks, by)

    def _learned(self) -> set[int]:
        """Return the addresses that two CPUs can see and that were no steps yet."""
        return {
            address
            for address, (locks, by) in self.touched.items()
            if address not in self.visible
            and len(by) > 1
            and (self.everything or (not locks and _conflict([*by.values()])))
        }

    # --- the search ------------------------------------------------------------------------------------------------

    def run(
        self,
        preemptions: int | None,
        limit: int,
        progress: Callable[[int], bool] | None,
        *,
        merge: bool = True,
    ) -> Graph:
        """Search until nothing new is learned, or the limit is reached, or ``progress`` says that it is enough.

        ``merge`` false: every schedule is a path of its own.
        """
        rounds = 0
        while True:
            rounds += 1
            self.shared.reset()
            self.touched.clear()
            for cpu in self.cpus:
                cpu.nodes.clear()
            graph = _Round(self, preemptions, limit, progress, merge=merge).graph
            new = self._learned()
            if not new:
                break
            if self.cancelled:  # what is broken here may be right with the steps that are missing
                graph = Graph([[edge for edge in out if edge[1] != END] for out in graph.edges], graph.nodes)
                graph.complete = False
                break
            self.visible |= new
        graph.rounds, graph.visible = rounds, frozenset(self.visible)
        self.shared.reset()
        return graph


def _conflict(masks: list[int]) -> bool:
    """Tell whether of some CPUs' accesses to an address the order of two could matter."""
    return any(
        (one & W and other) or (other & W and one) or (one & A and other & R) or (other & A and one & R)
        for place, one in enumerate(masks)
        for other in masks[place + 1 :]
    )


class _Round:
    """One depth-first search, with the addresses that are steps as they are known."""

    def __init__(
        self,
        search: Search,
        preemptions: int | None,
        limit: int,
        progress: Callable[[int], bool] | None,
        *,
        merge: bool,
    ) -> None:
        self.search, self.shared, self.cpus = search, search.shared, search.cpus
        self.preemptions, self.limit, self.progress, self.merge = preemptions, limit, progress, merge
        self.graph = Graph()
        self.found: dict[tuple[object, ...], int] = {}
        self.best: dict[tuple[int, int], int] = {}
        nodes = self._roots()
        if nodes is not None:
            self._search(nodes)

    def _roots(self) -> tuple[Node, ...] | None:
        """Run every CPU up to its first step."""
        nodes = []
        for cpu in self.cpus:
            try:
                nodes.append(cpu.grow(None, None))
            except ViolationError as violation:
                self.graph.broken = (cpu.number, str(violation), cpu.steps + 2)
                return None
        return tuple(nodes)

    def _hashed(self, mark: int, value: int) -> int:
        """Return the memory's hash after the rows from ``mark`` on."""
        for kind, address, old, new in self.shared.rows[mark:]:
            if address >= 0 and kind < WHY:
                value ^= hash((address, old)) ^ hash((address, new))
        return value

    def _enabled(self, nodes: tuple[Node, ...]) -> list[int]:
        """Return the CPUs that can go on."""
        return [
            number
            for number, node in enumerate(nodes)
            if node.pending is not None
            and (node.pending[0] not in WAITS or self.cpus[number].free(*node.pending[:2]))
        ]

    def _arrive(self, value: int, nodes: tuple[Node, ...]) -> tuple[int, bool]:
        """Return a state's number, and whether it is new."""
        key: tuple[object, ...] = (value, *(node.number for node in nodes))
        if not self.merge:
            key = (*key, len(self.found))
        state = self.found.setdefault(key, len(self.found))
        return state, state == len(self.graph.edges)

    def _new(self, state: int, nodes: tuple[Node, ...]) -> list[int]:
        """Take a new state into the graph, look at its laws, and return the CPUs that can go on."""
        graph = self.graph
        graph.edges.append([])
        graph.nodes.append(nodes)
        enabled = self._enabled(nodes)
        law = self.search.at_every()
        if not enabled:
            if any(node.pending is not None for node in nodes):
                law, graph.ends[state] = "deadlock: each CPU waits for a lock that another one holds", b""
            else:
                rest, graph.ends[state] = self.search.at_rest()
                law = law or rest
        if law:
            graph.states[state] = law
        return enabled

    def _step(self, state: int, number: int, node: Node) -> Node | None:
        """Let one CPU do its step and what follows unseen; None if that breaks a law."""
        cpu = self.cpus[number]
        cpu.steps = 0
        try:
            answer = cpu.step(node)
            child = cpu.follow(node, answer)
            if child is None:
                child = cpu.grow(node, answer)
                node.children.setdefault(answer, []).append(child)
        except ViolationError as violation:
            self.graph.steps[state, number] = (str(violation), cpu.steps + 2)
            self.graph.edges[state].append((number, END))
            return None
        return child

    def _search(self, nodes: tuple[Node, ...]) -> None:
        """Search depth first, without recursion."""
        graph, shared = self.graph, self.shared
        value = self._hashed(0, 0)
        self._arrive(value, nodes)
        enabled = self._new(0, nodes)
        stack: list[tuple[int, int, tuple[Node, ...], int, Iterator[int], int, int, list[int]]]
        stack = [(0, value, nodes, 0, iter(enabled), -1, 0, enabled)]
        bound = self.preemptions
        while stack:
            state, value, nodes, mark, rest, last, used, enabled = stack[-1]
            number = next(rest, None)
            if number is None:
                stack.pop()
                if stack:
                    shared.undo(mark)
                continue
            spent = used + (last not in {-1, number} and last in enabled)
            if bound is not None and spent > bound:
                continue
            mark = len(shared.rows)
            if (state, number) in graph.steps:
                continue
            child = self._step(state, number, nodes[number])
            if child is None:
                shared.undo(mark)
                continue
            after = (*nodes[:number], child, *nodes[number + 1 :])
            hashed = self._hashed(mark, value)
            to, new = self._arrive(hashed, after)
            if new or (number, to) not in graph.edges[state]:
                graph.edges[state].append((number, to))
            if not new and (bound is None or self.best.get((to, number), spent + 1) <= spent):
                shared.undo(mark)
                continue
            self.best[to, number] = spent
            if new and (to >= self.limit or self._enough(to)):
                graph.complete = False
                graph.edges[state].pop()
                break
            can = self._new(to, after) if new else self._enabled(after)
            stack.append((to, hashed, after, mark, iter(can), number, spent, can))

    def _enough(self, states: int) -> bool:
        """Report progress now and then; tell whether the answer is that it is enough."""
        if self.progress is not None and states % REPORTED == 0:
            self.search.cancelled = not self.progress(states)
        return self.search.cancelled
