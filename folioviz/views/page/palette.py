"""Colours of folios: Okabe and Ito's (safe for colour-blind readers), lightened so that dark text stands on them."""

from __future__ import annotations

FOLIOS = ("#f3cf5b", "#8cc8ee", "#7fcfb4", "#f0a978", "#dba6c6", "#f1e97c", "#8fb4dd", "#c4c9d0")
"""Fill of folio 1, 2, ...; the ninth takes the first again, so a number always stands beside a colour."""


def place(folio: int) -> int:
    """Return a folio's place in :data:`FOLIOS`."""
    return (folio - 1) % len(FOLIOS)


def of_folio(folio: int) -> str:
    """Return a folio's colour as #rrggbb."""
    return FOLIOS[place(folio)]
