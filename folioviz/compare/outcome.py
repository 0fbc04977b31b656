"""A kernel that runs for its outcome alone: the machine changes and costs are counted, and nothing is journaled.

The primitives that write are replaced, so that a series of operations takes less than half of the time. Where a run is
to be kept, others also note what is written and which functions are entered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from folioviz.lab import Lab
from folioviz.machine.costs import COSTS
from folioviz.machine.journal import EXIT
from folioviz.machine.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
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


def noted_write(view: Any, kind: int, field: int, index: int, new: int) -> None:
    """Write one integer, count it, and note it."""
    address = view.base[field] + index
    view.mem[address] = view.written[address] = new
    view.tally[kind] += 1


def noted_store(view: Any, field: int, index: int, new: int) -> None:
    """Write one integer, free of charge, and note it."""
    address = view.base[field] + index
    view.mem[address] = view.written[address] = new


class Ground:
    """A machine on which a kernel runs for its outcome.

    Attributes:
        lab: whose machine it is; it refuses what cannot be done, and its own history stays empty.
        view: the machine as kernel functions see it; ``tally`` counts kinds, ``entered`` is a mask of functions,
            ``written`` what was noted by address.
    """

    def __init__(
        self,
        kernel: str,
        mmu_gather: str,
        patches: Iterable[FunctionType | ModuleType] = (),
        sizes: Sizes | None = None,
        marks: Callable[[str], int] = lambda _name: 0,
        *,
        notes: bool = False,
    ) -> None:
        """Boot it.

        Args:
            kernel: a key or alias.
            mmu_gather: "batched" or "none".
            patches: what replaces functions.
            sizes: how large a machine.
            marks: function name -> the bits that entering it sets in ``view.entered``; 0: none.
            notes: whether what is written is noted.

        Raises:
            KernelError: for an unknown kernel or mode, or a patch that replaces nothing.
        """
        self.lab = Lab(kernel, mmu_gather, patches, sizes, calls=False)
        self.machine = self.lab.machine
        self.refusal = self.lab.refusal
        self.view: Any = View(self.machine)
        self.idle = self.machine.snapshot()
        writing = {"write": noted_write, "store": noted_store} if notes else {"write": write, "store": store}

        def wrap(name: str, function: FunctionType) -> Callable[..., Any]:
            bits = marks(name)
            if not bits:
                return function

            def call(view: Any, *args: int) -> Any:
                view.entered |= bits
                return function(view, *args)

            return call

        self._functions = self.lab.linked.bind(wrap, record=record, **writing)
        self.reset()

    def reset(self) -> None:
        """Go back to the idle machine; nothing is counted."""
        self.machine.restore(self.idle)
        self.begin()

    def begin(self) -> None:
        """Count and note anew."""
        self.view.tally, self.view.entered, self.view.written = [0] * KINDS, 0, {}

    def apply(self, op: Op) -> None:
        """Do an operation that is possible."""
        self._functions[op.call](self.view, *op.arguments(self.machine))

    @property
    def costs(self) -> np.ndarray:
        """What has been counted, int64 of shape (kinds,)."""
        return np.array(self.view.tally)


def more(extra: np.ndarray) -> dict[str, int]:
    """Return cost name -> how much more of it there is, of a difference of counts, where there is one."""
    found = extra.tolist()
    return {name: found[row.kind] for name, row in COSTS.items() if found[row.kind]}
