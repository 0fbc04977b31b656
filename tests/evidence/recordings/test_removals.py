"""The rmap removals of a step, as events tell of them."""

from __future__ import annotations

import pytest

from folioviz.evidence.recordings.removals import Removal, recorded

RM = {"e": "rm", "f": 0, "o": 5, "n": 1, "st": 0, "compound": 0}


def test_events_are_spread_out():
    """A run, a repeated block with its steps, a batch and a PMD."""
    events = [
        RM | {"n": 2, "st": 1},
        {"repeat": 2, "block": [RM, {"e": "dsf", "f": 0, "o": 0}], "o_step": [3, 0]},
        {"e": "rmptes", "f": 1, "o": 0, "nr": 16},
        {"e": "rmpmd", "f": 2, "o": 0},
        {"e": "rm", "f": 2, "o": 0, "compound": 1},
    ]

    assert recorded(events) == (
        *(Removal(0, page, 1) for page in (5, 6, 5, 8)),
        Removal(1, 0, 16),
        Removal(2, 0, 0),
        Removal(2, 0, 0),
    )


@pytest.mark.parametrize(
    "events",
    [
        None,
        [RM, ["...", 28]],
        [5],
        [{}],
        [{"e": "rm"}],
        [RM | {"f": "0"}],
        [RM | {"n": 10**12}],
        [RM | {"n": 10**20}],
        [RM | {"n": "2"}],
        [{"repeat": 3}],
        [{"repeat": 10**9, "block": [{"repeat": 10**9, "block": []}]}],
        [{"repeat": 2, "block": [RM], "o_step": []}],
        [{"repeat": 2, "block": [[RM]], "o_step": [1]}],
    ],
)
def test_a_list_that_is_not_complete_says_nothing(events):
    """Cut short, endless or no events at all: then there is nothing to compare."""
    assert recorded(events) is None


def test_a_removal_in_words():
    """As a list of differences shows it."""
    assert [str(Removal(3, 4, 12)), str(Removal(3, 0, 0))] == [
        "folio 3: 12 from page 4 on",
        "folio 3: its PMD",
    ]
