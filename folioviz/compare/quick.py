"""What a patch does to many scenarios, quickly: both sides run as machine code, which takes a blink to compile.

The patched side is checked there (:mod:`folioviz.engine.batch`). What machine code cannot tell, and a patch that only
plain Python can run, is left to :class:`folioviz.compare.trial.InPython`; both say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz import kernels
from folioviz.compare.replaced import replaced
from folioviz.compare.trial import ENDLESS, Effect, InPython, at, law_broken, more
from folioviz.compare.walks import compiled, tried
from folioviz.engine import choice
from folioviz.engine.compiled import OutsideError
from folioviz.engine.subset import CannotCompileError
from folioviz.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FunctionType, ModuleType

    from folioviz.compare.walks import Walk
    from folioviz.engine.batch import Batch
    from folioviz.machine.memory import Sizes

RANDOM: Final = 1_000
"""How many random scenarios a patch is tried on."""


class Quick:
    """Some patches on a kernel, and the machines on which they are tried.

    Attributes:
        engine: what runs them, "compiled" or "python"; :func:`folioviz.engine.choice.runs` has words.
    """

    def __init__(
        self, patches: Sequence[FunctionType | ModuleType], kernel: str, mmu_gather: str = "batched"
    ) -> None:
        """Link them.

        Raises:
            KernelError: for an unknown kernel or mode, or a patch that replaces nothing.
        """
        self.kernel, self.mmu_gather = kernel, mmu_gather
        self._plain = kernels.link(kernel, mmu_gather)
        self._patched = kernels.link(kernel, mmu_gather, *patches)
        self._told = replaced(self._plain, self._patched)
        self._in_python = InPython(patches, kernel, mmu_gather)
        self._sides: dict[Sizes | None, tuple[Batch, Batch]] = {}
        # What is below the kernel's functions is machine code's own.
        self.engine = "compiled" if choice.may_compile() and self._told != {*self._plain.code} else "python"

    def effect(self, walk: Walk) -> Effect:
        """Return what the patches do to a scenario."""
        found = None
        if self.engine == "compiled":
            try:
                found = self._compiled(walk, *self._idle(walk.sizes))
            except CannotCompileError:
                self.engine = "python"
            except (OutsideError, LimitError):
                pass  # plain Python says what is wrong with the patch
        return found or self._in_python.effect(walk)

    def _idle(self, sizes: Sizes | None) -> tuple[Batch, Batch]:
        """Return both sides with idle machines: without the patches, and with them."""
        if sizes not in self._sides:
            plain = compiled(self._plain, self.kernel, sizes)
            self._sides[sizes] = plain, compiled(self._patched, self.kernel, sizes, self._told)
        for side in self._sides[sizes]:
            side.reset()
        return self._sides[sizes]

    def _compiled(self, walk: Walk, plain: Batch, patched: Batch) -> Effect | None:
        """Run both sides; None if machine code cannot tell.

        Laws are checked after each operation that entered the patch and left another machine, and at the end. One that
        reads nothing of what differs holds, as it does without the patch.
        """
        bug, fired = plain.machine.bug, patched.machine.bug
        before, state, unchecked = 0, False, False
        for number, op in enumerate(walk.ops):
            if not patched.does(op):
                continue
            if not plain.does(op) or bug[0]:
                return None
            entered, differs, broken = patched.entered, patched.fingerprint != plain.fingerprint, ""
            state = state or differs
            if fired[0]:
                broken = f"BUG {patched.machine.bugs()[0]}"
            elif differs and entered > before:
                broken = law_broken(plain.machine, patched.machine)
                if broken and unchecked:
                    return None
            if broken:
                return Effect(walk, {}, state, at(number, op, broken))
            unchecked, before = differs and entered == before, entered
        if unchecked and law_broken(plain.machine, patched.machine):
            return None
        return Effect(walk, more(patched.costs(), plain.costs()), state, reached=before > 0)

    def effects(self, count: int = RANDOM) -> Iterator[Effect]:
        """Yield what they do to each scenario (:func:`folioviz.compare.walks.tried`); what has no end is last."""
        for walk in tried(self.kernel, self.mmu_gather, count):
            found = self.effect(walk)
            yield found
            if found.broken.endswith(ENDLESS):
                return


def tries(
    patches: Sequence[FunctionType | ModuleType],
    kernel: str,
    mmu_gather: str = "batched",
    count: int = RANDOM,
) -> Iterator[Effect]:
    """Yield what patches do to each scenario (:func:`folioviz.compare.walks.tried`); what has no end is last.

    Raises:
        KernelError: for an unknown kernel or mode, or a patch that replaces nothing.
    """
    return Quick(patches, kernel, mmu_gather).effects(count)
