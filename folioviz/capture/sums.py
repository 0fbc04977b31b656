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
    PAGES,
    REGION,
    STATE,
    counted,
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
    """Return where each region's blocks begin among all blocks, np.intp of shape (regions + 1,)."""
    return np.cumsum([0, *(region.blocks for region in capture.regions)], dtype=np.intp)


def by_block(capture: Capture) -> Sums:
    """Return the sums of every 2 MiB block of every region, in the order of the regions."""
    return _sums(capture, blocks=True)


def by_region(capture: Capture) -> Sums:
    """Return the sums of every region."""
    return _sums(capture, blocks=False)


def _sums(capture: Capture, *, blocks: bool) -> Sums:
    """Add up. Cost: a few passes over runs, and over the pages of folios."""
    starts = first_blocks(capture)
    number = int(starts[-1]) if blocks else len(capture.regions)
    of, along, pages, where = _in_blocks(capture, starts) if blocks else _in_regions(capture)
    state, folio, each, offset, exclusive = (
        capture.runs[of, column] for column in (STATE, FOLIO, EACH, OFFSET, EXCLUSIVE)
    )
    known = np.flatnonzero(folio >= 0)
    single = each[known] > 0
    folio = folio[known] + np.where(single, along[known], 0)
    slot = capture.slots[folio] + np.where(single, 0, offset[known] + along[known])
    several = np.concatenate(([0], np.cumsum(capture.mapcounts + capture.foreign > 1)))
    shared = np.where((state == PRESENT) & (exclusive == 0), pages, 0)
    shared[known] = np.where(
        single & (shared[known] > 0), pages[known], several[slot + pages[known]] - several[slot]
    )
    which, beyond = counted(np.where(single, pages[known], 1))
    home = np.zeros(capture.orders.size, np.intp)
    home[(folio[which] + beyond)[::-1]] = where[known][which][::-1]  # of several pages the first one stays
    orders = np.bincount(
        where[known] * NR_ORDERS + capture.orders[folio], pages[known], minlength=number * NR_ORDERS
    )
    held = np.where(capture.unsure, 0, capture.unmapped)

    def here(values: np.ndarray) -> np.ndarray:
        return np.bincount(where, values, minlength=number).astype(np.int64)

    def at_home(values: np.ndarray) -> np.ndarray:
        return np.bincount(home, values, minlength=number).astype(np.int64)

    return Sums(
        mapped=here(pages * (state == PRESENT)),
        shared=here(shared),
        held=at_home(held),
        unsure=at_home(capture.unmapped - held),
        folios=at_home(np.ones(home.size)),
        partial=at_home(held > 0),
        huge=_huge(capture, starts if blocks else None, number),
        zero=here(pages * (state == ZERO_PAGE)),
        swapped=here(pages * (state == SWAPPED)),
        guards=here(pages * (state == GUARDED)),
        orders=orders.astype(np.int64).reshape(number, NR_ORDERS),
    )


def _in_regions(capture: Capture) -> tuple[np.ndarray, ...]:
    """Return of each run its row, its first page in it, its pages, and its region, counted from 0; all np.intp."""
    runs = capture.runs.astype(np.intp)
    return np.arange(len(runs)), np.zeros(len(runs), np.intp), runs[:, PAGES], runs[:, REGION] - 1


def _in_blocks(capture: Capture, starts: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return runs cut where 2 MiB end: as :func:`_in_regions`, but with the block of each instead of its region."""
    align = np.array([region.align for region in capture.regions], np.intp)
    _, _, pages, region = _in_regions(capture)
    first = align[region] + capture.runs[:, FIRST]
    of, after = counted((first + pages - 1) // BLOCK - first // BLOCK + 1)
    block = first[of] // BLOCK + after
    low = np.maximum(block * BLOCK, first[of])
    high = np.minimum((block + 1) * BLOCK, (first + pages)[of])
    return of, low - first[of], high - low, starts[region[of]] + block


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
