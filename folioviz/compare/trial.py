"""Try a patch on the library's scenarios and on random ones, with it and without: what changes, what breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.compare.limit import EndlessError, limit
from folioviz.compare.outcome import Ground, more
from folioviz.compare.random_ops import SIZES
from folioviz.compare.walks import AT_RANDOM
from folioviz.laws.census import InvariantError
from folioviz.laws.every_kernel import check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FunctionType, ModuleType

    from folioviz.ops.op import Op

RANDOM = 1_000
"""How many random scenarios."""
SECONDS = 2.0
"""So long may a patch take for one operation; the longest of the library takes a twentieth of it."""
ENDLESS = f"the patch did not return within {SECONDS:g} s"


class Effect(NamedTuple):
    """What a patch does to one scenario.

    Attributes:
        name: the scenario's, or "random 7".
        ops: its operations.
        costs: cost name -> how much more it costs with the patch; only what changes.
        state: whether anything but costs is different after some operation.
        broken: the first law that does not hold, the first bug, or the error of the patch, with its operation; or "".
        reached: whether a function that the patch replaces can have been entered; else nothing can differ.
    """

    name: str
    ops: tuple[Op, ...]
    costs: dict[str, int]
    state: bool
    broken: str
    reached: bool = True

    @property
    def same(self) -> bool:
        """Tell whether the patch makes no difference."""
        return not (self.costs or self.state or self.broken)


def attempt(patched: Ground, op: Op, plain: np.ndarray | None) -> str:
    """Do an operation with patches; return the bug that fires, or how they fail, or "".

    ``plain`` is the machine's memory, if there is a copy; a patch that fails does nothing then.
    """
    before = patched.machine.bugs()
    try:
        with limit(SECONDS):
            patched.apply(op)
    except EndlessError:
        broken = ENDLESS
    except Exception as error:
        broken = f"{type(error).__name__} in the patch: {error}"
    else:
        bugs = [bug for bug in patched.machine.bugs() if bug not in before]
        return f"BUG {bugs[0]}" if bugs else ""
    if plain is not None:
        patched.machine.restore(plain)
    return broken


def at(number: int, op: Op, broken: str) -> str:
    """Return what breaks with its operation; ``number`` counts from 0."""
    return f"operation {number + 1}, {op.short()}: {broken}"


def judge(
    name: str,
    ops: Sequence[Op],
    patches: Sequence[FunctionType | ModuleType],
    kernel: str,
    mmu_gather: str = "batched",
) -> Effect:
    """Run operations with the patches and without them; an operation that only one side can do is left out.

    Raises:
        KernelError: if a patch replaces no kernel function.
    """
    sizes = SIZES if name.startswith(AT_RANDOM) else None
    plain = Ground(kernel, mmu_gather, sizes=sizes)
    patched = Ground(kernel, mmu_gather, patches, sizes)
    state = False
    for number, op in enumerate(ops):
        if plain.machine.bug[0] or any(side.refusal(op) for side in (plain, patched)):
            continue
        broken = attempt(patched, op, None if state else plain.machine.mem)
        plain.apply(op)
        state = state or not np.array_equal(plain.machine.mem, patched.machine.mem)
        known = plain.machine.bugs()
        if broken.removeprefix("BUG ") in known:
            broken = ""
        if not broken and not known:
            try:
                check(patched.machine)
            except InvariantError as error:
                broken = str(error)
        if broken:
            return Effect(name, tuple(ops), {}, state, at(number, op, broken))
    return Effect(name, tuple(ops), more(patched.costs - plain.costs), state, "")
