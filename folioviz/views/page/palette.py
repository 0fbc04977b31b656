"""Colours: Okabe and Ito's for folios (safe for colour-blind readers), lightened so that dark text stands on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from folioviz.views.page.png import Colour

FOLIOS = ("#f3cf5b", "#8cc8ee", "#7fcfb4", "#f0a978", "#dba6c6", "#f1e97c", "#8fb4dd", "#c4c9d0")
"""Fill of folio 1, 2, ...; the ninth takes the first again, so a number always stands beside a colour."""

CHANGED = "#d1344b"
NEUTRAL = "#7d8590"
DARKER = 0.72
"""How much darker hatches, separators and edges are than their fill."""

SIDES = ("A", "B")


def rgb(colour: str) -> tuple[int, int, int]:
    """Return the three bytes of #rrggbb."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def rgba(colour: str, opacity: int = 255, factor: float = 1.0) -> Colour:
    """Return #rrggbb as a palette entry, made darker by a factor."""
    red, green, blue = (int(part * factor) for part in rgb(colour))
    return red, green, blue, opacity


def place(folio: int) -> int:
    """Return a folio's place in :data:`FOLIOS`."""
    return (folio - 1) % len(FOLIOS)


def of_folio(folio: int) -> str:
    """Return a folio's colour as #rrggbb."""
    return FOLIOS[place(folio)]
