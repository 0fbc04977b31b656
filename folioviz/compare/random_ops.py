"""Random operations on which a patch is tried: each is possible where it comes, and a seed always gives the same."""

from __future__ import annotations

from bisect import bisect
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Final, Protocol

from folioviz.lab import Lab
from folioviz.machine.memory import Sizes
from folioviz.ops import ops
from folioviz.ops.walk import live_folios, live_mms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.machine.memory import Machine
    from folioviz.ops.op import Op

SIZES = Sizes(pages=2048, tables=48, vmas=64)
PLACES = (0, 8, 16, 64, 500, 512, 520, 1024)
LENGTHS = (1, 2, 4, 8, 16, 64, 100, 512)
ORDERS = (0, 2, 2, 3, 4, 4, 5, 7, 9)
RECLAIMED = 0.4
"""How often a folio is reclaimed after an operation."""
TRIES = 40
"""How many random operations are tried to find one that is possible; then the series ends."""


VALUES: Final[dict[str, Sequence[int]]] = {
    "nr": range(1, 5),
    "to": tuple(place + 2048 for place in PLACES),
    "batches": range(-1, 2),
    "on": range(2),
    "writable": range(2),
    "page": range(4),
}
"""Field of an operation -> of what it is drawn, where all that have it do not share one."""
AREAS: Final[dict[str, Sequence[int]]] = {"vpn": PLACES, "pages": LENGTHS}
"""Where an area is mapped anew: at a place itself, not near one."""
SHARED: Final = (PLACES, range(64), LENGTHS, ORDERS)
"""Of what is drawn for every operation, after a process and a folio: where, how far from there, length and order."""
FIRST_OWN: Final = 2 + len(SHARED)
"""Behind what all share comes what each kind has to itself."""


def _own(kind: type[Op]) -> dict[str, Sequence[int]]:
    """Return of what is drawn that a kind of operation does not share with the others."""
    values = VALUES | AREAS if kind is ops.Mmap else VALUES
    return {name: values[name] for name in kind.__struct_fields__[: kind.least()] if name in values}


KINDS: Final = tuple(ops.OFTEN)
WEIGHTS: Final = tuple(accumulate(ops.OFTEN.values()))
OWN: Final = tuple((kind, name, values) for kind in KINDS for name, values in _own(kind).items())
DRAWN: Final = tuple(
    (values, len(values), len(values).bit_length()) for values in (*SHARED, *(values for _, _, values in OWN))
)
"""Values, how many there are, and how many bits choose one."""


def _places(kind: type[Op]) -> tuple[int, ...]:
    """Return where an operation's fields are among all that is drawn; what may be left out is."""
    shared = {"mm": 0, "folio": 1, "vpn": 2, "pages": 4, "order": 5}
    own = {name: place for place, (of, name, _) in enumerate(OWN, start=FIRST_OWN) if of is kind}
    return tuple((shared | own)[name] for name in kind.__struct_fields__[: kind.least()])


FIELDS_OF: Final = tuple(
    (kind, _places(kind), "vpn" in kind.__struct_fields__ and kind is not ops.Mmap) for kind in KINDS
)
"""A kind, where its fields are among what is drawn, and whether its place is near one of :data:`PLACES`."""


class Place(Protocol):
    """Where operations can be done."""

    @property
    def machine(self) -> Machine:
        """What it is done on."""

    def does(self, op: Op, /) -> bool:
        """Do an operation if that is possible; tell whether it is."""


class Draw:
    """Draws from a seed what a :class:`random.Random` would, with fewer calls."""

    def __init__(self, seed: int) -> None:
        """Begin."""
        rng = Random(seed)
        self._bits, self._random = rng.getrandbits, rng.random

    def place(self, count: int) -> int:
        """Return a number below ``count``; as ``Random.choice()`` chooses a place."""
        bits = count.bit_length()
        found = self._bits(bits)
        while found >= count:
            found = self._bits(bits)
        return found

    def op(self, mms: Sequence[int], folios: Sequence[int]) -> Op:
        """Return an operation that may be possible; values are drawn for every kind before one is chosen.

        Args:
            mms: ids of the live processes.
            folios: ids of the live folios.
        """
        values = [
            mms[self.place(len(mms))] if mms else 1,
            folios[self.place(len(folios))] if folios else 1,
        ]
        draw = self._bits
        for some, count, bits in DRAWN:
            found = draw(bits)
            while found >= count:
                found = draw(bits)
            values.append(some[found])
        kind, places, near = FIELDS_OF[bisect(WEIGHTS, self._random() * WEIGHTS[-1])]
        if near:
            values[2] += values[3]
        return kind.near(*[values[place] for place in places])


def walk(seed: int, count: int, place: Place) -> tuple[Op, ...]:
    """Do up to ``count`` operations after ``mm; mmap 1 0 1536`` on an idle machine, and return them all."""
    draw, machine = Draw(seed), place.machine
    done: list[Op] = [op for op in ops.parse_line("mm; mmap 1 0 1536") if place.does(op)]
    for _ in range(count):
        mms = machine.mm_id[live_mms(machine)].tolist()
        folios = machine.folio_id[live_folios(machine)].tolist()
        tries = (draw.op(mms, folios) for _ in range(TRIES))
        found = next((op for op in tries if place.does(op)), None)
        if found is None:
            break
        done.append(found)
    return tuple(done)


def with_reclaim(walk: Sequence[Op], seed: int, place: Place) -> tuple[Op, ...]:
    """Do operations on an idle machine with swap space, reclaim a folio now and then, and return them all.

    What is not possible there is left out.
    """
    rng, machine = Random(seed), place.machine
    done: list[Op] = [op for op in [ops.SwapOn(SIZES.pages)] if place.does(op)]
    for op in walk:
        done += [op] if place.does(op) else []
        folios = machine.folio_id[live_folios(machine)].tolist()
        if folios and rng.random() < RECLAIMED:
            out = ops.Reclaim(rng.choice(folios))
            done += [out] if place.does(out) else []
    return tuple(done)


class _InLab:
    """A lab as a place."""

    def __init__(self, lab: Lab) -> None:
        self._lab, self.machine = lab, lab.machine

    def does(self, op: Op) -> bool:
        """Do an operation if that is possible; tell whether it is."""
        possible = self._lab.refusal(op) is None
        if possible:
            self._lab.apply(op)
        return possible


def wander(seed: int, count: int, kernel: str = "v6.5-rc3+v4", mmu_gather: str = "batched") -> tuple[Op, ...]:
    """Return up to ``count`` operations after ``mm; mmap 1 0 1536``, all possible under a kernel.

    Raises:
        KernelError: for an unknown kernel or mode.
    """
    return walk(seed, count, _InLab(Lab(kernel, mmu_gather, sizes=SIZES, calls=False)))
