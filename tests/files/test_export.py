"""What is taken away: traces as a table."""

from __future__ import annotations

import csv
import io

import pytest

from folioviz import Lab, parse_line
from folioviz.errors import LimitError
from folioviz.files import export
from folioviz.readout.trace import lines


def ran(text):
    """Return a lab that has done operations."""
    lab = Lab("v6.5-rc3+v4")
    for op in parse_line(text):
        lab.apply(op)
    return lab


def test_a_trace_is_a_row_per_line():
    """Rows are those of the trace, by operation, and read back."""
    lab = ran("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 16")
    parts = [(lab, n + 1, one.op.short(), one.start, one.end) for n, one in enumerate(lab.applied)]
    rows = list(csv.DictReader(io.StringIO(export.trace_csv(parts))))
    last = [row for row in rows if row["operation"] == "4"]

    assert [(int(r["row"]), int(r["depth"]), r["name"], r["what"]) for r in last] == [
        (line.row, line.depth, line.name, line.what) for line in lines(lab, 3)
    ]
    assert {(row["kernel"], row["done"]) for row in last} == {("v6.5-rc3+v4", "munmap 1 0 16")}


def test_a_trace_that_is_too_long_is_refused():
    """The limit is said before anything is made."""
    with pytest.raises(LimitError, match="rows to save is 200001"):
        export.trace_csv([(Lab(), 1, "mm", 0, export.MAX_ROWS + 1)])
