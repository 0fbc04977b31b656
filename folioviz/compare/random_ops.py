"""Random operations on which a patch is tried: each is possible where it comes, and a seed always gives the same."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from folioviz.lab import Lab
from folioviz.machine.memory import Sizes
from folioviz.ops import ops
from folioviz.ops.walk import live_folios, live_mms

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.ops.op import Op

SIZES = Sizes(pages=2048, tables=48, vmas=64)
PLACES = (0, 8, 16, 64, 500, 512, 520, 1024)
LENGTHS = (1, 2, 4, 8, 16, 64, 100, 512)
ORDERS = (0, 2, 2, 3, 4, 4, 5, 7, 9)
TRIES = 40
"""How many random operations are tried to find one that is possible; then the series ends."""


VALUES: dict[str, Callable[[Random], int]] = {
    "nr": lambda rng: rng.randrange(1, 5),
    "to": lambda rng: rng.choice(PLACES) + 2048,
    "batches": lambda rng: rng.randrange(-1, 2),
    "on": lambda rng: rng.randrange(2),
    "writable": lambda rng: rng.randrange(2),
    "page": lambda rng: rng.randrange(4),
}
"""Field of an operation -> how it is drawn, where all that have it do not share one."""
AREAS: dict[str, Callable[[Random], int]] = {
    "vpn": lambda rng: rng.choice(PLACES),
    "pages": lambda rng: rng.choice(LENGTHS),
}
"""Where an area is mapped anew: at a place itself, not near one."""


def thought(rng: Random, lab: Lab) -> Op:
    """Return an operation that may be possible."""
    machine = lab.machine
    slots, heads = live_mms(machine), live_folios(machine)
    shared = {
        "mm": int(machine.mm_id[rng.choice(slots)]) if len(slots) else 1,
        "folio": int(machine.folio_id[rng.choice(heads.tolist())]) if heads.size else 1,
        "vpn": rng.choice(PLACES) + rng.randrange(64),
        "pages": rng.choice(LENGTHS),
        "order": rng.choice(ORDERS),
    }
    found: list[Op] = []
    for kind in ops.OFTEN:
        own = VALUES | AREAS if kind is ops.Mmap else VALUES
        names = kind.__struct_fields__
        found.append(kind.near(**{name: own[name](rng) if name in own else shared[name] for name in names}))
    return rng.choices(found, list(ops.OFTEN.values()))[0]


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
