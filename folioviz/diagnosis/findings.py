"""What a paste says, as plain values: the numbers, the sentences, the bounds, and what to look at next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from folioviz.files.scenario import Scenario

PAGE_KIB = 4
"""A page's size where the paste does not tell: that of x86-64, and of most arm64 kernels."""
UNITS: Final = (("TiB", 1 << 30), ("GiB", 1 << 20), ("MiB", 1 << 10))
"""What is larger than some MiB is told in these, too: name and KiB."""


class Bounds(NamedTuple):
    """An amount of memory in KiB that is known to be at least ``low`` and at most ``high``."""

    low: int
    high: int


class Recognised(NamedTuple):
    """A kind of file that a paste holds, and how many of it: ("memory.stat", 2)."""

    kind: str
    files: int


class Number(NamedTuple):
    """A number of a paste.

    Attributes:
        file: the file that it is from, as the paste names it, or its kind.
        name: as the kernel spells it.
        kib: the memory that it stands for, in KiB.
        meaning: what the name means, in a sentence; "" if that is not known.
    """

    file: str
    name: str
    kib: int
    meaning: str = ""


class Unknown(NamedTuple):
    """What cannot be known from a paste, and what would tell: a file, or a command."""

    what: str
    teller: str


class Offer(NamedTuple):
    """The smallest scenario of the same shape.

    Attributes:
        scenario: to be opened or run.
        why: in which way it is like the paste, in a sentence.
        ops: its operations in the short form.
        query: the link to it, from its question mark on.
        command: what shows it in a terminal.
    """

    scenario: Scenario
    why: str
    ops: str
    query: str
    command: str


@dataclass(frozen=True)
class Diagnosis:
    """What a paste says.

    Attributes:
        recognised: the kinds of files in it.
        numbers: what the conclusions are drawn from.
        sentences: the conclusions, in plain English.
        held: how much memory is held and mapped by nobody; None if the paste does not tell.
        gives_back: how much of it the deferred split shrinker would free, if nothing of it is pinned.
        cannot_know: what the paste does not tell.
        offer: the smallest scenario of the same shape; None if it shows no shape.
    """

    recognised: tuple[Recognised, ...]
    numbers: tuple[Number, ...]
    sentences: tuple[str, ...]
    held: Bounds | None
    gives_back: Bounds | None
    cannot_know: tuple[Unknown, ...]
    offer: Offer | None


def amount(kib: int) -> str:
    """Return an amount of memory for a sentence: exact in KiB, and rounded if that is long."""
    if kib < 10 << 10:
        return f"{kib:,} KiB"
    unit, size = next(((unit, size) for unit, size in UNITS if kib >= size), UNITS[-1])
    return f"{kib:,} KiB ({kib / size:,.1f} {unit})"


def between(bounds: Bounds) -> str:
    """Return bounds for a sentence."""
    low, high = bounds
    if low == high:
        return amount(low)
    return f"between {amount(low)} and {amount(high)}" if low else f"at most {amount(high)}"


def plural(count: int, what: str, several: str = "") -> str:
    """Return "1 folio" or "2 folios"."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {several or f'{what}s'}"
