"""Random operations on which a patch is tried: each is possible where it comes, and a seed always gives the same."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from folioviz.lab import Lab
from folioviz.machine.memory import Sizes
from folioviz.ops import ops
from folioviz.ops.walk import live_folios, live_mms

if TYPE_CHECKING:
    from folioviz.ops.ops import Op

SIZES = Sizes(pages=2048, tables=48, vmas=64)
PLACES = (0, 8, 16, 64, 500, 512, 520, 1024)
LENGTHS = (1, 2, 4, 8, 16, 64, 100, 512)
ORDERS = (0, 2, 2, 3, 4, 4, 5, 7, 9)
TRIES = 40
"""How many random operations are tried to find one that is possible; then the series ends."""


def thought(rng: Random, lab: Lab) -> Op:
    """Return an operation that may be possible."""
    machine = lab.machine
    slots, heads = live_mms(machine), live_folios(machine)
    mm = int(machine.mm_id[rng.choice(slots)]) if len(slots) else 1
    folio = int(machine.folio_id[rng.choice(heads.tolist())]) if heads.size else 1
    place, length, order = rng.choice(PLACES) + rng.randrange(64), rng.choice(LENGTHS), rng.choice(ORDERS)
    kinds: list[tuple[int, Op]] = [
        (6, ops.Fault(mm, place >> order << order, order)),
        (5, ops.Munmap(mm, place, length)),
        (5, ops.Dontneed(mm, place, length)),
        (3, ops.Write(mm, place)),
        (3, ops.Mmap(mm, rng.choice(PLACES), rng.choice(LENGTHS))),
        (2, ops.FaultPmd(mm, place // 512 * 512)),
        (2, ops.SplitPmd(mm, place // 512 * 512)),
        (2, ops.Fork(mm)),
        (2, ops.Shrink(rng.randrange(1, 5))),
        (1, ops.Mremap(mm, place, length, rng.choice(PLACES) + 2048)),
        (1, ops.Get(folio)),
        (1, ops.Put(folio)),
        (1, ops.Split(folio)),
        (1, ops.Exit(mm)),
        (1, ops.Glimit(rng.randrange(-1, 2))),
    ]
    return rng.choices([op for _, op in kinds], [weight for weight, _ in kinds])[0]


def wander(seed: int, count: int, kernel: str = "v6.5-rc3+v4", mmu_gather: str = "batched") -> tuple[Op, ...]:
    """Return up to ``count`` operations after ``mm; mmap 1 0 1536``, all possible under a kernel.

    Raises:
        KernelError: for an unknown kernel or mode.
    """
    rng = Random(seed)
    lab = Lab(kernel, mmu_gather, sizes=SIZES)
    for op in ops.parse_line("mm; mmap 1 0 1536"):
        lab.apply(op)
    for _ in range(count):
        tries = (thought(rng, lab) for _ in range(TRIES))
        found = next((op for op in tries if lab.refusal(op) is None), None)
        if found is None or lab.machine.bugs():
            break
        lab.apply(found)
    return tuple(one.op for one in lab.applied)
