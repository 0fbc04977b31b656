"""Try a patch on scenarios in plain Python, with it and without: what changes, what breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz import kernels
from folioviz.compare.limit import EndlessError, limit
from folioviz.compare.outcome import Ground
from folioviz.compare.replaced import replaced
from folioviz.laws.census import InvariantError
from folioviz.laws.every_kernel import check
from folioviz.machine.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FunctionType, ModuleType

    from folioviz.compare.walks import Walk
    from folioviz.machine.memory import Machine, Sizes
    from folioviz.ops.op import Op

SECONDS = 2.0
"""So long may a patch take for one operation; the longest of the library takes a twentieth of it."""
ENDLESS = f"the patch did not return within {SECONDS:g} s"


class Effect(NamedTuple):
    """What a patch does to one scenario.

    Attributes:
        walk: the scenario.
        costs: cost name -> how much more it costs with the patch; only what changes.
        state: whether anything but costs is different after some operation.
        broken: the first law that does not hold, the first bug, or the error of the patch, with its operation; or "".
        reached: whether a function that the patch replaces was entered; else nothing can differ.
    """

    walk: Walk
    costs: Mapping[str, int] = {}
    state: bool = False
    broken: str = ""
    reached: bool = True

    @property
    def name(self) -> str:
        """Return the scenario's name."""
        return self.walk.name

    @property
    def ops(self) -> tuple[Op, ...]:
        """Return its operations."""
        return self.walk.ops

    @property
    def same(self) -> bool:
        """Tell whether the patch makes no difference."""
        return not (self.costs or self.state or self.broken)


def at(number: int, op: Op, broken: str) -> str:
    """Return what breaks with its operation; ``number`` counts from 0."""
    return f"operation {number + 1}, {op.short()}: {broken}"


def more(patched: Mapping[str, int], plain: Mapping[str, int]) -> dict[str, int]:
    """Return cost name -> how much more of it there is, where there is a difference."""
    return {name: number - plain[name] for name, number in patched.items() if number != plain[name]}


def law_broken(plain: Machine, patched: Machine) -> str:
    """Return the first law that does not hold with the patch, or ""; without it all hold."""
    places = np.flatnonzero(plain.mem != patched.mem)
    numbers = np.flatnonzero(np.bincount(patched.fields_of(places)))
    try:
        check(patched, frozenset(FIELDS[number].name for number in numbers))
    except InvariantError as error:
        return str(error)
    except (IndexError, ValueError) as error:
        return f"what the patch left cannot be counted: {error}"
    return ""


class InPython:
    """A kernel with patches and without them, on machines of plain Python."""

    def __init__(
        self,
        patches: Sequence[FunctionType | ModuleType],
        kernel: str,
        mmu_gather: str = "batched",
    ) -> None:
        """Link them.

        Raises:
            KernelError: for an unknown kernel or mode, or a patch that replaces nothing.
        """
        self._patches, self._kernel, self._mmu_gather = patches, kernel, mmu_gather
        linked = kernels.link(kernel, mmu_gather, *patches)
        self._told = replaced(kernels.link(kernel, mmu_gather), linked)
        self._sides: dict[Sizes | None, tuple[Ground, Ground]] = {}

    def _idle(self, sizes: Sizes | None) -> tuple[Ground, Ground]:
        """Return both sides with idle machines: without the patches, and with them."""
        if sizes not in self._sides:
            kernel, mode = self._kernel, self._mmu_gather
            plain = Ground(kernel, mode, sizes=sizes)
            self._sides[sizes] = plain, Ground(kernel, mode, self._patches, sizes, self._told)
        for side in self._sides[sizes]:
            side.reset()
        return self._sides[sizes]

    def effect(self, walk: Walk) -> Effect:
        """Return what the patches do to a scenario; an operation that only one side can do is left out.

        Every law is checked after each operation that left another machine. Both sides are the same until one of the
        patches is entered.
        """
        plain, patched = self._idle(walk.sizes)
        mem = plain.machine.mem
        reached = state = False
        for number, op in enumerate(walk.ops):
            if plain.machine.bug[0] or any(side.refusal(op) for side in (plain, patched)):
                continue
            broken = attempt(patched, op, None if state else mem)
            plain.apply(op)
            differs = not np.array_equal(mem, patched.machine.mem)
            reached, state = reached or patched.entered > 0, state or differs
            known = plain.machine.bugs()
            if broken.removeprefix("BUG ") in known:
                broken = ""
            if differs and not (broken or known):
                broken = law_broken(plain.machine, patched.machine)
            if broken:
                return Effect(walk, {}, state, at(number, op, broken), reached)
        return Effect(walk, more(patched.costs(), plain.costs()), state, "", reached)


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
