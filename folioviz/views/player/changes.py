"""What the last step wrote: the pages and the counters of folios that a card outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine import journal
from folioviz.machine.fields import FOLIO_ENTIRE_MAPCOUNT, OF_FOLIO, OF_PAGE, PMD, PTE
from folioviz.machine.memory import ENTRY_SHIFT, PMD_HUGE, PTE_MIGRATION, PTE_PRESENT

if TYPE_CHECKING:
    from folioviz.views.player.track import Track

SHOWN = {row.number: row.shown for row in OF_FOLIO}
"""Fields of a folio -> the counter or badge of its card that is outlined when a step writes them."""
CELLS = {row.number for row in OF_PAGE}
"""Fields of a page; its cell is outlined when a step writes them."""


def changed(track: Track, index: int, step: int) -> tuple[frozenset[int], frozenset[tuple[int, str]]]:
    """Return the pages and the (head page, counter) pairs that the last step wrote."""
    part = track.parts[index]
    if not 0 < step <= part.steps.size:
        return frozenset(), frozenset()
    machine = track.lab.machine
    row = int(part.steps[step - 1])
    kind, address, old, new = track.lab.journal[row : row + 1][0].tolist()
    pages: set[int] = set()
    fields: set[tuple[int, str]] = set()
    if kind < journal.WHY and address >= 0:
        field, at = machine.where(address)
        value = new or old
        if field in CELLS:
            pages.add(at)
        elif field == PTE and value & (PTE_PRESENT | PTE_MIGRATION):
            pages.add(value >> ENTRY_SHIFT)
        elif field == PMD and value & PMD_HUGE:
            fields.add((value >> ENTRY_SHIFT, SHOWN[FOLIO_ENTIRE_MAPCOUNT]))
        elif field in SHOWN:
            fields.add((at, SHOWN[field]))
    return frozenset(pages), frozenset(fields)
