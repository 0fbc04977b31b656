"""The comparison behind a batch, as the panel of the flushes writes it down, against what the kernel did."""

from __future__ import annotations

import re

import pytest

from folioviz.stories.flushes import FIX, FULL, V3, V4, ops
from folioviz.stories.parts.batches import read
from folioviz.stories.parts.pieces import BASE, FIRST, SECOND, ran
from folioviz.views.story_panels.flushes import lines

SIZES = [(1, 4), (8, 3), (9, 0), (3, 4)]


@pytest.mark.parametrize("key", [BASE, FIRST, SECOND, V3, V4, FULL, FIX])
@pytest.mark.parametrize("memory", ["enough", "none"])
@pytest.mark.parametrize(("folios", "order"), SIZES)
def test_the_comparison_decides_what_happened(key, memory, folios, order):
    """The numbers that are shown fulfil the condition exactly if zap_pte_range() then stopped for a flush."""
    lab = ran(ops(folios, order, "dontneed", memory), key)
    if lab.machine.bugs():
        return
    last = lab.applied[-1]
    found = read(lab, last.start, last.end)
    for number, batch in enumerate(found.batches, start=1):
        stops = any(flush.forced and flush.after == number for flush in found.flushes)
        said = "; ".join(lines(batch, key, stops=stops))
        if test := re.search(r"if \((\d+) < (\d+)\)", said):
            assert (int(test[1]) < int(test[2])) == stops, said
        elif "full = " in said:
            assert ("full = true" in said) == stops
        else:
            assert ("mmu_gather: full" in said) == stops

        assert ("flush" in said.replace("force_flush", "")) == stops
