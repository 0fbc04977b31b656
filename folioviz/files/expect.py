"""What a scenario expects once all of it is done: statements such as ``of 1 2 0 16 == 16``, computed from a machine.

A statement is a word, whole numbers, ``==`` and a whole number. A word measures one thing that a program can see of its
own memory, or that a folio's pages tell; ``docs/scenarios.md`` lists them all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.errors import DocumentError, shown
from folioviz.machine.fields import FOLIO_ORDER
from folioviz.machine.memory import NR_VPNS, PTRS_PER_PTE
from folioviz.ops.walk import folio_head, mm_slot
from folioviz.readout.counters import counters
from folioviz.readout.marks import guard_ptes, zero_ptes
from folioviz.readout.state import mappings
from folioviz.readout.words import dashed

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.machine.memory import Machine

STATEMENT: Final = re.compile(r"([a-z_]+)((?: -?\d{1,10}){0,6}) == (-?\d{1,10})\Z")
"""A word, its numbers, and what they come to."""
NONE: Final = -1
"""The page, and the order, of where nothing is mapped."""


class Measure(NamedTuple):
    """What a word measures.

    Attributes:
        takes: names of its numbers.
        words: the statement as a sentence; names in braces are numbers, ``span`` the range, ``value`` what is expected.
        number: what computes it.
    """

    takes: tuple[str, ...]
    words: str
    number: Callable[..., int]

    def usage(self, word: str) -> str:
        """Return how the statement is written."""
        return " ".join((word, *map(str.upper, self.takes), "== NUMBER"))


class Statement(NamedTuple):
    """A statement: a word of :data:`MEASURES`, its numbers, and what they are expected to come to."""

    word: str
    numbers: tuple[int, ...]
    value: int

    def found(self, machine: Machine) -> int:
        """Return what they come to on a machine."""
        return MEASURES[self.word].number(machine, *self.numbers)

    def holds(self, machine: Machine) -> bool:
        """Tell whether the statement is true of a machine."""
        return self.found(machine) == self.value

    def words(self) -> str:
        """Return the statement as a sentence, without its full stop."""
        kind = MEASURES[self.word]
        named = dict(zip(kind.takes, self.numbers, strict=True))
        first, pages = named.get("vpn", 0), named.get("pages", 1)
        span = f"page{'' if pages == 1 else 's'} {dashed(first, first + pages)}"
        return kind.words.format(**named, span=span, value=self.value)


def parse(text: str) -> Statement:
    """Read a statement.

    Raises:
        DocumentError: naming the statement and how it is written.
    """
    parts = STATEMENT.match(text)
    kind = MEASURES.get(parts[1]) if parts else None
    if not parts or not kind:
        known = ", ".join(MEASURES)
        raise DocumentError(
            f"{shown(text)} is no statement: it must be one of {known}, numbers, == and a number"
        )
    numbers = tuple(int(number) for number in parts[2].split())
    if len(numbers) != len(kind.takes):
        raise DocumentError(f"{shown(text)} has {len(numbers)} numbers: it must be {kind.usage(parts[1])}")
    return Statement(parts[1], numbers, int(parts[3]))


# ------------------------------------------------------------------------------------------------ what words measure


def _pages(machine: Machine, mm: int, vpn: int, pages: int) -> np.ndarray:
    """Return which page each address of a range has, int64 of shape (n,); -1 where no page is mapped."""
    slot = mm_slot(machine, mm)
    every = np.full(NR_VPNS, NONE, np.int64)
    if slot >= 0:
        for at, page, _, by_pmd, _ in mappings(machine, slot).tolist():
            nr = PTRS_PER_PTE if by_pmd else 1
            every[at : at + nr] = np.arange(page, page + nr)
    return every[max(vpn, 0) : max(vpn + pages, 0)]


def mapped(machine: Machine, mm: int, vpn: int, pages: int) -> int:
    """Return how many pages of a range are mapped."""
    return int(np.count_nonzero(_pages(machine, mm, vpn, pages) != NONE))


def of(machine: Machine, folio: int, mm: int, vpn: int, pages: int) -> int:
    """Return how many pages of a range are pages of a folio."""
    found = _pages(machine, mm, vpn, pages)
    heads = machine.page_folio[found[found != NONE]]
    return int(np.count_nonzero(heads == folio_head(machine, folio)))


def same(machine: Machine, mm: int, vpn: int, other: int, at: int, pages: int) -> int:
    """Return how many pages two ranges of equal length have in common, each at the same place of both."""
    one, two = _pages(machine, mm, vpn, pages), _pages(machine, other, at, pages)
    least = min(one.size, two.size)
    return int(np.count_nonzero((one[:least] == two[:least]) & (one[:least] != NONE)))


def folios(machine: Machine, mm: int, vpn: int, pages: int) -> int:
    """Return how many folios the pages of a range are of."""
    found = _pages(machine, mm, vpn, pages)
    return int(np.unique(machine.page_folio[found[found != NONE]]).size)


def order(machine: Machine, mm: int, vpn: int) -> int:
    """Return the order of the folio at an address; -1 if none is."""
    page = _pages(machine, mm, vpn, 1)
    if not page.size or page[0] == NONE:
        return NONE
    return machine.counters_of(int(machine.page_folio[page[0]]))[FOLIO_ORDER]


def huge(machine: Machine, mm: int) -> int:
    """Return how many folios a process maps by a PMD."""
    slot = mm_slot(machine, mm)
    return int(mappings(machine, slot)[:, 3].sum()) if slot >= 0 else 0


def guards(machine: Machine, mm: int, vpn: int, pages: int) -> int:
    """Return how many guard markers a range has."""
    slot = mm_slot(machine, mm)
    vpns = guard_ptes(machine, slot) if slot >= 0 else np.empty(0)
    return int(np.count_nonzero((vpns >= vpn) & (vpns < vpn + pages)))


def zeros(machine: Machine, mm: int, vpn: int, pages: int) -> int:
    """Return at how many pages of a range a zero page is mapped, small or huge."""
    slot = mm_slot(machine, mm)
    vpns = zero_ptes(machine, slot) if slot >= 0 else np.empty(0)
    return int(np.count_nonzero((vpns >= vpn) & (vpns < vpn + pages)))


def rss(machine: Machine, mm: int) -> int:
    """Return the resident pages of a process; 0 if it has ended."""
    slot = mm_slot(machine, mm)
    return int(machine.mm_rss[slot]) if slot >= 0 else 0


def live(machine: Machine, folio: int) -> int:
    """Tell whether a folio is there, as 0 or 1: it has not been freed, and a split has not made it others."""
    return int(folio_head(machine, folio) >= 0)


def split_folios(machine: Machine) -> int:
    """Return thp_split_page: how many 2 MiB folios were split."""
    return counters(machine)["thp_split_page"]


def split_pmds(machine: Machine) -> int:
    """Return thp_split_pmd: how many PMD mappings became PTEs."""
    return counters(machine)["thp_split_pmd"]


_RANGE: Final = ("mm", "vpn", "pages")
MEASURES: Final = {
    "mapped": Measure(_RANGE, "{span} of process {mm}: mapped are {value}", mapped),
    "of": Measure(("folio", *_RANGE), "{span} of process {mm}: of folio {folio} are {value}", of),
    "same": Measure(
        ("mm", "vpn", "other", "at", "pages"),
        "{span} of process {mm}, and as many from {at} on of process {other}: the same are {value}",
        same,
    ),
    "folios": Measure(_RANGE, "{span} of process {mm}: folios: {value}", folios),
    "order": Measure(("mm", "vpn"), "page {vpn} of process {mm}: the order of its folio is {value}", order),
    "huge": Measure(("mm",), "process {mm}: folios mapped by a PMD: {value}", huge),
    "guards": Measure(_RANGE, "{span} of process {mm}: guard markers: {value}", guards),
    "zeros": Measure(_RANGE, "{span} of process {mm}: at a zero page are {value}", zeros),
    "rss": Measure(("mm",), "process {mm}: resident pages: {value}", rss),
    "live": Measure(("folio",), "folio {folio} is there (1) or gone (0): {value}", live),
    "thp_split_page": Measure((), "thp_split_page: {value}", split_folios),
    "thp_split_pmd": Measure((), "thp_split_pmd: {value}", split_pmds),
}
"""Word -> what it measures, in the order of docs/scenarios.md."""
