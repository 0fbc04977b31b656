"""What a PMD can map: a whole folio of 512 pages, or the zero page."""

from __future__ import annotations

import numpy as np

from folioviz.capture.captured import EACH, FIRST, FOLIO, OFFSET, PAGES, STATE
from folioviz.capture.form import BLOCK
from folioviz.evidence.recordings.observed import PRESENT, ZERO_PAGE


def fits(runs: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Return for blocks of 512 pages of a region whether a PMD may map them, bool.

    All pages must be there. They must be a folio's from its first page on, or the zero page; where folios were not to
    be seen, present pages will do.

    Args:
        runs: the region's rows of :attr:`~folioviz.capture.captured.Capture.runs`.
        blocks: the first page of each, counted in the region.
    """
    if not len(runs):
        return np.zeros(blocks.size, bool)
    runs = runs.astype(np.int64)
    first, pages, folio, state = (runs[:, column] for column in (FIRST, PAGES, FOLIO, STATE))
    origin = np.where(folio >= 0, first - runs[:, OFFSET], 0)
    breaks = np.ones(len(runs), np.int64)
    breaks[1:] = first[1:] != first[:-1] + pages[:-1]
    for values in (folio, state, origin):
        breaks[1:] |= values[1:] != values[:-1]
    alike = np.cumsum(breaks)
    one = np.maximum(np.searchsorted(first, blocks, side="right") - 1, 0)
    last = np.maximum(np.searchsorted(first, blocks + BLOCK - 1, side="right") - 1, 0)
    there = (
        (first[one] <= blocks) & (first[last] + pages[last] >= blocks + BLOCK) & (alike[one] == alike[last])
    )
    folios = (folio[one] < 0) | ((origin[one] == blocks) & (runs[one, EACH] == 0))
    found: np.ndarray = there & np.where(state[one] == PRESENT, folios, state[one] == ZERO_PAGE)
    return found
