"""Random operations on which a patch is tried: each is possible where it comes, and a seed always gives the same."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final, Protocol

from folioviz.lab import Lab
from folioviz.machine.memory import Sizes
from folioviz.ops import ops
from folioviz.ops.walk import live_folios, live_mms

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.machine.memory import Machine
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


def _own(kind: type[Op]) -> tuple[tuple[str, Callable[[Random], int]], ...]:
    """Return what a kind of operation does not share with the others."""
    own = VALUES | AREAS if kind is ops.Mmap else VALUES
    return tuple((name, own[name]) for name in kind.__struct_fields__ if name in own)


KINDS: Final = tuple((kind, _own(kind)) for kind in ops.OFTEN)
WEIGHTS: Final = tuple(ops.OFTEN.values())


class Place(Protocol):
    """Where operations can be done: a lab, or what is as good for this."""

    @property
    def machine(self) -> Machine:
        """What it is done on."""

    def refusal(self, op: Op, /) -> str | None:
        """Return why an operation cannot be done now, or None."""

    def apply(self, op: Op, /) -> object:
        """Do one."""


def thought(rng: Random, machine: Machine) -> Op:
    """Return an operation that may be possible; values are drawn for every kind before one is chosen."""
    slots, heads = live_mms(machine), live_folios(machine)
    shared = {
        "mm": int(machine.mm_id[rng.choice(slots)]) if len(slots) else 1,
        "folio": int(machine.folio_id[rng.choice(heads.tolist())]) if heads.size else 1,
        "vpn": rng.choice(PLACES) + rng.randrange(64),
        "pages": rng.choice(LENGTHS),
        "order": rng.choice(ORDERS),
    }
    drawn = [{name: draw(rng) for name, draw in own} for _, own in KINDS]
    place = rng.choices(range(len(KINDS)), WEIGHTS)[0]
    kind = KINDS[place][0]
    values = shared | drawn[place]
    return kind.near(**{name: values[name] for name in kind.__struct_fields__})


def walk(seed: int, count: int, place: Place) -> tuple[Op, ...]:
    """Do up to ``count`` operations after ``mm; mmap 1 0 1536`` on an idle machine, and return them all."""
    rng = Random(seed)
    done: list[Op] = list(ops.parse_line("mm; mmap 1 0 1536"))
    for op in done:
        place.apply(op)
    for _ in range(count):
        tries = (thought(rng, place.machine) for _ in range(TRIES))
        found = next((op for op in tries if place.refusal(op) is None), None)
        if found is None or place.machine.bug[0]:
            break
        place.apply(found)
        done.append(found)
    return tuple(done)


def wander(seed: int, count: int, kernel: str = "v6.5-rc3+v4", mmu_gather: str = "batched") -> tuple[Op, ...]:
    """Return up to ``count`` operations after ``mm; mmap 1 0 1536``, all possible under a kernel.

    Raises:
        KernelError: for an unknown kernel or mode.
    """
    return walk(seed, count, Lab(kernel, mmu_gather, sizes=SIZES, calls=False))
