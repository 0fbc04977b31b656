"""What is taken away: traces as a table."""

from __future__ import annotations

import csv
import io
import json

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


def test_a_trace_for_viewers_has_calls_and_counters():
    """Calls are slices within their operation's; counters are tracks that end where the model's do."""
    lab = ran("mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; dontneed 1 0 8")
    parts = [(lab, n + 1, one.op.short(), one.start, one.end) for n, one in enumerate(lab.applied)]
    events = json.loads(export.trace_events(parts))["traceEvents"]
    of = {kind: [one for one in events if one["ph"] == kind] for kind in "MXCi"}
    operations = [one for one in of["X"] if one["cat"] == "operation"]
    calls = [one for one in of["X"] if one["cat"] == "call"]
    tracks = {one["name"]: one["args"] for one in of["C"]}
    mapped = [one["args"] for one in of["C"] if one["name"] == "folio 1 _nr_pages_mapped"]

    assert [one["args"]["name"] for one in of["M"]] == [lab.kernel.label]
    assert [one["name"] for one in operations] == [one.op.short() for one in lab.applied]
    assert all(
        any(op["ts"] <= call["ts"] and call["ts"] + call["dur"] <= op["ts"] + op["dur"] for op in operations)
        for call in calls
    )
    assert {line.name for n in range(5) for line in lines(lab, n) if line.end > line.row} <= {
        c["name"] for c in calls
    }
    assert {"pages": 0, "by a PMD": 1} in mapped
    assert mapped[-1] == {"pages": 504, "by a PMD": 0}
    assert tracks["folio 1 PMD mappings"]["value"] == 0
    assert tracks["split_queue_len"]["value"] == int(lab.machine.split_queue_len[0])
    assert any("queue" in one["name"] for one in of["i"])


def test_a_trace_that_is_too_long_is_refused():
    """The limit is said before anything is made."""
    for form in (export.trace_csv, export.trace_events):
        with pytest.raises(LimitError, match="rows to save is 200001"):
            form([(Lab(), 1, "mm", 0, export.MAX_ROWS + 1)])
