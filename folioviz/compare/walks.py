"""The run without a patch, kept: what each operation of a scenario enters, costs and leaves behind.

A seed gives the same operations and the same run each time, so that a trial of a patch needs to run the patched kernel
only, and that from where it first differs.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from folioviz import kernels
from folioviz.compare import kept_walks
from folioviz.compare.outcome import Ground
from folioviz.compare.random_ops import SIZES, walk
from folioviz.compare.walk import Walk
from folioviz.files import scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op
    from folioviz.ops.ops import Operation

LENGTH: Final = 25
"""How many operations a random scenario has, after the first two."""
MANY: Final = 1_000
"""So many walks are worth a file."""
AT_RANDOM: Final = "random "
"""How the name of a random scenario begins; its seed follows."""


class Walker:
    """Does operations on a kernel's machine, and keeps what each of them does."""

    def __init__(self, kernel: str, mmu_gather: str, *, small: bool) -> None:
        """Boot a machine.

        Raises:
            KernelError: for an unknown kernel or mode.
        """
        numbers = {name: place for place, name in enumerate(kernels.link(kernel, mmu_gather).names)}
        self.small = small
        self.ground = Ground(
            kernel,
            mmu_gather,
            sizes=SIZES if small else None,
            marks=lambda name: 1 << numbers[name] if name in numbers else 0,
            notes=True,
        )
        self.refusal = self.ground.refusal
        self._forget()

    @property
    def machine(self) -> Machine:
        """The machine."""
        return self.ground.machine

    def _forget(self) -> None:
        """Begin another walk."""
        self.ground.reset()
        self._entered: list[bytes] = []
        self._costs: list[list[int]] = []
        self._written: list[dict[int, int]] = []

    def apply(self, op: Op) -> None:
        """Do an operation that is possible."""
        self.ground.begin()
        self.ground.apply(op)
        self._keep()

    def leave_out(self) -> None:
        """Keep that an operation was not done."""
        self.ground.begin()
        self._keep()

    def _keep(self) -> None:
        view = self.ground.view
        self._entered.append(view.entered.to_bytes((view.entered.bit_length() + 7) // 8, "little"))
        self._costs.append(view.tally)
        self._written.append(view.written)

    def random(self, seed: int) -> Walk:
        """Return the run of the random operations of a seed."""
        self._forget()
        return self._made(f"{AT_RANDOM}{seed}", walk(seed, LENGTH, self))

    def of(self, name: str, ops: Sequence[Op]) -> Walk:
        """Return the run of operations; one that is refused is left out, and all after a bug are."""
        self._forget()
        for op in ops:
            if self.refusal(op) is None:
                self.apply(op)
            else:
                self.leave_out()
        return self._made(name, ops)

    def _made(self, name: str, ops: Sequence[Op]) -> Walk:
        """Pack what was kept."""
        ends = np.cumsum([len(written) for written in self._written])
        addresses = [address for written in self._written for address in written]
        values = [value for written in self._written for value in written.values()]
        numbers = np.concatenate([np.ravel(self._costs), ends, addresses, values]).astype(np.int32)
        data = zlib.compress(numbers.view(np.uint8).reshape(-1, 4).T.tobytes(), 1)
        bug = bool(self.machine.bug[0])
        return Walk(
            name, cast("tuple[Operation, ...]", tuple(ops)), tuple(self._entered), self.small, bug, data
        )


def of_library(kernel: str, mmu_gather: str) -> Iterator[Walk]:
    """Yield the runs of the library's scenarios; once made, they stay.

    A small machine does where it refuses nothing: then nothing tells it from a large one but the numbers of pages.
    """
    for name in scenario.library():
        yield _of_library(name, kernel, mmu_gather)


@lru_cache(maxsize=256)
def _of_library(name: str, kernel: str, mmu_gather: str) -> Walk:
    """Return one of them."""
    ops = scenario.find(name).ops
    found = _walker(kernel, mmu_gather, small=True).of(name, ops)
    return found if all(found.entered) else _walker(kernel, mmu_gather, small=False).of(name, ops)


@lru_cache(maxsize=4)
def _walker(kernel: str, mmu_gather: str, *, small: bool) -> Walker:
    """Return what walks under a kernel."""
    return Walker(kernel, mmu_gather, small=small)


@lru_cache(maxsize=8)
def _kept(kernel: str, mmu_gather: str) -> list[Walk]:
    """Return where the random walks of a kernel are kept: that of seed 1 first, as many as were asked for."""
    return kept_walks.read(kernel, mmu_gather)


def at_random(kernel: str, mmu_gather: str, count: int) -> Iterator[Walk]:
    """Yield the runs of random operations, of the seeds from 1 on; once made, they stay, and many go to disk.

    Raises:
        KernelError: for an unknown kernel or mode.
    """
    key = kernels.find(kernel).key
    kept = _kept(key, mmu_gather)
    known = len(kept)
    for place in range(count):
        if place == len(kept):
            kept.append(_walker(key, mmu_gather, small=True).random(place + 1))
        yield kept[place]
    if len(kept) >= max(MANY, known + 1):
        kept_walks.keep(key, mmu_gather, kept)
