"""What can be saved: regions and blocks as CSV."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Final

from folioviz.capture.captured import NR_ORDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from folioviz.capture.sums import Sums
    from folioviz.views.machine_panels.taken import Taken

SUMS: Final = ("mapped", "held", "unsure", "shared", "folios", "partial", "huge", "zero", "swapped", "guards")
"""Sums in pages, or in folios."""
ORDERS: Final = tuple(f"order_{order}" for order in range(NR_ORDERS))


def regions(taken: Taken) -> str:
    """Return a line for each region: numbers of pages; folios and partial count folios."""
    head = ("region", "process", "pages", "rights", "kind", "advice", *SUMS, *ORDERS)
    rows = (
        (
            number,
            one.process,
            one.pages,
            one.rights,
            one.kind,
            one.advice or "",
            *_sums(taken.regions, number - 1),
        )
        for number, one in enumerate(taken.capture.regions, start=1)
    )
    return _written(head, rows)


def blocks(taken: Taken) -> str:
    """Return a line for each 2 MiB in which something is."""
    head = ("region", "block", "first_page", *SUMS, *ORDERS)

    def rows() -> Iterator[tuple[object, ...]]:
        for number, one in enumerate(taken.capture.regions, start=1):
            for block in range(one.blocks):
                place = int(taken.starts[number - 1]) + block
                found = _sums(taken.blocks, place)
                if any(found):
                    yield number, block, taken.span(number, block)[0], *found

    return _written(head, rows())


def _sums(sums: Sums, place: int) -> tuple[int, ...]:
    """Return the sums of a place."""
    return (*(int(getattr(sums, name)[place]) for name in SUMS), *sums.orders[place].tolist())


def _written(head: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> str:
    """Return lines."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()
