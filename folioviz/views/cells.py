"""The pages of a folio as cells: HTML where they are few, a small picture where they are many."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from folioviz.views import palette, png
from folioviz.views.text import esc, runs

if TYPE_CHECKING:
    from folioviz.state import Folio

FEW = 64
"""Up to so many pages are HTML cells with their number of mappings inside."""
PER_ROW = 64
CELL = 7
MOST = 4
"""Mappings from which on a cell's colour stays the same."""

CHANGED = 5
PICTURE = 6


def _palette(folio: int) -> tuple[png.Colour, ...]:
    """Return the palette of a picture: gap, 0 to 4 mappings, changed."""
    fill = palette.of_folio(folio)
    shades = (1.0, 0.8, 0.62, 0.48)
    return (
        palette.rgba(palette.NEUTRAL, 56),
        *(palette.rgba(fill, 255, shade) for shade in shades),
        palette.rgba(palette.CHANGED),
        (0, 0, 0, 0),
    )


def changed_places(folio: Folio, pages: frozenset[int]) -> frozenset[int]:
    """Return which pages of a folio, counted from its head, are among those that the last step changed."""
    return frozenset(
        page - folio.head for page in pages if folio.head <= page < folio.head + folio.mapcount.size
    )


def words(mapcount: np.ndarray) -> str:
    """Return the mappings of a folio's pages in words, for a tooltip and for those who cannot see the cells."""
    parts = []
    found = runs((np.asarray(mapcount) + 1).tolist())
    for first, last, value in found[:6]:
        pages = f"page {first}" if first == last else f"pages {first}–{last}"
        times = {0: "not mapped by PTE", 1: "mapped by one PTE"}.get(value, f"mapped by {value} PTEs")
        parts.append(f"{pages} {times}")
    return "; ".join(parts) + ("; …" if len(found) > 6 else "")


def cells(folio: Folio, pages: frozenset[int], *, small: bool = False) -> str:
    """Return a folio's cells; ``small`` is for a list of many folios."""
    changed = changed_places(folio, pages)
    if folio.mapcount.size <= FEW and not small:
        return _html(folio.id, folio.mapcount.tobytes(), folio.anon_exclusive.tobytes(), changed)
    return _image(folio.id, folio.mapcount.tobytes(), changed, small)


@lru_cache(maxsize=512)
def _html(folio: int, mapcount: bytes, exclusive: bytes, changed: frozenset[int]) -> str:
    """Return few pages as elements: the number of PTEs that map each, a corner if it is AnonExclusive."""
    counts = np.frombuffer(mapcount, np.int32) + 1
    marks = np.frombuffer(exclusive, np.int32)
    out = []
    for place, (mappings, mark) in enumerate(zip(counts.tolist(), marks.tolist(), strict=True)):
        kind = f"m{min(mappings, MOST)}{' x' if mark else ''}{' d' if place in changed else ''}"
        out.append(f'<i class="{kind}">{mappings or ""}</i>')
    text = esc(words(counts - 1))
    return (
        f'<div class="fv-cells" role="img" aria-label="{text}" title="{text}" '
        f'style="--c:{palette.of_folio(folio)}">{"".join(out)}</div>'
    )


@lru_cache(maxsize=2048)
def _image(folio: int, mapcount: bytes, changed: frozenset[int], small: bool) -> str:
    """Return many pages as a picture: one pixel each in a list, cells of :data:`CELL` pixels on a card."""
    raw = np.frombuffer(mapcount, np.int32)
    values = np.minimum(raw + 1, MOST).astype(np.uint8)
    if small and not changed and (values == values[0]).all():
        return f'<span class="fv-strip m{values[0]}" style="--c:{palette.of_folio(folio)}"></span>'
    if small:
        values = values.copy()
        values[list(changed)] = CHANGED
        shape = values.reshape(1, -1)
    else:
        shape = grid(values, changed)
    text = esc(words(raw))
    uri = png.data_uri(png.encode(shape, _palette(folio)))
    return f'<img class="fv-{"strip" if small else "grid"}" alt="{text}" title="{text}" src="{uri}">'


def grid(values: np.ndarray, changed: frozenset[int]) -> np.ndarray:
    """Return pages as rows of cells with gaps, uint8; a changed cell has a frame."""
    rows = values.reshape(-1, min(PER_ROW, values.size))
    big = np.repeat(np.repeat(rows, CELL, axis=0), CELL, axis=1)
    big[CELL - 1 :: CELL, :] = PICTURE
    big[:, CELL - 1 :: CELL] = PICTURE
    for place in changed:
        row, column = divmod(place, rows.shape[1])
        top, left = row * CELL, column * CELL
        big[[top, top + CELL - 2], left : left + CELL - 1] = CHANGED
        big[top : top + CELL - 1, [left, left + CELL - 2]] = CHANGED
    return big
