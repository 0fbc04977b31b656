"""What a patch does to many scenarios, quickly: it runs only from where it is first entered, and only its own side.

The other side is known (:mod:`folioviz.compare.walks`). Until a function that the patch replaces is entered, both sides
are the same machine; while they are the same, an operation that does not enter one is the same, too. What only this way
cannot tell is left to :func:`folioviz.compare.trial.judge`.
"""

from __future__ import annotations

import builtins
from itertools import chain
from types import CodeType
from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz import kernels
from folioviz.compare.outcome import KINDS, Ground, more
from folioviz.compare.trial import ENDLESS, RANDOM, Effect, at, attempt, judge
from folioviz.compare.walks import at_random, of_library
from folioviz.laws.census import InvariantError
from folioviz.laws.every_kernel import check
from folioviz.machine.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FunctionType, ModuleType

    from folioviz.compare.walk import Walk
    from folioviz.link import Linked
    from folioviz.machine.memory import Machine, Sizes

EVERYTHING: Final = -1
"""The mask of all functions."""


def names_in(code: CodeType) -> set[str]:
    """Return the names that code looks up, that of the functions within it included."""
    inside = (names_in(part) for part in code.co_consts if isinstance(part, CodeType))
    return set(code.co_names).union(*inside)


def replaced(plain: Linked, patched: Linked) -> int:
    """Return a mask of the numbers of ``plain``'s functions that are others with a patch, or read what is another."""
    other = {name for name, value in patched.constants.items() if plain.constants.get(name, ...) != value}
    other |= {name for name in patched.code if name not in plain.code}
    other &= plain.constants.keys() | plain.below.keys() | plain.code.keys() | vars(builtins).keys()
    if any(name in other or names_in(function.__code__) & other for name, function in plain.below.items()):
        return EVERYTHING
    found = (
        patched.code[name] is not function or names_in(function.__code__) & other
        for name, function in plain.code.items()
    )
    return sum(1 << place for place, differs in enumerate(found) if differs)


class Quick:
    """Some patches on a kernel, and the machines on which they are tried."""

    def __init__(
        self, patches: Sequence[FunctionType | ModuleType], kernel: str, mmu_gather: str = "batched"
    ) -> None:
        """Link them.

        Raises:
            KernelError: for an unknown kernel or mode, or a patch that replaces nothing.
        """
        self.patches, self.kernel, self.mmu_gather = patches, kernel, mmu_gather
        plain = kernels.link(kernel, mmu_gather)
        self.mask = replaced(plain, kernels.link(kernel, mmu_gather, *patches))
        numbers = {name: place for place, name in enumerate(plain.names)}
        self._marks = {name: 1 for name, place in numbers.items() if self.mask >> place & 1}
        self._grounds: dict[Sizes | None, Ground] = {}

    def _ground(self, sizes: Sizes | None) -> Ground:
        """Return an idle machine."""
        if sizes not in self._grounds:
            marks = self._marks
            self._grounds[sizes] = Ground(
                self.kernel, self.mmu_gather, self.patches, sizes, lambda name: marks.get(name, 0)
            )
        self._grounds[sizes].reset()
        return self._grounds[sizes]

    def effect(self, walk: Walk) -> Effect:
        """Return what the patches do to a scenario, as :func:`folioviz.compare.trial.judge` would."""
        masks = [int.from_bytes(entered, "little") for entered in walk.entered]
        first = next((place for place, mask in enumerate(masks) if mask & self.mask), None)
        if first is None:
            return Effect(walk.name, walk.ops, {}, state=False, broken="", reached=False)
        found = None if walk.bug else self._run(walk, masks, first)
        return found or judge(walk.name, walk.ops, self.patches, self.kernel, self.mmu_gather)

    def _run(self, walk: Walk, masks: list[int], first: int) -> Effect | None:
        """Run the patched kernel; None if this way cannot tell.

        Laws are checked after each operation that entered the patch and left another machine, and at the end. One that
        reads nothing of what differs holds, as it does without the patch.
        """
        ground, steps = self._ground(walk.sizes), walk.steps()
        machine, mem = ground.machine, ground.machine.mem
        plain, written = ground.idle.copy(), 0
        extra = np.zeros(KINDS, np.int64)
        places = np.empty(0, np.int64)
        ever, unchecked = False, False
        for number, (op, mask) in enumerate(zip(walk.ops, masks, strict=True)):
            if number < first or not mask or not (places.size or mask & self.mask):
                continue
            begin, end = int(steps.ends[number - 1]) if number else 0, int(steps.ends[number])
            for side in (plain, mem) if begin > written else ():  # what was passed over; both are the same
                side[steps.addresses[written:begin]] = steps.values[written:begin]
            if places.size and ground.refusal(op) is not None:
                return None
            ground.begin()
            broken = attempt(ground, op, plain if not places.size else None)
            plain[steps.addresses[begin:end]] = steps.values[begin:end]
            written = end
            extra += ground.costs - steps.costs[number]
            places = np.flatnonzero(mem != plain)
            ever = ever or places.size > 0
            entered = bool(ground.view.entered) or self.mask == EVERYTHING
            if places.size and entered and not broken:
                broken = law_broken(machine, places)
                if broken and unchecked:
                    return None
            unchecked = places.size > 0 and not entered
            if broken:
                return Effect(walk.name, walk.ops, {}, state=ever, broken=at(number, op, broken))
        if unchecked and law_broken(machine, places):
            return None
        return Effect(walk.name, walk.ops, more(extra), state=ever, broken="")


def law_broken(machine: Machine, places: np.ndarray) -> str:
    """Return the first law that does not hold, or ""; ``places`` are all that differs from where every law holds."""
    numbers = np.flatnonzero(np.bincount(machine.fields_of(places)))
    try:
        check(machine, frozenset(FIELDS[number].name for number in numbers))
    except InvariantError as error:
        return str(error)
    return ""


def tries(
    patches: Sequence[FunctionType | ModuleType],
    kernel: str,
    mmu_gather: str = "batched",
    count: int = RANDOM,
) -> Iterator[Effect]:
    """Yield what patches do to each scenario of the library, and to ``count`` random ones; what has no end is last.

    Raises:
        KernelError: for an unknown kernel or mode, or a patch that replaces nothing.
    """
    quick = Quick(patches, kernel, mmu_gather)
    for walk in chain(of_library(kernel, mmu_gather), at_random(kernel, mmu_gather, count)):
        found = quick.effect(walk)
        yield found
        if found.broken.endswith(ENDLESS):
            return
