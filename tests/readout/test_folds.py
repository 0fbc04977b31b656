"""Folding loses nothing, and folds what it should."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from folioviz.readout.folds import fold


def folded(text):
    """Fold letters, all equally deep; return what is left as (letter or "" for a loop's head, counts at it)."""
    letters = sorted(set(text))
    marks = np.array([letters.index(letter) for letter in text], np.int64)
    found = fold(np.zeros(len(text), np.int64), marks)
    return [(text[one.first] if one.first >= 0 else "", one.counted) for one in found]


def test_a_run_is_one_line():
    """With its count."""
    assert [("a", ()), ("b", (3,)), ("c", ())] == folded("abbbc")


def test_a_loop_has_a_head_and_its_lines_once():
    """What alternates repeats as a group; a run in it keeps its own count."""
    assert [("", (3,)), ("a", ()), ("b", (2,)), ("c", ())] == folded("abbabbabbc")


def test_a_call_and_what_it_does_need_no_head():
    """The count stands at the call that is around all the rest."""
    found = fold(np.array([0, 1, 1, 0, 1, 1]), np.array([0, 1, 2, 0, 1, 2]))

    assert [(0, (2,)), (1, ()), (2, ())] == [(one.first, one.counted) for one in found]


def test_a_call_that_does_more_is_no_repetition():
    """The last of three calls has a line more: two are folded, it stands alone."""
    found = fold(np.array([0, 1, 0, 1, 0, 1, 1]), np.array([0, 1, 0, 1, 0, 1, 2]))

    assert [(0, (2,)), (1, ()), (4, ()), (5, ()), (6, ())] == [(one.first, one.counted) for one in found]


def test_further_marks_fold_what_the_first_kept_apart():
    """Runs of one folio first, then runs of folios."""
    found = fold(np.zeros(6, np.int64), np.array([1, 1, 2, 2, 3, 3]), np.zeros(6, np.int64))

    assert [(0, (3, 2), [[0, 1], [2, 3], [4, 5]])] == [
        (one.first, one.counted, one.lines.tolist()) for one in found
    ]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 1)), max_size=80), st.data())
def test_every_line_is_there_once_and_its_repetitions_are_alike(lines, data):
    """Whatever the lines; and the lines of a fold are its block, again and again."""
    again = data.draw(st.integers(1, 5))
    table = np.array(lines * again, np.int64).reshape(-1, 3)
    one, other = table[:, 0] * 9 + table[:, 1] * 3 + table[:, 2], table[:, 0] * 3 + table[:, 1]
    found = fold(table[:, 0], one, other)
    stands = [line for each in found for line in each.lines.ravel().tolist()]

    assert sorted(stands) == list(range(len(table)))
    for line in range(len(table)):
        assert [line in each.lines for each in found] == [each.holds(line) for each in found]
    for each in found:
        assert len({*other[each.lines.ravel()].tolist()}) <= 1
        assert each.lines.ravel().tolist() == sorted(each.lines.ravel().tolist())
