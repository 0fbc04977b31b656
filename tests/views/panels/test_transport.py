"""The transport: what plays goes on until its end, or until a hand takes over."""

from __future__ import annotations

import pytest

from folioviz import stories
from folioviz.views import Explorer, Story
from folioviz.views.panels.events import MOVES
from folioviz.views.session.session import Session

SCENARIO = "first-look"
JUMPS = {"Home", "End", "ArrowLeft", "ArrowRight", "Shift+ArrowLeft", "Shift+ArrowRight", ".", ","}
HANDS = (
    *({"key": key} for key in sorted(JUMPS)),
    *({"click": f"do:{name}"} for name in MOVES),
    {"seek": 5},
    {"click": "op:0"},
    {"click": "row:A:3"},
    {"key": "m"},
    {"key": "u"},
    {"click": "act:munmap"},
    {"edit": ["delete", 2, ""]},
)
"""What a hand does to time, or to what there is."""
LOOKS = (
    {"key": "]"},
    {"key": "+"},
    {"key": "c"},
    {"click": "do:zoomall"},
    {"click": "folio:2"},
    {"select": [1, 0, 4]},
    {"count": "refcount"},
)
"""What only looks at it."""


def playing(board):
    """Let a board play from a place with steps before and behind it; return what the browser is told."""
    board.session.seek(board.session.history.axis.begins[-2] + 9)
    board.transport.toggle()
    board.events.heard({"step": 1})
    head = board.screen.get_state()["data"]["head"]
    assert (head["playing"], head["value"]) == (True, board.session.history.axis.begins[-2] + 10)
    return lambda: board.screen.get_state()["data"]["head"]


@pytest.mark.parametrize("hand", HANDS, ids=str)
def test_a_hand_ends_a_play(hand):
    """The playhead is where the hand brought it, and a step that was on its way does not move it again."""
    board = Explorer(Session(SCENARIO))
    head = playing(board)
    board.events.heard(hand)
    there = head()["value"]
    board.events.heard({"step": 1})
    board.events.heard({"stride": 9})

    assert (head()["playing"], head()["value"]) == (False, there)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_play_goes_on_while_one_looks(look):
    """Selecting, zooming, reading: the next step comes all the same."""
    board = Explorer(Session(SCENARIO))
    head = playing(board)
    board.events.heard(look)
    there = head()["value"]
    board.events.heard({"step": 1})

    assert (head()["playing"], head()["value"]) == (True, there + 1)


def test_home_ends_a_play_that_has_just_begun_there():
    """Also where there is nothing to go to."""
    board = Explorer(Session(SCENARIO))
    board.session.seek(0)
    board.transport.toggle()
    board.events.heard({"key": "Home"})

    assert not board.transport.playing


@pytest.mark.parametrize("key", [key for key in stories.KEYS if stories.find(key).played])
def test_a_hand_ends_what_an_answer_plays(key):
    """Home brings a story back to the start of its history, and it stays there; the case can be played again."""
    board = Story(key)
    board.events.heard({"click": "guess:skip"})
    goal = board.screen.get_state()["data"]["head"]["end"]
    board.events.heard({"key": "Home"})
    board.events.heard({"stride": 9})
    assert not board.transport.playing
    assert board.session.history.position == 0

    board.events.heard({"click": "do:case"})
    board.events.heard({"stride": goal})
    assert board.transport.playing
    assert board.session.history.position == goal
