"""What can be taken away from labs: their traces as a table."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from folioviz.errors import LimitError
from folioviz.readout.trace import slice_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from folioviz.lab import Lab

MAX_ROWS: Final = 200_000
"""Journal rows of one table: about 10 MB of text."""
COLUMNS: Final = ("kernel", "operation", "done", "row", "depth", "name", "what", "folio")


def trace_csv(parts: Iterable[tuple[Lab, int, str, int, int]]) -> str:
    """Return traces as CSV: a line per call, write, count and reason, in order of time.

    Args:
        parts: (lab, number of the operation from 1, the operation, its first journal row, the row after its last).

    Raises:
        LimitError: if there are more than 200,000 rows.
    """
    parts = list(parts)
    rows = sum(end - start for _, _, _, start, end in parts)
    if rows > MAX_ROWS:
        raise LimitError.of(
            "the number of rows to save",
            rows,
            f"at most {MAX_ROWS}: save one operation, not the whole history",
        )
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for lab, number, done, start, end in parts:
        for line in slice_lines(lab, lab.journal[start:end], start):
            place = lab.kernel.key, number, done, line.row, line.depth
            table.writerow([*place, line.name, line.what, line.folio or ""])
    return out.getvalue()
