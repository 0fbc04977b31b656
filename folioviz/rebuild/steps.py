"""What is done to one process: bring folios, move them, and let go of what is too much, in few operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from folioviz.errors import LimitError
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER, NR_VPNS
from folioviz.rebuild.goal import NOTHING, Goal
from folioviz.rebuild.tables import JUNK, Tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def joined(
    here: np.ndarray, between: np.ndarray, alike: np.ndarray | None = None
) -> Iterator[tuple[int, int]]:
    """Yield ranges ``[start, end)`` that cover pages, as few as may be.

    Args:
        here: the pages to cover, bool.
        between: the pages that may be covered, too.
        alike: a number of each page; a range has one number only.
    """
    pages = np.flatnonzero(here)
    if not pages.size:
        return
    walls = np.concatenate([[0], np.cumsum(~(here | between))])
    cut = walls[pages[1:]] != walls[pages[:-1]]
    if alike is not None:
        changes = np.concatenate([[0], np.cumsum(np.diff(alike) != 0)])
        cut |= changes[pages[1:]] != changes[pages[:-1]]
    ends = np.flatnonzero(cut)
    starts = np.concatenate([[0], ends + 1])
    yield from zip(pages[starts].tolist(), (pages[np.concatenate([ends, [-1]])] + 1).tolist(), strict=True)


class Steps:
    """Page tables on their way to a goal."""

    def __init__(self, goal: Goal, *, touches: bool) -> None:
        """Begin without processes."""
        self.goal = goal
        self.tables = Tables(len(goal.folio[0]) if goal.folio else 0, touches=touches)
        self._base = np.concatenate([[0], np.cumsum(1 << goal.order)])

    def keys(self, folio: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """Return the number that each page of a folio has among all pages of all folios, of those of folios."""
        here = (folio >= 0) & (folio != JUNK)
        return np.asarray(self._base[folio[here]] + offset[here])

    def among(self, p: int, pages: np.ndarray) -> np.ndarray:
        """Tell of each page of a process whether what it maps is among pages, one bool for each that folios have."""
        folio = self.tables.folio[p]
        found = np.zeros(len(folio), bool)
        found[(folio >= 0) & (folio != JUNK)] = pages[self.keys(folio, self.tables.offset[p])]
        return found

    def bring(self, p: int, folios: list[int], keep: Callable[[], np.ndarray]) -> None:
        """Bring folios, large ones first; what is in the way goes, if it is not kept.

        Args:
            p: the process.
            folios: what comes.
            keep: tells of each page whether it must stay.
        """
        order, home = self.goal.order, self.goal.home
        for size in sorted({*order[folios].tolist()}, reverse=True):
            group = sorted((int(home[one]), one) for one in folios if order[one] == size)
            if not all(self._free(p, place, size) for place, _ in group):
                self.trim(p, keep())
            fits = {place: one for place, one in reversed(group) if self._free(p, place, size)}
            others = [one for place, one in group if fits.get(place) != one]
            start = self._scratch(p, len(others), size) if others else 0
            fits |= {start + (number << size): one for number, one in enumerate(others)}
            pairs = sorted(fits.items())
            if size:
                self.tables.fault(p, [one for _, one in pairs], [place for place, _ in pairs], size)
            else:
                self._write(p, pairs)

    def _free(self, p: int, start: int, order: int) -> bool:
        """Tell whether a fault can bring a folio."""
        here = slice(start, start + (1 << order))
        vma = self.tables.vma[p][here]
        return bool(
            start >= 0
            and vma[0]
            and (vma == vma[0]).all()
            and (self.tables.folio[p][here] == NOTHING).all()
            and not (order == HPAGE_PMD_ORDER and self.tables.tabled[p][start // HPAGE_PMD_NR])
        )

    def _scratch(self, p: int, folios: int, order: int) -> int:
        """Make a VMA for folios behind all regions, and return its first page."""
        start = self._behind(p)
        if start + (folios << order) > len(self.tables.folio[p]):
            raise LimitError.of(
                "the address space that is needed", start + (folios << order), f"at most {NR_VPNS} pages"
            )
        self.tables.mmap(p, start, start + (folios << order))
        return start

    def _write(self, p: int, pages: list[tuple[int, int]]) -> None:
        """Bring small folios, (page, folio) in ascending order."""
        if not pages:
            return
        places, folios = np.array(pages).T
        vma = self.tables.vma[p][places]
        ends = np.flatnonzero((np.diff(places) != 1) | (np.diff(vma) != 0)) + 1
        for run in np.split(np.arange(len(places)), ends):
            self.tables.write(p, int(places[run[0]]), folios[run])

    def write(self, p: int, here: np.ndarray, folios: np.ndarray) -> None:
        """Bring small folios to pages, or copies to those that others map, too."""
        at = np.flatnonzero(here)
        self._write(p, [*zip(at.tolist(), folios[at].tolist(), strict=True)])

    def move(self, p: int, folio: np.ndarray, offset: np.ndarray) -> None:
        """Move pages to where they are wanted, if they are elsewhere.

        Args:
            p: the process.
            folio: of each page which folio is wanted there, or NOTHING.
            offset: which page of it.
        """
        tables = self.tables
        there = tables.folio[p], tables.offset[p]
        wrong = (folio >= 0) & ((there[0] != folio) | (there[1] != offset))
        if not wrong.any():
            return
        at = np.flatnonzero((there[0] >= 0) & (there[0] != JUNK))
        place = np.full(int(self._base[-1]), -1)
        place[self.keys(*there)] = at
        to = np.flatnonzero(wrong)
        start = place[self._base[folio[to]] + offset[to]]
        to, start = to[start >= 0], start[start >= 0]
        by_start = np.argsort(start)
        to, start = to[by_start], start[by_start]
        free = np.concatenate([[0], np.cumsum(folio >= 0)])
        gaps = free[to[1:]] - free[to[:-1] + 1] if to.size else free[:0]
        cut = (np.diff(to - start) != 0) | (gaps > 0) | (np.diff(tables.vma[p][start]) != 0)
        for run in np.split(np.arange(len(to)), np.flatnonzero(cut) + 1) if to.size else ():
            first, end = int(start[run[0]]), int(start[run[-1]]) + 1
            target = int(to[run[0]])
            if abs(target - first) < end - first:  # mremap() refuses a range that overlaps its own goal
                aside = self._behind(p) + target % HPAGE_PMD_NR
                self.tables.mremap(p, first, end, aside)
                first, end = aside, aside + end - first
            self.tables.mremap(p, first, end, target)

    def _behind(self, p: int) -> int:
        """Return the first 2 MiB behind all regions and all VMAs of a process."""
        used = np.flatnonzero(self.tables.vma[p])
        top = max(self.goal.top, int(used[-1]) + 1 if used.size else 0)
        return -(-top // HPAGE_PMD_NR) * HPAGE_PMD_NR

    def trim(self, p: int, keep: np.ndarray, *, locked: bool = False) -> None:
        """Drop what is mapped and not kept, in ranges that may cover what is not mapped."""
        tables = self.tables
        bad = (tables.folio[p] != NOTHING) & ~keep
        for start, end in joined(bad, tables.folio[p] == NOTHING, tables.vma[p]):
            tables.dontneed(p, start, end, locked=locked)

    def unmap(self, p: int, keep: np.ndarray) -> None:
        """Unmap all VMAs outside of pages."""
        for start, end in joined((self.tables.vma[p] > 0) & ~keep, ~keep):
            self.tables.munmap(p, start, end)
