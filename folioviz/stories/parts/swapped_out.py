"""What swap-out of one folio costs today's kernel, page by page, and in runs with a patch of one's own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from folioviz.compare.outcome import Ground
from folioviz.machine.costs import COSTS
from folioviz.ops.ops import parse_line
from folioviz.stories.parts.parts import Cell, Table
from folioviz.stories.patches import swap_out_runs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

TODAY: Final = "v7.3"
FOLIOS: Final = {"64 KiB": "fault 1 0 4", "2 MiB": "faultpmd 1 0; splitpmd 1 0"}
"""A folio that PTEs map -> how it comes."""
PAGES: Final = {"64 KiB": 16, "2 MiB": 512}
ASKED: Final = "deferred_split_folio"
"""The function that every mapping calls that is not the last one."""


def line(size: str) -> str:
    """Return the operations: a folio, and its swap-out."""
    return f"swapon 512; mm; mmap 1 0 512; {FOLIOS[size]}; pageout 1 0 {PAGES[size]}"


def counted(size: str, patches: Sequence[ModuleType] = ()) -> dict[str, int]:
    """Return what the swap-out costs with patches, by name; and how often :data:`ASKED` is called."""
    here = Ground(TODAY, "batched", patches, told=(ASKED,))
    for op in parse_line(line(size)):
        here.forget()
        here.does(op)
    return {f"calls of {ASKED}()": here.entered} | {COSTS[name].words: n for name, n in here.costs().items()}


@lru_cache(maxsize=1)
def before_and_after() -> Table:
    """Return all counts of the swap-out that are not 0: of each folio, without the patch and with it."""
    sides = [counted(size, patches) for size in FOLIOS for patches in ((), (swap_out_runs,))]
    rows = []
    for name in sides[0]:
        found = [side[name] for side in sides]
        if any(found):
            cells = [
                Cell(number, mark="good" if place % 2 and number < found[place - 1] else "")
                for place, number in enumerate(found)
            ]
            rows.append((name, *cells))
    return Table(
        "Swap-out of one folio that PTEs map, without the patch and with it",
        ("", *(f"{size}{with_it}" for size in FOLIOS for with_it in ("", ", with the patch"))),
        tuple(rows),
        "Computed by the model, now: MADV_PAGEOUT of all of it. Not counted: swap entries, the flush of the TLB that "
        "reclaim puts off, and locks of page tables.",
    )
