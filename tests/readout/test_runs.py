"""Runs of values that are alike, and of numbers that follow each other."""

from __future__ import annotations

from itertools import chain, pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from folioviz.readout.runs import placed, ranges, runs, spans


@given(st.lists(st.integers(0, 2)))
def test_runs_are_the_values_again(values):
    """Written out, runs are what they were made from, and no two neighbours have the same value."""
    found = runs(np.array(values, np.int32))

    assert list(chain.from_iterable([value] * count for value, count in found)) == values
    assert all(one[0] != other[0] for one, other in pairwise(found))


@given(st.lists(st.integers(0, 2)))
def test_each_run_says_where_it_is(values):
    """Every value between its start and its end is the run's, and a run begins where the one before it ends."""
    found = placed(np.array(values, np.int32))

    assert all(set(values[start:end]) == {value} for start, end, value in found)
    assert [0, *(end for _, end, _ in found)] == [*(start for start, _, _ in found), len(values)]


@given(st.sets(st.integers(0, 40)))
def test_ranges_are_the_numbers_again(numbers):
    """Written out, ranges are what they were made from, and a gap lies between any two."""
    found = ranges(sorted(numbers))

    assert list(chain.from_iterable(range(first, last + 1) for first, last in found)) == sorted(numbers)
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(found))


def test_spans_lie_between_the_ends():
    """A single value is one span."""
    assert list(spans(np.array([False, True, False]))) == [(0, 2), (2, 4)]
    assert list(spans(np.array([], bool))) == [(0, 1)]
