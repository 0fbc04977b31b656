"""The sifted rows are the trace's lines."""

from __future__ import annotations

import pytest

from folioviz import Lab, parse_line
from folioviz.readout import explain, trace
from folioviz.views.player import scan
from tests.conftest import SIZES

OPS = (
    "mm; mmap 1 0 1024; fault 1 0 4; fault 1 16 2; faultpmd 1 512; fork 1; write 2 3; dontneed 1 4 9; munmap 2 0 700; "
    "get 1; shrink 9; put 1; mremap 1 512 512 2048; exit 2; split 3; exit 1"
)


@pytest.fixture(params=["v6.5-rc3", "v6.5-rc3+v4.1", "v6.5-rc3+v4", "v6.12", "v7.3"], scope="module")
def lab(request):
    """Return a lab with a varied history."""
    made = Lab(request.param, sizes=SIZES)
    for op in parse_line(OPS):
        made.apply(op)
    return made


def test_lines_and_depths_are_those_of_the_trace(lab):
    """For every operation."""
    for index, step in enumerate(lab.applied):
        part = scan.scan(lab, step.start, step.end)
        lines = trace.lines(lab, index)
        assert part.lines.tolist() == [line.row for line in lines]
        assert part.depths.tolist() == [line.depth for line in lines]


def test_costs_up_to_a_row_are_the_labs(lab):
    """At many rows of every operation."""
    for step in lab.applied:
        part = scan.scan(lab, step.start, step.end)
        assert scan.total(part) == lab.costs(step.start, step.end)
        for row in range(step.start, step.end, 97):
            assert scan.costs(lab, part, row) == lab.costs(step.start, row)


def test_decisions_are_those_of_explain(lab):
    """Sentence, function and source of every decision."""
    for step in lab.applied:
        part = scan.scan(lab, step.start, step.end)
        found = [scan.decision(lab, part, why) for why in part.whys]
        assert found == explain.decisions(lab, step.start, step.end)
