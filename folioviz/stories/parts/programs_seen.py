"""The programs of examples/ as a running kernel had them: captures that were taken where they wait."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from folioviz.capture import load, sums

if TYPE_CHECKING:
    from folioviz.capture import Capture

CAPTURES: Final = Path(__file__).parents[1] / "captures"
"""What ``python -m tools.captured`` makes."""


class Had(NamedTuple):
    """What a program had where it waits.

    Attributes:
        release: of which kernel.
        mapped: pages that it mapped.
        held: pages of its folios that nobody mapped.
        partial: how many folios these pages are of.
    """

    release: str
    mapped: int
    held: int
    partial: int


@lru_cache(maxsize=4)
def capture(program: str) -> Capture:
    """Return the capture of a program, read once."""
    return load(CAPTURES / f"{program}.json.gz")


def had(program: str) -> Had:
    """Return what a captured program had."""
    found = capture(program)
    by_region = sums.by_region(found)
    mapped, held, partial = (int(one.sum()) for one in (by_region.mapped, by_region.held, by_region.partial))
    return Had(found.about.release, mapped, held, partial)
