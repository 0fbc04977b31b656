"""The rmap removals of a step, one after the other: which folio, from which page on, how many pages at once."""

from __future__ import annotations

from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from folioviz.evidence.recordings.observed import UNKNOWN
from folioviz.machine import journal
from folioviz.machine.costs import MAPC

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.evidence.recordings.naming import Before, Names
    from folioviz.lab import Lab
    from folioviz.link import Linked

PMD: Final = 0
"""Instead of a number of pages: the mapping by a PMD."""
EVENTS: Final = ("rm", "rmptes", "rmpmd")
ELSEWHERE: Final = -1
"""The folio of an event that is about a page outside of the recorded regions."""
MAX_EVENTS: Final = 1 << 17
"""Most events of one step, repetitions included."""
BY_PMD: Final = "folio_remove_rmap_pmd"
BY_PTES: Final = "folio_remove_rmap_ptes"
BY_PAGE: Final = "page_remove_rmap"


class Removal(NamedTuple):
    """One call: the folio's id in the recording, the first page's offset in it, and how many pages, or PMD."""

    folio: int
    offset: int
    pages: int

    def __str__(self) -> str:
        """Return it in words."""
        if self.pages == PMD:
            return f"folio {self.folio}: its PMD"
        return f"folio {self.folio}: {self.pages} from page {self.offset} on"


class _IncompleteError(Exception):
    """Events were left out, or do not have an event's form."""


def recorded(entries: Iterable[Any] | None) -> tuple[Removal, ...] | None:
    """Return the removals among a step's events; None if these were not recorded, or not all of them."""
    if entries is None:
        return None
    found: list[Removal] = []
    try:
        _spread(found, [MAX_EVENTS], entries, repeat(None))
    except (_IncompleteError, AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        return None
    return tuple(found)


def _spread(found: list[Removal], left: list[int], entries: Iterable[Any], offsets: Iterable[Any]) -> None:
    """Add removals, with folded repetitions written out, at most ``left[0]`` of them.

    ``offsets`` stand for the entries', where they are not None.
    """
    for entry, moved in zip(entries, offsets, strict=False):
        if not isinstance(entry, dict):
            raise _IncompleteError
        if "repeat" in entry:
            block, steps = entry["block"], entry.get("o_step", [0] * len(entry["block"]))
            for turn in range(entry["repeat"]):
                _take(left, 1)
                places = [
                    None if "repeat" in e else e["o"] + turn * by for e, by in zip(block, steps, strict=True)
                ]
                _spread(found, left, block, places)
        elif entry["e"] in EVENTS and entry["f"] != ELSEWHERE:
            pages = PMD if entry["e"] == "rmpmd" or entry.get("compound") else entry.get("nr", 1)
            first = Removal(entry["f"], entry["o"] if moved is None else moved, pages)
            step, times = entry.get("st", 0), len(range(entry.get("n", 1)))
            if not all(isinstance(number, int) for number in (*first, step)):
                raise _IncompleteError
            _take(left, times)
            found += (
                [first]
                if times == 1
                else [first._replace(offset=first.offset + i * step) for i in range(times)]
            )


def _take(left: list[int], events: int) -> None:
    """Count events down; too many end the reading."""
    left[0] -= events
    if left[0] < 0:
        raise _IncompleteError


@lru_cache(maxsize=64)
def _removes(linked: Linked) -> tuple[int, int, int, np.ndarray]:
    """Return the numbers of the functions that remove from the rmap, -1 for none, and which of all are theirs."""
    numbers = dict(zip(linked.names, range(len(linked.names)), strict=True))
    by_pmd, by_ptes, by_page = (numbers.get(name, -1) for name in (BY_PMD, BY_PTES, BY_PAGE))
    removes = np.isin(np.arange(len(numbers)), (by_pmd, by_ptes, by_page))
    return by_pmd, by_ptes, by_page, removes


def modelled(lab: Lab, start: int, before: Before, names: Names) -> tuple[Removal, ...]:
    """Return the removals in the rows from ``start`` on.

    Folios are named as they were before the step; new ones as they are after it.
    """
    rows = lab.journal[start:]
    by_pmd, by_ptes, by_page, removes = _removes(lab.linked)
    kinds, numbers = rows[:, :2].T.copy()
    calls = (kinds >= journal.ENTER).nonzero()[0]
    wanted = kinds == MAPC
    wanted[calls] = removes[numbers[calls]]
    rows = rows[wanted]
    ends = (rows[:, 0] >= journal.ENTER).nonzero()[0]
    # One that calls another leaves the counting to it: a removal is where one begins and nothing begins before it ends.
    whole = (rows[ends[:-1], 0] == journal.ENTER) & (rows[ends[1:], 0] == journal.EXIT)
    begin, pages = ends[:-1][whole], np.diff(ends)[whole] - 1
    number, first, second = rows[begin, 1:].T
    page = np.where(number == by_ptes, second, first)
    pages[(number == by_pmd) | ((number == by_page) & (second != 0))] = PMD
    head = before.head[page]
    head = np.where(before.id[head] > 0, head, lab.machine.page_folio[page])
    names_of = {one: _name(lab, before, names, one) for one in {*head.tolist()}}
    return tuple(
        Removal(names_of[one], offset, nr)
        for one, offset, nr in zip(head.tolist(), (page - head).tolist(), pages.tolist(), strict=True)
    )


def _name(lab: Lab, before: Before, names: Names, head: int) -> int:
    """Return what the recording calls the folio that begins at a page."""
    if before.id[head]:
        return names.name(int(before.id[head]), int(before.order[head]))
    machine = lab.machine
    return (
        names.name(int(machine.folio_id[head]), int(machine.folio_order[head]))
        if machine.folio_id[head]
        else UNKNOWN
    )
