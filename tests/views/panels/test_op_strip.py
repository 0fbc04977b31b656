"""The strip of operations: at most so many chips, and what each stands for."""

from __future__ import annotations

import re

import pytest

from folioviz.ops.ops import parse_line
from folioviz.views.panels.op_strip import MAX_CHIPS, chips, runs
from folioviz.views.session.session import Session

A = "v6.5-rc3+v4"
LONG = "mm; mmap 1 0 512; " + "; ".join(f"fault 1 {8 * k} 3" for k in range(20)) + "; fork 1; fork 1; exit 2"


def session_of(line):
    """Return a session with these operations."""
    session = Session()
    session.run(parse_line(line), A)
    return session


@pytest.mark.parametrize("place", [0, 1, 2, 9, 21, 22, 24])
def test_each_operation_is_on_one_chip_or_counted(place):
    """Wherever the playhead is: that operation stands alone, and with those before and after none is missing."""
    session = session_of(LONG)
    session.go_to_op(place)
    frame = session.frame
    found = runs(frame)
    text = str(chips(frame))

    assert [one for run in found for one in run] == list(range(len(frame.ops)))
    assert range(place, place + 1) in found
    assert 'aria-current="true" title="go to where this operation is complete' in text
    assert text.count("<button") <= MAX_CHIPS
    assert all(len({frame.ops[one].word for one in run}) == 1 for run in found)


def test_those_of_a_kind_are_counted():
    """Twenty folios of order 3 stand on one chip, which has their numbers; a short history has a chip each."""
    session = session_of(LONG)
    session.go_to_op(24)
    text = str(chips(session.frame))

    assert "<small>3–22</small> 20 × fault order 3" in text
    assert "<small>23–24</small> 2 × fork" in text
    assert "×" not in str(chips(session_of("mm; mmap 1 0 64; fault 1 0 3; fault 1 8 3; fault 1 16 3").frame))


def test_those_that_have_no_room_are_counted():
    """Operations of many kinds: eight chips, and how many there are before and after them."""
    line = "mm; mmap 1 0 64; " + "; ".join(
        f"fault 1 {16 * (k % 4)} {1 + k % 3}; dontneed 1 0 64" for k in range(8)
    )
    session = session_of(line)
    session.go_to_op(9)
    text = str(chips(session.frame))

    assert re.findall(r"\+(\d+) (before|more)", text) == [("5", "before"), ("5", "more")]
    assert text.count("<button") == MAX_CHIPS
