"""Which fields a file of recordings has: who records less than everything is not told of differences in the rest.

Within a file that has a field, a step that leaves it out says that it is 0 or did not change.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from folioviz.evidence.recordings.format import page_run
from folioviz.evidence.recordings.observed import (
    CAME_FROM,
    CAME_FROM_OFFSET,
    FLAGS,
    MAPCOUNT,
    ORDER,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from folioviz.evidence.recordings.format import Step

TABLES: Final = "page_tables"
FOLIOS: Final = "folios"
COLUMNS: Final = {
    ORDER: FOLIOS,
    MAPCOUNT: "page_mapcount",
    FLAGS: "page_flags",
    CAME_FROM: "came_from",
    CAME_FROM_OFFSET: "came_from",
}
"""A column of the page tables -> the field that it needs besides the tables."""


def told(steps: Iterable[Step]) -> frozenset[str]:
    """Return the fields that steps have: names of counters and of smaps, and those of TABLES, FOLIOS and COLUMNS."""
    return frozenset(name for step in steps for name in _of(step))


def _of(step: Step) -> Iterator[str]:
    """Yield the fields of one step."""
    yield from step.vm
    for items in step.mthp.values():
        yield from items
    for regions in step.smaps.values():
        for sums in regions.values():
            yield from sums
    if step.folios:
        yield FOLIOS
    for process in step.procs.values():
        for raw in chain.from_iterable(process.values()):
            run = page_run(raw, "")
            yield TABLES
            if run.state == "p":
                yield from ["page_mapcount"] if run.mapcount >= 0 else []
                yield from ["page_flags"] if run.flags else []
                yield from ["came_from"] if run.came_from else []
