"""A race: a setup, then several CPUs at the same time, and the laws that must hold whatever the schedule.

>>> race = Race("v6.5-rc3+v4", "mm; mmap 1 0 16; fault 1 0 2; fork 1", ["dontneed 1 0 2", "dontneed 2 2 2"])
>>> found = race.explore()
>>> found.complete, found.schedules, found.violations
(True, 252, ())
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from folioviz.errors import DocumentError, OperationError
from folioviz.race import schedule as schedules
from folioviz.race import words
from folioviz.race.binding import bind
from folioviz.race.cpu import CHECK, TOLD, WAITS, Cpu, ViolationError
from folioviz.race.explore import MAX_STATES, Search
from folioviz.race.explored import Explored
from folioviz.race.history import History, Step
from folioviz.race.memory import MAX_CPUS, Shared
from folioviz.race.program import called, program
from folioviz.race.removals import REMOVALS
from folioviz.race.rest import AtRest, References

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import FunctionType, ModuleType

    from folioviz.machine.memory import Sizes
    from folioviz.race.node import Node

LAWS: Final = {"references": "a folio has a reference for each mapping, at every moment"}
"""Laws that hold if they are asked for; those of rest, of lists and of references always do."""


class Race:
    """Some CPUs, what each of them does, and what was there before."""

    def __init__(
        self,
        kernel: str = "v6.12",
        setup: str = "",
        cpus: Sequence[str] = (),
        mmu_gather: str = "batched",
        *,
        laws: Iterable[str] = (),
        without: Iterable[str] = (),
        patches: Iterable[FunctionType | ModuleType] = (),
        sizes: Sizes | None = None,
    ) -> None:
        """Set a race up.

        Args:
            kernel: a key of the registry, or of :data:`folioviz.kernels.VARIANTS`.
            setup: operations that are done before, in the short form.
            cpus: what each CPU does, in the short form; 1 to 4 CPUs.
            mmu_gather: "batched", or "none" as on s390.
            laws: more laws that are to hold, keys of :data:`LAWS`.
            without: what is left out of the kernel text, keys of :data:`folioviz.race.removals.REMOVALS`.
            patches: your own functions, named as the kernel functions that they replace.
            sizes: how large a machine; by default 1024 pages.

        Raises:
            DocumentError: if a text cannot be read.
            KernelError: if there is no such kernel or mode.
            OperationError: if an operation cannot be done, alone or beside the others.
        """
        if not 1 <= len(cpus) <= MAX_CPUS:
            raise DocumentError(f"a race has 1 to {MAX_CPUS} CPUs: this has {len(cpus)}")
        self.laws = tuple(laws)
        if unknown := [law for law in self.laws if law not in LAWS]:
            raise DocumentError(f"there is no law {unknown[0]!r}: there are {', '.join(LAWS)}")
        self.without = tuple(without)
        if unknown := [name for name in self.without if name not in REMOVALS]:
            raise DocumentError(f"nothing is left out as {unknown[0]!r}: there are {', '.join(REMOVALS)}")
        self.setup, self.mmu_gather, self.patches, self.sizes = setup, mmu_gather, tuple(patches), sizes
        self.texts = tuple(cpus)
        self.operations = [words.parse(text) for text in cpus]
        for number, one in enumerate(self.operations):
            if not 1 <= len(one) <= words.MAX_OPS:
                raise DocumentError(
                    f"CPU {number} has {len(one)} operations: it must have 1 to {words.MAX_OPS}"
                )
        self._name = kernel
        history = self._set_up()
        self.kernel = history.kernel
        words.check(self.operations)
        self._migrates = any(isinstance(op, words.MIGRATING) for one in self.operations for op in one)
        self._calls = []
        start = history.cursor
        for one in self.operations:
            self._calls.append([called(history, op) for op in one])
            for op in one:
                words.check_entries(history.machine, op)
                history.apply(op)
            history.take_back(start)

    def _set_up(self) -> History:
        """Return a history that has come to the end of the setup."""
        history = History(self._name, self.mmu_gather, self.patches, self.sizes, len(self.operations))
        for op in words.parse(self.setup):
            history.apply(op)
        if history.machine.swap_map.any():
            raise OperationError("the setup leaves pages swapped out, and the locks of swap are not modelled")
        return history

    def _cpus(self, history: History, shared: Shared, *, told: bool) -> list[Cpu]:
        """Return the CPUs, each with its operations."""
        cpus = []
        for number, calls in enumerate(self._calls):
            cpu = Cpu(shared, number)
            names = bind(history.linked, cpu, told=told)
            for name in self.without:
                REMOVALS[name](names)
            cpu.call = program(cpu, names, calls)
            cpus.append(cpu)
        return cpus

    def explore(
        self,
        preemptions: int | None = None,
        states: int = MAX_STATES,
        progress: Callable[[int], bool] | None = None,
        *,
        everything: bool = False,
        merge: bool = True,
    ) -> Explored:
        """Cover every schedule.

        Args:
            preemptions: only schedules that take the CPU away so often from one that could go on.
            states: stop after so many states; the outcome is then not complete.
            progress: called now and then with the number of states; if it returns false, the search stops.
            everything: make a step of every address that two CPUs touch, needed or not (slower).
            merge: whether schedules that come to one state go on as one; without it each is run (much slower).
        """
        begun = time.process_time()
        history = self._set_up()
        history.many.share_settings()
        shared = Shared(history.many)
        references = References(history, shared)
        at_every = references if "references" in self.laws else str
        search = Search(
            shared,
            self._cpus(history, shared, told=False),
            AtRest(history, shared, migrates=self._migrates),
            at_every,
        )
        search.everything = everything
        if "references" in self.laws:
            search.visible |= references.watched
        graph = search.run(preemptions, states, progress, merge=merge)
        return Explored(self.kernel.key, self.texts, preemptions, states, graph, time.process_time() - begun)

    def play(self, schedule: str = "") -> History:
        """Play a schedule; what it leaves open does not happen.

        Raises:
            DocumentError: if the text is none.
            OperationError: if a CPU cannot do its steps: it waits for a lock, or is done.
        """
        runs = schedules.parse(schedule, len(self.operations))
        history = self._set_up()
        history.many.share_settings()
        shared = Shared(history.many)
        player = _Player(shared, self._cpus(history, shared, told=True))
        for cpu, number in runs:
            if not player.run(cpu, number):
                break
        rest = AtRest(history, shared, migrates=self._migrates)
        history.violation = player.violation
        history.over = all(node is not None and node.pending is None for node in player.nodes)
        if not history.violation and "references" in self.laws:
            history.violation = References(history, shared)()
        if not history.violation and history.over:
            history.violation = rest()[0]
        if not history.violation and player.stuck():
            history.violation = "deadlock: each CPU waits for a lock that another one holds"
        history.schedule, history.steps = schedule, tuple(player.steps)
        history.adopt(" | ".join(self.texts), shared.rows, player.cpus_of)
        return history

    def find(self, found: Explored, law: str = "") -> History | None:
        """Play the schedule of fewest preemptions that breaks a law, or the first one; None if none does."""
        one = next((one for one in found.violations if not law or one.law == law), None)
        return self.play(one.schedule) if one else None


class _Player:
    """Lets CPUs do as many steps as they are told to."""

    def __init__(self, shared: Shared, cpus: list[Cpu]) -> None:
        self.shared, self.cpus = shared, cpus
        self.nodes: list[Node | None] = [None] * len(cpus)
        self.steps: list[Step] = []
        self.cpus_of: list[int] = []
        self.violation = ""
        self.left = 0
        for cpu in cpus:
            cpu.stops, cpu.seen = self._stops, self._seen

    def _seen(self, cpu: Cpu, kind: int, address: int, row: int) -> None:
        self._tell(cpu.number, row, kind, address, cpu.functions())

    def _tell(self, number: int, row: int, kind: int, address: int, functions: tuple[str, ...]) -> None:
        self.steps.append(Step(number, row, TOLD.get(kind, kind), self.shared.name(address), functions))

    def _stops(self, cpu: Cpu, kind: int, address: int, _touched: list[tuple[int, int]]) -> bool:
        if address in cpu.private:
            return False
        if self.left == 0 or (kind in WAITS and not cpu.free(kind, address)):
            return True
        self.left -= 1
        return False

    def run(self, number: int, steps: int) -> bool:
        """Let a CPU do some steps; false if it breaks a law."""
        cpu, node = self.cpus[number], self.nodes[number]
        mark, self.left = len(self.shared.rows), steps
        try:
            if node is None:
                node = cpu.grow(None, None)
            while self.left and node.pending and self._free(number, node):
                self.left -= 1
                node = self._go_on(cpu, node)
            self.nodes[number] = node
        except ViolationError as violation:
            self.violation = str(violation)
        self.cpus_of += [number] * (len(self.shared.rows) - mark)
        if self.violation:
            return False
        if self.left and node is not None:
            self._too_many(number, node, steps - self.left)
        return True

    def _free(self, number: int, node: Node) -> bool:
        """Tell whether a CPU can go on."""
        kind, address = node.pending[:2] if node.pending else (CHECK, -1)
        return kind not in WAITS or self.cpus[number].free(kind, address)

    def _go_on(self, cpu: Cpu, node: Node) -> Node:
        """Do a step, and what may follow."""
        kind, address = node.pending[:2] if node.pending else (CHECK, -1)
        self._tell(cpu.number, len(self.shared.rows), kind, address, node.where)
        return cpu.grow(node, cpu.step(node))

    def _too_many(self, number: int, node: Node, done: int) -> None:
        if node.pending is None:
            raise OperationError(f"CPU {number} is done after {done} steps of this run")
        thing = self.shared.name(node.pending[1])
        raise OperationError(
            f"CPU {number} waits for {thing} after {done} steps of this run: another CPU holds it"
        )

    def stuck(self) -> bool:
        """Tell whether every CPU that is not done waits."""
        open_ = [(number, node) for number, node in enumerate(self.nodes) if node is None or node.pending]
        return bool(open_) and all(
            node is not None and not self._free(number, node) for number, node in open_
        )
