"""What the last of some operations costs, counted without keeping a journal: several times faster than a lab."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from folioviz.compare import outcome
from folioviz.compare.outcome import Ground
from folioviz.machine.costs import TFULL, TLBRM
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


class Counted:
    """A kernel's machine on which the costs of the last operation are counted.

    Attributes:
        machine: the machine.
    """

    def __init__(self, key: str, mmu_gather: str = "batched", sizes: Sizes | None = None) -> None:
        """Boot a machine under a kernel."""
        self._full_after = 0
        also = outcome.record  # from around it: the linker gives what it binds another module's names

        def record(view: Any, kind: int, address: int, old: int, new: int) -> None:
            also(view, kind, address, old, new)
            if kind == TFULL and view.tally[TFULL] == 1:
                self._full_after = view.tally[TLBRM]

        self._ground = Ground(key, mmu_gather, sizes=sizes, record=record)
        self.machine = self._ground.machine

    def apply(self, op: Op) -> None:
        """Do an operation, which must be possible, and count what it costs alone."""
        self._full_after = 0
        self._ground.forget()
        self._ground.apply(op)

    def tally(self) -> Tally:
        """Return what the last operation came to."""
        return Tally(self._ground.costs(), tuple(self.machine.bugs()), self._full_after)


@lru_cache(maxsize=512)
def tally(ops: str, key: str, mmu_gather: str = "batched") -> Tally:
    """Do operations in the short form, each of which must be possible, and count what the last one costs.

    Args:
        ops: the operations, separated by semicolons.
        key: a kernel's key.
        mmu_gather: "batched" or "none".
    """
    run = Counted(key, mmu_gather)
    for op in parse_line(ops):
        run.apply(op)
    return run.tally()
