"""Sums of a capture, by region and by 2 MiB block: what is mapped, and what is held though nobody maps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from folioviz.capture.captured import (
    EACH,
    EXCLUSIVE,
    FIRST,
    FOLIO,
    NR_ORDERS,
    OFFSET,
    REGION,
    STATE,
    spread,
)
from folioviz.capture.form import BLOCK
from folioviz.evidence.recordings.observed import GUARDED, PRESENT, SWAPPED, ZERO_PAGE

if TYPE_CHECKING:
    from folioviz.capture.captured import Capture


@dataclass(frozen=True)
class Sums:
    """Numbers of pages, or of folios, each an int64 array with one value for each region or block.

    A folio is counted where the first page of it that is mapped is found: at one place, however many map it.

    Attributes:
        mapped: anonymous pages that are mapped there.
        shared: those of them that something else maps, too; without privileges, those that may be.
        held: pages of its folios that nobody maps.
        unsure: pages of its folios that no captured process maps, and others may.
        folios: its folios, those of one page included.
        partial: its folios of which pages are held.
        huge: pages that PMDs map.
        zero: pages that the zero page stands for.
        swapped: pages that are swapped out.
        guards: guard markers.
        orders: mapped pages by their folio's order, of shape (values, 10); zeros if orders were not to be seen.
    """

    mapped: np.ndarray
    shared: np.ndarray
    held: np.ndarray
    unsure: np.ndarray
    folios: np.ndarray
    partial: np.ndarray
    huge: np.ndarray
    zero: np.ndarray
    swapped: np.ndarray
    guards: np.ndarray
    orders: np.ndarray


def first_blocks(capture: Capture) -> np.ndarray:
    """Return where each region's blocks begin among all blocks, int64 of shape (regions + 1,)."""
    return np.cumsum([0, *(region.blocks for region in capture.regions)])


def by_block(capture: Capture) -> Sums:
    """Return the sums of every 2 MiB block of every region, in the order of the regions."""
    return _sums(capture, blocks=True)


def by_region(capture: Capture) -> Sums:
    """Return the sums of every region."""
    return _sums(capture, blocks=False)


def _sums(capture: Capture, *, blocks: bool) -> Sums:
    """Add up; cost: a few passes over the pages that are mapped."""
    starts = first_blocks(capture)
    number = int(starts[-1]) if blocks else len(capture.regions)
    align = np.array([region.align for region in capture.regions], np.int64)
    runs = capture.runs
    of, page = spread(runs)
    region = runs[of, REGION] - 1
    where = starts[region] + (align[region] + page) // BLOCK if blocks else region

    def count(which: np.ndarray) -> np.ndarray:
        return np.bincount(where[which], minlength=number)

    state = runs[of, STATE]
    shared = (state == PRESENT) & (runs[of, EXCLUSIVE] == 0)
    known = np.flatnonzero(runs[of, FOLIO] >= 0)
    along = (page - runs[of, FIRST])[known]
    of, each = of[known], runs[of[known], EACH] > 0
    folio = np.where(each, runs[of, FOLIO] + along, runs[of, FOLIO])
    slot = capture.slots[folio] + np.where(each, 0, runs[of, OFFSET] + along)
    several = capture.mapcounts[slot] + capture.foreign[slot] > 1
    shared[known] = several | (each & shared[known])
    orders = np.bincount(where[known] * NR_ORDERS + capture.orders[folio], minlength=number * NR_ORDERS)
    home = np.zeros(capture.orders.size, np.int64)
    home[folio[::-1]] = where[known][::-1]  # of several pages the first one stays
    held, unsure = _unmapped(capture)

    def add(values: np.ndarray) -> np.ndarray:
        return np.bincount(home, values, minlength=number).astype(np.int64)

    return Sums(
        mapped=count(state == PRESENT),
        shared=count(shared),
        held=add(held),
        unsure=add(unsure),
        folios=add(np.ones(home.size)),
        partial=add(held > 0),
        huge=_huge(capture, starts if blocks else None, number),
        zero=count(state == ZERO_PAGE),
        swapped=count(state == SWAPPED),
        guards=count(state == GUARDED),
        orders=orders.reshape(number, NR_ORDERS),
    )


def _unmapped(capture: Capture) -> tuple[np.ndarray, np.ndarray]:
    """Return how many pages of each folio nobody maps, and how many of those others may map."""
    nobody = np.concatenate(([0], np.cumsum((capture.mapcounts == 0) & (capture.foreign == 0))))
    of_folio = nobody[capture.slots[1:]] - nobody[capture.slots[:-1]]
    return np.where(capture.unsure, 0, of_folio), np.where(capture.unsure, of_folio, 0)


def _huge(capture: Capture, starts: np.ndarray | None, number: int) -> np.ndarray:
    """Return the pages that PMDs map, by block, or by region if there are no starts of blocks."""
    found = np.zeros(number, np.int64)
    for index, region in enumerate(capture.regions):
        for first, pages in region.huge:
            if starts is None:
                found[index] += pages
            else:
                block = starts[index] + (region.align + first) // BLOCK
                found[block : block + pages // BLOCK] += BLOCK
    return found
