"""Colours by name. Each stands once, in ``folioviz/colours.css``, for the light theme and for the dark one."""

from __future__ import annotations

import re
from pathlib import Path

SHEET = (Path(__file__).parents[2] / "colours.css").read_text(encoding="utf-8")
"""The style sheet that defines them as variables."""

NAMES: frozenset[str] = frozenset(re.findall(r"^ *--fv-([a-z0-9-]+):", SHEET, re.MULTILINE))

NR_FOLIO_COLOURS = sum(name.startswith("folio-") for name in NAMES)
"""Folios take them in turn: the next one after the last takes the first again."""


def colour(name: str) -> str:
    """Return a colour as style sheets take it: the browser knows the theme.

    Raises:
        KeyError: if no colour is called so.
    """
    if name not in NAMES:
        raise KeyError(name)
    return f"var(--fv-{name})"


def mixed(name: str) -> str:
    """Return a colour as it stands in the sheet, for a chart that mixes it with others: it is the same in both themes.

    Raises:
        KeyError: if no colour is called so, or the theme decides.
    """
    found = re.search(rf"^ *--fv-{re.escape(name)}: (#[0-9a-f]+);", SHEET, re.MULTILINE)
    if found is None:
        raise KeyError(name)
    return found[1]


def place(folio: int) -> int:
    """Return a folio's place among the colours of folios, from 0."""
    return (folio - 1) % NR_FOLIO_COLOURS


def of_folio(folio: int) -> str:
    """Return a folio's colour."""
    return colour(f"folio-{place(folio) + 1}")
