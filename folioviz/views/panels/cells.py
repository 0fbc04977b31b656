"""The pages of a folio as cells: elements where they are few, runs that the browser paints where they are many."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.readout.runs import placed, runs
from folioviz.readout.words import dashed
from folioviz.views.page.markup import html, joined
from folioviz.views.page.palette import colour, of_folio

if TYPE_CHECKING:
    from markupsafe import Markup

    from folioviz.readout.state import Folio

FEW = 64
"""Up to so many pages are elements with their number of mappings inside."""
MOST = 4
"""Mappings from which on a cell's colour stays the same."""
SHADES = (
    "transparent",
    "var(--c)",
    *(f"color-mix(in srgb, var(--c) {part}%, {colour('shade')})" for part in (80, 62, 48)),
)
MAX_STOPS = 128
EXCLUSIVE, ZERO = 1, 2
SEEN = "S"
"""The kernel of a folio that was seen on a running machine, beside A and B."""
LETTERS = ("", "e", "z", "ez")
"""What :func:`marks` says of a page -> how the browser is told."""


def changed_places(folio: Folio, pages: frozenset[int]) -> frozenset[int]:
    """Return which pages of a folio, counted from its head, are among those that the last step changed."""
    return frozenset(
        page - folio.head for page in pages if folio.head <= page < folio.head + folio.mapcount.size
    )


def words(mapcount: np.ndarray, zero: np.ndarray) -> str:
    """Return the mappings of a folio's pages in words, for those who cannot see the cells."""
    parts = [f"{int(zero.sum())} zero-filled"] if zero.any() else []
    found = placed(mapcount + 1)
    for first, end, value in found[:6]:
        pages = f"page{'' if end - first == 1 else 's'} {dashed(first, end)}"
        times = {0: "not mapped by PTE", 1: "mapped by one PTE"}.get(value, f"mapped by {value} PTEs")
        parts.append(f"{pages} {times}")
    return "; ".join(parts) + ("; …" if len(found) > 6 else "")


def marks(folio: Folio) -> bytes:
    """Return what is marked on each page: 1 AnonExclusive, 2 zero-filled, their sum; a byte per page."""
    zero = folio.zero_filled if folio.zero_filled.size else np.zeros(folio.mapcount.size, np.int32)
    marked: np.ndarray = (folio.anon_exclusive != 0) * EXCLUSIVE + (zero != 0) * ZERO
    return marked.astype(np.uint8).tobytes()


def cells(side: str, folio: Folio, pages: frozenset[int], marked: tuple[int, int] = (0, 0)) -> Markup:
    """Return a folio's cells; on a canvas, pages [first, after last) of it are highlighted."""
    changed = changed_places(folio, pages)
    given = side, folio.id, folio.mapcount.tobytes(), marks(folio), changed
    return _elements(*given) if folio.mapcount.size <= FEW else _canvas(*given, marked)


class Told(NamedTuple):
    """What is said of a folio that was seen on a running machine, and its order's colour instead of its own."""

    name: str
    words: str
    order: int


def seen(folio: int, mapped: np.ndarray, told: Told) -> Markup:
    """Return the cells of a folio that was seen on a running machine, of which nothing else is known."""
    given = SEEN, folio, (mapped - 1).astype(np.int32).tobytes(), bytes(mapped.size), frozenset[int]()
    return _elements(*given, told) if mapped.size <= FEW else _canvas(*given, (0, 0), told)


def _slider(side: str, folio: int, mapcount: np.ndarray, zero: np.ndarray, told: Told | None) -> Markup:
    """Return the attributes of what can be walked through with keys, a page at a time."""
    return html(
        'data-pages-of="{0}" data-kernel="{1}" data-pages="{2}" tabindex="0" role="slider" '
        'aria-label="pages of {6}" aria-valuemin="0" aria-valuemax="{3}" aria-valuenow="0" '
        'aria-valuetext="{4}" style="--c:{5}"{7}',
        folio,
        side,
        mapcount.size,
        mapcount.size - 1,
        told.words if told else words(mapcount, zero),
        colour(f"order-{told.order}") if told else of_folio(folio),
        told.name if told else f"folio {folio} in {side}",
        html(' data-order="{}"', told.order) if told else "",
    )


@lru_cache(maxsize=512)
def _elements(
    side: str, folio: int, mapcount: bytes, marked: bytes, changed: frozenset[int], told: Told | None = None
) -> Markup:
    """Return few pages as elements: the number of PTEs of each, underlined if AnonExclusive, a dot if zeros."""
    counts = np.frombuffer(mapcount, np.int32) + 1
    found = np.frombuffer(marked, np.uint8)
    out = []
    for place, (mappings, mark) in enumerate(zip(counts.tolist(), found.tolist(), strict=True)):
        kind = f"m{min(mappings, MOST)}{' x' if mark & EXCLUSIVE else ''}{' z' if mark & ZERO else ''}"
        kind += " d" if place in changed else ""
        out.append(html('<i class="{}">{}</i>', kind, mappings or ""))
    return html(
        '<div class="fv-cells" {}>{}</div>',
        _slider(side, folio, counts - 1, found & ZERO > 0, told),
        joined(out),
    )


@lru_cache(maxsize=512)
def _canvas(
    side: str,
    folio: int,
    mapcount: bytes,
    marked: bytes,
    changed: frozenset[int],
    lit: tuple[int, int],
    told: Told | None = None,
) -> Markup:
    """Return many pages as runs: how often, how many PTEs, "e" if AnonExclusive, "z" if zeros."""
    counts = np.frombuffer(mapcount, np.int32) + 1
    found = np.frombuffer(marked, np.uint8)
    coded = runs(counts * 4 + found)
    text = ",".join(f"{pages}*{code // 4}{LETTERS[code % 4]}" for code, pages in coded)
    places = ",".join(map(str, sorted(changed)))
    return html(
        '<canvas class="fv-pages" data-cells="{}" data-changed="{}" data-marked="{}" {}></canvas>',
        text,
        places,
        f"{lit[0]}-{lit[1]}" if lit[1] else "",
        _slider(side, folio, counts - 1, found & ZERO > 0, told),
    )


def strip(folio: Folio) -> Markup:
    """Return a folio's pages as one thin bar, for a list of many folios."""
    return _strip(folio.id, folio.mapcount.tobytes())


@lru_cache(maxsize=2048)
def _strip(folio: int, mapcount: bytes) -> Markup:
    """Return the bar: a gradient with hard stops."""
    values = np.minimum(np.frombuffer(mapcount, np.int32) + 1, MOST)
    found = placed(values)
    if len(found) > MAX_STOPS:
        values = values[np.linspace(0, values.size - 1, MAX_STOPS).astype(int)]
        found = placed(values)
    own = f"--c:{of_folio(folio)}"
    if len(found) == 1:
        return html('<span class="fv-strip m{}" style="{}"></span>', found[0][2], own)
    size = values.size / 100
    stops = ",".join(f"{SHADES[value]} {first / size:.4g}% {end / size:.4g}%" for first, end, value in found)
    return html(
        '<span class="fv-strip m0" style="{};background-image:linear-gradient(90deg,{})"></span>', own, stops
    )
