"""What the last of some operations costs, counted without keeping a journal: several times faster than a lab."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from folioviz import kernels
from folioviz.machine.costs import COSTS, TFULL, TLBRM
from folioviz.machine.journal import EXIT, NOWHERE
from folioviz.machine.memory import Machine
from folioviz.machine.view import View
from folioviz.ops.ops import parse_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.machine.memory import Sizes
    from folioviz.ops.op import Op


class Tally(NamedTuple):
    """What the last operation came to.

    Attributes:
        costs: its costs, every name of :data:`folioviz.machine.costs.COSTS`.
        bugs: the kernel bugs that it hit; if there is one, its costs mean nothing.
        full_after: how many pages the mmu_gather had taken when it was full for the first time; 0 for never.
    """

    costs: Mapping[str, int]
    bugs: tuple[str, ...]
    full_after: int


class CountedRun:
    """A kernel's machine on which what an operation costs is counted, and no journal is kept.

    Attributes:
        machine: the machine.
    """

    def __init__(self, key: str, mmu_gather: str = "batched", sizes: Sizes | None = None) -> None:
        """Boot a machine under a kernel."""
        kernel = kernels.find(key)
        self.machine = Machine(sizes, kernels.keeps(kernel), kernels.drops(kernel))
        self._view = View(self.machine)
        self._counts = [0] * (EXIT + 1)
        self._full_after = 0

        def record(_m: Any, kind: int, address: int, _old: int, new: int) -> None:
            self._counts[kind] += new if address == NOWHERE else 1
            if kind == TFULL and self._counts[TFULL] == 1:
                self._full_after = self._counts[TLBRM]

        linked = kernels.link(key, mmu_gather)
        self._functions = linked.bind(lambda _name, function: function, record=record)

    def apply(self, op: Op) -> None:
        """Do an operation, which must be possible, and count what it costs alone."""
        self._counts[:] = [0] * len(self._counts)
        self._full_after = 0
        self._functions[op.call](self._view, *op.arguments(self.machine))

    def tally(self) -> Tally:
        """Return what the last operation came to."""
        costs = {name: self._counts[row.kind] for name, row in COSTS.items()}
        return Tally(costs, tuple(self.machine.bugs()), self._full_after)


@lru_cache(maxsize=512)
def tally(ops: str, key: str, mmu_gather: str = "batched") -> Tally:
    """Do operations in the short form, each of which must be possible, and count what the last one costs.

    Args:
        ops: the operations, separated by semicolons.
        key: a kernel's key.
        mmu_gather: "batched" or "none".
    """
    run = CountedRun(key, mmu_gather)
    for op in parse_line(ops):
        run.apply(op)
    return run.tally()
