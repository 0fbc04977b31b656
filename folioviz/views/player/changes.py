"""What the last step wrote: the pages and the counters of folios that a card outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine import journal
from folioviz.machine.fields import (
    FOLIO_DOUBLE_MAP,
    FOLIO_ENTIRE_MAPCOUNT,
    FOLIO_LARGE_MAPCOUNT,
    FOLIO_MM_ID_0,
    FOLIO_MM_ID_1,
    FOLIO_MM_ID_MAPCOUNT_0,
    FOLIO_MM_ID_MAPCOUNT_1,
    FOLIO_MM_IDS_SHARED,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_ORDER,
    FOLIO_PARTIALLY_MAPPED,
    FOLIO_PINS,
    FOLIO_REFCOUNT,
    PAGE_ANON_EXCLUSIVE,
    PAGE_MAPCOUNT,
    PAGE_ZERO_FILLED,
    PMD,
    PTE,
)
from folioviz.machine.memory import ENTRY_SHIFT, PMD_HUGE, PTE_ZERO

if TYPE_CHECKING:
    from folioviz.views.player.track import Track

OWNERS = (
    FOLIO_MM_ID_0,
    FOLIO_MM_ID_1,
    FOLIO_MM_ID_MAPCOUNT_0,
    FOLIO_MM_ID_MAPCOUNT_1,
    FOLIO_MM_IDS_SHARED,
)
"""The fields of a folio's owner slots."""
COUNTERS = {
    FOLIO_REFCOUNT: "refcount",
    FOLIO_ENTIRE_MAPCOUNT: "entire",
    FOLIO_NR_PAGES_MAPPED: "mapped",
    FOLIO_ORDER: "order",
    FOLIO_PINS: "pins",
    FOLIO_LARGE_MAPCOUNT: "large",
    FOLIO_PARTIALLY_MAPPED: "flag",
    FOLIO_DOUBLE_MAP: "double",
    **dict.fromkeys(OWNERS, "owners"),
}
"""Per-folio fields whose change a card outlines."""
OF_PAGES = (PAGE_MAPCOUNT, PAGE_ANON_EXCLUSIVE, PAGE_ZERO_FILLED)
"""Per-page fields whose change a cell outlines."""


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
        if field in OF_PAGES:
            pages.add(at)
        elif field == PTE and not value & PTE_ZERO:
            pages.add(value >> ENTRY_SHIFT)
        elif field == PMD and value & PMD_HUGE:
            fields.add((value >> ENTRY_SHIFT, "entire"))
        elif field in COUNTERS:
            fields.add((at, COUNTERS[field]))
    return frozenset(pages), frozenset(fields)
