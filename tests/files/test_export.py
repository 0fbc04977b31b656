"""What is taken away: traces as a table, folios in the manner of the kernel's page dump."""

from __future__ import annotations

import csv
import io

import pytest

from folioviz import Lab, parse_line
from folioviz.errors import LimitError
from folioviz.files import export
from folioviz.readout.state import folios
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


DUMPS = (
    (
        "mm; mmap 1 0 64; fault 1 16 4; munmap 1 16 1",
        "page:folio1 refcount:15 mapcount:0 pfn:{head}",
        "head:folio1 order:4 entire_mapcount:0 nr_pages_mapped:15",
    ),
    (
        "mm; mmap 1 0 512; faultpmd 1 0; fork 1; splitpmd 1 0",
        "page:folio1 refcount:513 mapcount:2 pfn:{head}",
        "head:folio1 order:9 entire_mapcount:1 nr_pages_mapped:512",
    ),
    ("mm; mmap 1 0 64; fault 1 3 0; fork 1", "page:folio1 refcount:2 mapcount:2 pfn:{head}", ""),
)


@pytest.mark.parametrize(
    ("ops", "page", "head"), DUMPS, ids=["part of a folio", "by PMD and PTE", "one page"]
)
def test_the_page_dump_decodes_the_counters(ops, page, head):
    """Mapcount is page_mapcount() of the head page, and 0x800000 is not among the pages mapped."""
    [folio] = folios(ran(ops).machine)

    assert export.page_dump(folio) == "\n".join(filter(None, [page.format(head=hex(folio.head)), head]))
