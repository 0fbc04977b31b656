"""The scenarios on which a patch is tried: the library's and random ones, and how large a machine each needs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz import kernels
from folioviz.compare.outcome import Ground
from folioviz.compare.random_ops import SIZES, walk, with_reclaim
from folioviz.engine import choice
from folioviz.engine.batch import Batch
from folioviz.files import scenario
from folioviz.kernels.kernel import KEPT_OF_SWAP
from folioviz.machine.memory import Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.link import Linked
    from folioviz.machine.memory import Sizes
    from folioviz.ops.op import Op

LENGTH: Final = 25
"""How many operations a random scenario has, after the first two."""
AT_RANDOM: Final = "random "
"""How the name of a random scenario begins; its seed follows."""
SWAPPED: Final = ", with swap"
"""How the name of one ends that has swap space, too."""
ONCE_MORE: Final = 5
"""Of so many random scenarios one is done once more with swap space, by a kernel that has swap."""


class Walk(NamedTuple):
    """Operations from an idle machine.

    Attributes:
        name: the scenario's, or "random 7".
        ops: its operations.
        sizes: how large its machine is.
    """

    name: str
    ops: tuple[Op, ...]
    sizes: Sizes | None


def compiled(linked: Linked, kernel: str, sizes: Sizes | None, told: frozenset[str] = frozenset()) -> Batch:
    """Return a linked kernel on an idle machine, as machine code for a trial (:class:`folioviz.engine.batch.Batch`)."""
    found = kernels.find(kernel)
    machine = Machine(sizes, kernels.keeps(found), kernels.drops(found))
    return Batch(linked, machine, found.orders, trial=told)


@lru_cache(maxsize=4)
def _place(kernel: str, mmu_gather: str) -> Batch | Ground:
    """Return where random operations of a kernel are done: as machine code, if that may run here.

    Raises:
        KernelError: for an unknown kernel or mode.
    """
    if choice.may_compile():
        return compiled(kernels.link(kernel, mmu_gather), kernel, SIZES)
    return Ground(kernel, mmu_gather, sizes=SIZES)


def of_library(kernel: str, mmu_gather: str) -> Iterator[Walk]:
    """Yield the library's scenarios.

    A small machine does where it refuses nothing: then nothing tells it from a large one but the numbers of pages.
    """
    for name, one in scenario.library().items():
        yield Walk(name, one.ops, SIZES if _is_small(name, kernel, mmu_gather) else None)


@lru_cache(maxsize=256)
def _is_small(name: str, kernel: str, mmu_gather: str) -> bool:
    """Tell whether a small machine does for a scenario of the library."""
    place = _place(kernel, mmu_gather)
    place.reset()
    return all(place.does(op) for op in scenario.find(name).ops)


@lru_cache(maxsize=8)
def _kept(_kernel: str, _mmu_gather: str, _ending: str = "") -> list[Walk]:
    """Return where the random walks of a kernel are kept: that of seed 1 first, as many as were asked for."""
    return []


def at_random(kernel: str, mmu_gather: str, count: int) -> Iterator[Walk]:
    """Yield random operations, all possible, of the seeds from 1 on; once made, they stay.

    Raises:
        KernelError: for an unknown kernel or mode.
    """
    kept = _kept(kernels.find(kernel).key, mmu_gather)
    for place in range(count):
        if place == len(kept):
            where = _place(kernel, mmu_gather)
            where.reset()
            kept.append(Walk(f"{AT_RANDOM}{place + 1}", walk(place + 1, LENGTH, where), SIZES))
        yield kept[place]


def swaps(kernel: str) -> bool:
    """Tell whether a kernel has swap.

    Raises:
        KernelError: for an unknown kernel.
    """
    return {*KEPT_OF_SWAP} <= {*kernels.keeps(kernels.find(kernel))}


def with_swap(kernel: str, mmu_gather: str, count: int) -> Iterator[Walk]:
    """Yield random operations of the seeds from 1 on with swap space, and folios that are reclaimed among them.

    Raises:
        KernelError: for an unknown kernel or mode.
    """
    kept = _kept(kernels.find(kernel).key, mmu_gather, SWAPPED)
    for place, one in enumerate(at_random(kernel, mmu_gather, count)):
        if place == len(kept):
            where = _place(kernel, mmu_gather)
            where.reset()
            kept.append(Walk(one.name + SWAPPED, with_reclaim(one.ops, place + 1, where), SIZES))
        yield kept[place]


def tried(kernel: str, mmu_gather: str, count: int) -> Iterator[Walk]:
    """Yield the library's scenarios, ``count`` random ones, and some of them with swap, if the kernel has swap.

    Raises:
        KernelError: for an unknown kernel or mode.
    """
    yield from of_library(kernel, mmu_gather)
    yield from at_random(kernel, mmu_gather, count)
    if swaps(kernel):
        yield from with_swap(kernel, mmu_gather, count // ONCE_MORE)


def many(kernel: str, count: int) -> int:
    """Return how many those are.

    Raises:
        KernelError: for an unknown kernel.
    """
    return len(scenario.library()) + count + (count // ONCE_MORE if swaps(kernel) else 0)
