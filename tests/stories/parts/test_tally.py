"""Counting without a journal, under every kernel."""

from __future__ import annotations

import pytest

from folioviz.kernels import GATHER_MODES, KERNELS
from folioviz.stories.parts.pieces import last_costs
from folioviz.stories.parts.tally import tally

HUGE = "mm; mmap 1 0 1024; faultpmd 1 0"
LINES = {
    "a whole folio goes": f"{HUGE}; splitpmd 1 0; munmap 1 0 1024",
    "a part of it, shared": f"{HUGE}; fork 1; splitpmd 1 0; dontneed 1 0 100",
    "the shrinker": f"{HUGE}; splitpmd 1 0; dontneed 1 0 5; shrink 1",
    "copy-on-write": f"{HUGE}; fork 1; write 2 7",
    "an exit": f"{HUGE}; faultpmd 1 512; fork 1; exit 1",
}


@pytest.mark.parametrize("key", KERNELS)
@pytest.mark.parametrize("mode", GATHER_MODES)
@pytest.mark.parametrize("line", LINES)
def test_a_tally_is_what_a_lab_counts(key, mode, line):
    """With a journal or without one, the last operation costs the same under every kernel."""
    assert tally(LINES[line], key, mode).costs == last_costs(LINES[line], key, mode)
