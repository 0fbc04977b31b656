"""The picture of one process's pages, as an array of palette places: pure numpy, no widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.views import palette

if TYPE_CHECKING:
    from folioviz.state import Process

HEIGHT = 44
BETWEEN = 8
"""Pixels of one kernel's strip, and between the strips of A and B; a browser shows them at half the size."""
HATCH, BASE, LINE, GAP = 12, 9, 2, 3
"""Distance of hatches, height of the base of a PMD mapping, width of lines, and of the gap between folios."""
ROOMY = 10
"""Pixels that a page must have for borders between pages."""

CLEAR, EDGE, FAINT, MOVED = range(4)
FILL = 4
SHADE = FILL + len(palette.FOLIOS)

PALETTE = (
    (0, 0, 0, 0),
    palette.rgba(palette.NEUTRAL, 190),
    palette.rgba(palette.NEUTRAL, 26),
    palette.rgba(palette.NEUTRAL, 120),
    *(palette.rgba(colour) for colour in palette.FOLIOS),
    *(palette.rgba(colour, 255, palette.DARKER) for colour in palette.FOLIOS),
)
"""Transparent, outline, inside of an unmapped page, page on its way; folios' fills; the same, darker."""


class Strip(NamedTuple):
    """What a process maps in a window of pages; arrays over those pages.

    Attributes:
        vma: the number of the page's VMA from 1, 0 outside any.
        folio: the id of the folio mapped there, 0 if none.
        page: the page mapped there, -1 if none.
        writable: whether its entry allows writing.
        huge: whether a PMD maps it.
        migrating: whether it is unmapped for a split.
    """

    vma: np.ndarray
    folio: np.ndarray
    page: np.ndarray
    writable: np.ndarray
    huge: np.ndarray
    migrating: np.ndarray


def strip(process: Process | None, owners: np.ndarray, first: int, last: int) -> Strip:
    """Return what a process (None: not there) maps in pages [first, last); ``owners`` is each page's folio id."""
    size = last - first
    vma = np.zeros(size, np.int32)
    page = np.full(size, -1, np.int64)
    writable, huge, migrating = (np.zeros(size, bool) for _ in range(3))
    for number, area in enumerate(process.vmas if process else (), start=1):
        vma[max(area.start - first, 0) : max(area.end - first, 0)] = number
    maps = process.maps if process else np.empty((0, 5), np.int64)
    for vpn, head, write, _, _ in maps[maps[:, 3] == 1].tolist():
        part = slice(max(vpn - first, 0), max(min(vpn + 512 - first, size), 0))
        page[part] = np.arange(first + part.start, first + part.stop) - vpn + head
        writable[part], huge[part] = bool(write), True
    small = maps[(maps[:, 3] == 0) & (maps[:, 0] >= first) & (maps[:, 0] < last)]
    at = small[:, 0] - first
    page[at], writable[at], migrating[at] = small[:, 1], small[:, 2] == 1, small[:, 4] == 1
    folio = np.where(page >= 0, owners[np.maximum(page, 0)], 0)
    return Strip(vma, folio, page, writable, huge, migrating)


def picture(part: Strip, width: int) -> np.ndarray:
    """Return the strip as uint8 of shape (HEIGHT, width).

    A page has its folio's colour; an unmapped page of a VMA is hollow, a read-only one hatched, a PMD mapping one
    bar without page borders, over a darker base. VMAs and folios end in a gap.
    """
    size = part.vma.size
    column = (np.arange(width) * size) // width
    x = np.arange(width)[None, :]
    y = np.arange(HEIGHT)[:, None]
    start = np.searchsorted(column, np.arange(size))[column]  # where the column's page begins, in pixels
    inset = np.arange(width) - start
    seam = np.ones(size, bool)
    seam[1:] = (part.vma[1:] != part.vma[:-1]) | (part.folio[1:] != part.folio[:-1])
    seam[1:] |= (part.folio[1:] > 0) & (part.page[1:] != part.page[:-1] + 1)
    mapped = part.folio > 0
    solid = mapped & ~part.migrating
    fill = np.where(
        mapped, FILL + (part.folio - 1) % len(palette.FOLIOS), np.where(part.vma > 0, FAINT, CLEAR)
    )
    fill = np.where(part.migrating, MOVED, fill)
    image = np.repeat(fill[column][None, :], HEIGHT, axis=0)
    dark = (fill + SHADE - FILL)[column][None, :]
    hatched = (solid & ~part.writable)[column] & ((x + y) % HATCH < 2)
    border = (solid & ~part.huge & (width >= size * ROOMY))[column] & (inset < LINE)
    base = (solid & part.huge)[column] & (y >= HEIGHT - BASE)
    image = np.where(hatched | border | base, dark, image)
    hollow = ((part.vma > 0) & ~mapped)[column]
    rim = (y < LINE) | (y >= HEIGHT - LINE) | (seam[column] & (inset >= GAP) & (inset < GAP + LINE))
    image = np.where(hollow & rim & ((x + y) % 8 < 5), EDGE, image)
    return np.where(seam[column] & (inset < GAP) & (x >= GAP), CLEAR, image).astype(np.uint8)


def stacked(strips: list[np.ndarray]) -> np.ndarray:
    """Return the strips of A and B one above the other."""
    gap = np.zeros((BETWEEN, strips[0].shape[1]), np.uint8)
    parts = [strips[0]]
    for part in strips[1:]:
        parts += [gap, part]
    return np.concatenate(parts)
