"""A kernel that runs for its outcome alone: the machine changes and costs are counted, and nothing is journaled.

The primitives that write are replaced, so that a series of operations takes less than half of the time. It is what
plain Python has where machine code has a :class:`folioviz.engine.batch.Batch`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.machine.journal import EXIT
from folioviz.machine.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from types import FunctionType, ModuleType

    from folioviz.machine.memory import Sizes
    from folioviz.ops.op import Op

KINDS: Final = EXIT + 1
"""Kinds of journal rows; a tally has a place for each."""


def record(view: Any, kind: int, address: int, _old: int, new: int) -> None:
    """Count a row: an event happens ``new`` times."""
    view.tally[kind] += new if address < 0 else 1


def write(view: Any, kind: int, field: int, index: int, new: int) -> None:
    """Write one integer, and count it."""
    view.mem[view.base[field] + index] = new
    view.tally[kind] += 1


def store(view: Any, field: int, index: int, new: int) -> None:
    """Write one integer, free of charge."""
    view.mem[view.base[field] + index] = new


class Ground:
    """A machine on which a kernel runs for its outcome.

    Attributes:
        machine: the machine.
        refusal: why an operation cannot be done now, or None; of a lab whose history stays empty.
        entered: how often a function of ``told`` was entered since the last :meth:`reset`.
    """

    def __init__(
        self,
        kernel: str,
        mmu_gather: str,
        patches: Iterable[FunctionType | ModuleType] = (),
        sizes: Sizes | None = None,
        told: Collection[str] = (),
        record: Callable[..., None] = record,
    ) -> None:
        """Boot it.

        Args:
            kernel: a key or alias.
            mmu_gather: "batched" or "none".
            patches: what replaces functions.
            sizes: how large a machine.
            told: functions; it is counted how often they are entered.
            record: what counts a row that no write leaves.

        Raises:
            KernelError: for an unknown kernel or mode, or a patch that replaces nothing.
        """
        lab = Lab(kernel, mmu_gather, patches, sizes, calls=False, engine="python")
        self.machine = lab.machine
        self.refusal = lab.refusal
        self.entered = 0
        self._view: Any = View(self.machine)
        self._idle = self.machine.snapshot()

        def wrap(name: str, function: FunctionType) -> Callable[..., Any]:
            if name not in told:
                return function

            def call(view: Any, *args: int) -> Any:
                self.entered += 1
                return function(view, *args)

            return call

        self._functions = lab.linked.bind(wrap, record=record, write=write, store=store)
        self.reset()

    def reset(self) -> None:
        """Go back to the idle machine; nothing is counted."""
        self.machine.restore(self._idle)
        self.forget()

    def forget(self) -> None:
        """Begin to count anew."""
        self._view.tally, self.entered = [0] * KINDS, 0

    def apply(self, op: Op) -> None:
        """Do an operation that is possible."""
        self._functions[op.call](self._view, *op.arguments(self.machine))

    def does(self, op: Op) -> bool:
        """Do an operation, if it is possible; tell whether it is."""
        possible = self.refusal(op) is None
        if possible:
            self.apply(op)
        return possible

    def costs(self) -> dict[str, int]:
        """Return what was counted, every name of :data:`folioviz.machine.costs.COSTS`."""
        return {name: self._view.tally[row.kind] for name, row in COSTS.items()}
