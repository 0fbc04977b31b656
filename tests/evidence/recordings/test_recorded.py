"""A recorded step as a view."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz.evidence.recordings.format import About, Step
from folioviz.evidence.recordings.kernel_side import observe
from folioviz.evidence.recordings.naming import Names
from folioviz.evidence.recordings.observed import UNKNOWN

ABOUT = About("x", "7.3.4", kcore=1, trace=1)


def calls(op, n=None, kp=None, about=ABOUT):
    """Return the calls of a step."""
    return observe(about, Step("x", 0, op, n=n, kp=kp)).calls


def test_what_was_counted_counts():
    """A count is taken as it is; what is not there was not called."""
    found = calls("P munmap a 0 4", {"rmap_remove": 3, "tlb_remove": 2}, [{"e": "rmptes", "n": 5}])

    assert found == {"rmap_remove": 3, "tlb_remove": 2, "deferred_split": 0, "unqueue": 0}


@pytest.mark.parametrize("op", ["P exit", "P fork C", "dropcaches 2", "split P a 0 4"])
def test_where_nobody_counted_events_do(op):
    """Removals come from the events there; what is no event is unknown."""
    events = [{"repeat": 3, "block": [{"e": "rm", "n": 2}, {"e": "dsf"}]}, {"e": "rmpmd"}]

    assert calls(op, {}, events) == {
        "rmap_remove": 7, "deferred_split": 3, "unqueue": 0, "tlb_remove": -1, "rmap_add": -1
    }  # fmt: skip


def test_a_list_of_events_that_was_cut_short_says_nothing():
    """Unknown is not none."""
    assert calls("P exit", {}, [{"e": "rm"}, ["...", 9]])["rmap_remove"] == -1
    assert calls("P exit", {}, None)["rmap_remove"] == -1


def test_without_a_trace_there_are_no_calls():
    """A kernel on which nothing was traced is not said to have called nothing."""
    assert calls("P exit", {}, [], About("x", "7.3.4")) == {}


def test_what_maps_no_page_of_its_own_is_told_apart():
    """A guard marker, the zero page, and what is swapped out."""
    step = Step("x", 0, "P guard a 0 4", procs={"P": {"a": [[0, 4, "g"], [4, 2, "z"], [6, 1, "s"]]}})

    assert observe(ABOUT, step).tables["P a"][:, 0].tolist() == [4, 4, 4, 4, 2, 2, 3]


def test_names_are_given_once():
    """A folio keeps its name, and a name its folio; a folio that is split is another one."""
    names = Names()
    names.learn(np.array([5, 6]), np.array([0, 1]), np.array([4, 4]))
    names.learn(np.array([5, 7]), np.array([3, 1]), np.array([4, 0]))

    assert [names.name(5, 4), names.name(6, 4), names.name(7, 0), names.name(5, 0)] == [
        0,
        1,
        UNKNOWN,
        UNKNOWN,
    ]
