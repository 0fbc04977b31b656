"""Try a patch on the library's scenarios and on random ones, with it and without: what changes, what breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.compare.random_ops import SIZES, wander
from folioviz.files import scenario
from folioviz.lab import Lab
from folioviz.laws.census import InvariantError
from folioviz.laws.every_kernel import check
from folioviz.machine.costs import COSTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FunctionType, ModuleType

    from folioviz.ops.op import Op

RANDOM = 40
LENGTH = 25
"""How many random scenarios, and how many operations each has."""


class Effect(NamedTuple):
    """What a patch does to one scenario.

    Attributes:
        name: the scenario's, or "random 7".
        ops: its operations.
        costs: cost name -> how much more it costs with the patch; only what changes.
        state: whether anything but costs is different after some operation.
        broken: the first law that does not hold, the first bug, or the error of the patch, with its operation; or "".
    """

    name: str
    ops: tuple[Op, ...]
    costs: dict[str, int]
    state: bool
    broken: str

    @property
    def same(self) -> bool:
        """Tell whether the patch makes no difference."""
        return not (self.costs or self.state or self.broken)


def food(kernel: str, mmu_gather: str, count: int = RANDOM) -> Iterator[tuple[str, tuple[Op, ...]]]:
    """Yield the names and operations of all scenarios to try."""
    for name, one in scenario.library().items():
        yield name, one.ops
    for seed in range(1, count + 1):
        yield f"random {seed}", wander(seed, LENGTH, kernel, mmu_gather)


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
    sizes = SIZES if name.startswith("random") else None
    plain, patched = Lab(kernel, mmu_gather, sizes=sizes), Lab(kernel, mmu_gather, patches, sizes)
    state, broken = False, ""
    for number, op in enumerate(ops, start=1):
        if plain.machine.bugs() or any(lab.refusal(op) for lab in (plain, patched)):
            continue
        plain.apply(op)
        try:
            patched.apply(op)
            known = set(plain.machine.bugs())
            bugs = [bug for bug in patched.machine.bugs() if bug not in known]
            if bugs:
                broken = f"BUG {bugs[0]}"
            elif not known:
                check(patched.machine)
        except InvariantError as error:
            broken = str(error)
        except Exception as error:
            broken = f"{type(error).__name__} in the patch: {error}"
        state = state or not np.array_equal(plain.machine.mem, patched.machine.mem)
        if broken:
            broken = f"operation {number}, {op.short()}: {broken}"
            break
    costs = {}
    if not broken:
        before, after = plain.costs(), patched.costs()
        costs = {key: after[key] - before[key] for key in COSTS if after[key] != before[key]}
    return Effect(name, tuple(ops), costs, state, broken)
