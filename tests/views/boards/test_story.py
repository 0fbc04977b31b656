"""A story's board: at rest before the guess, the question's case after it, words that do what they say, its tables."""

from __future__ import annotations

import re

import pytest

from folioviz import stories
from folioviz.errors import LimitError
from folioviz.stories.parts.parts import UNLISTED
from folioviz.views import Story
from folioviz.views.boards.story import ONE
from folioviz.views.panels.events import BUTTONS
from folioviz.views.panels.prose import prose
from folioviz.views.panels.story_parts import instruction
from folioviz.views.session.actions import ACTIONS
from folioviz.views.session.session import Session
from tests.boards import on_page

ASKED = {
    "counters": {"how": "gone", "order": 4},
    "spurious-visit": {"a": "v6.5-rc3+v4.1", "order": 4},
    "three-patches": {"patch": "2"},
    "batch-end": {"a": "v6.5-rc3+v4", "way": "table", "order": 4},
    "s390": {"a": "v6.5-rc3+v3", "gather": "none", "order": 4, "held": "nobody"},
    "flushes": {"a": "v6.5-rc3+v4", "folios": 64, "order": 4, "call": "munmap", "memory": "enough"},
    "refcount-order": {"a": "v6.5-rc3+v4", "gather": "batched", "call": "whole", "pin": "yes"},
    "who-keeps-it": {"a": "v6.5-rc3+v4", "parent": "first", "begins": "parent", "order": 4},
    "shrinker": {"a": "v6.5-rc3+v4", "one": "half", "two": "whole", "three": "whole", "order": 4},
    "order-1": {"a": "v6.5-rc3+v4.1", "order": 1, "part": "page"},
    "costs": {"a": "v6.5-rc3", "b": "v6.5-rc3+v4", "order": 9, "range": "whole", "who": "one"},
    "own-patch": {"patch": "never"},
    "from-3n-to-2": {"range": "whole"},
    "partially-mapped": {"b": "v7.3+no-page-mapcount", "order": 4, "parent": "half", "child": "half"},
    "still-spurious": {"case": "vma", "edge": "half", "order": 9},
    "reuse-after-fork": {"a": "v7.3", "b": "v6.12", "kind": "pte", "writes": "every", "writer": "parent"},
    "lost-memory": {"a": "v7.3", "case": "linker", "also": "nobody"},
    "contention": {"workload": "fault-unmap", "a": "v6.5-rc3+v4.1", "b": "v6.5-rc3+v4", "queues": 1},
    "races": {"race": "k1"},
    "kernel-tests": {"case": "cow-child-holds"},
    "made-whole": {"how": "written", "who": "both", "size": 9, "a": "v7.3"},
    "three-programs": {"program": "saver", "size": 9, "way": "own", "then": "nothing"},
    "truth": {"recording": "d9_pte_munmap", "kernel": "6.1.192"},
}
"""The choices that the words of each question name."""
OTHERS = {"counters", "three-patches", "refcount-order", "costs", "still-spurious"}
"""Stories that go on with another case than the one asked about."""


@pytest.mark.parametrize("key", stories.KEYS)
def test_the_answer_shows_the_case_that_was_asked_about(key):
    """At rest before the guess, with nothing that tells the answer; then the case, played to where it must stop."""
    board = Story(key)
    story, history = board.story, board.session.history
    before = len(history.ops) - story.question.asked
    rest = history.axis.begins[before]

    asked = ASKED.get(key, {})
    assert {name: story.case[name] for name in asked} == asked
    assert set(on_page(board)) == {"called", "question", *story.below}
    assert history.position == rest
    assert on_page(board)["question"].count("<p><b>folio ") == min(
        story.question.figures, len(board.session.frame.sides[0].folios)
    )

    board.events.heard({"click": "guess:skip"})
    played = story.played
    shown = {name: menu.value for name, menu in board.pickers.items()}
    assert shown | {one.name: one.value for one in story.choices if isinstance(one, UNLISTED)} == story.case
    assert story.case == board.values
    assert played == (history.position == rest)
    assert not played or rest < board.screen.get_state()["data"]["head"]["end"] <= history.axis.last
    assert not played or board.transport.playing
    assert ("now try" in on_page(board)["question"]) == (story.case != story.values)
    assert story.case != story.values or key not in OTHERS


@pytest.mark.parametrize("key", stories.KEYS)
def test_its_words_do_what_they_say(key):
    """Every instruction is a button that the board knows; a choice makes a scenario that can be shown."""
    board = Story(key)
    taken = []
    board._take = taken.append
    text = "".join(re.findall(r"\]\((.*?)\)", "".join(stories.words(key))))
    targets = re.findall(r'data-fv="(.*?)"', prose("".join(stories.words(key)), board._instruction))
    tries = [target for target in targets if target.startswith("do:try") and target != "do:try"]

    assert len(tries) == text.count("try:") > 0
    for target in targets:
        kind, _, name = target.partition(":")
        if kind == "act":
            assert name in ACTIONS
        elif kind == "do":
            assert name in {*board.events.extra, *BUTTONS}
    for target in tries:
        board.events.heard({"click": target})
        assert Session(board.story.make(taken[-1])).messages == {}


@pytest.mark.parametrize("key", stories.KEYS)
def test_a_folded_table_says_what_it_comes_to(key):
    """One table is open; each of the others has its result, computed from its rows, in its one line."""
    board = Story(key)
    board.events.heard({"click": "guess:skip"})
    found = board.story.numbers(board.values)
    shown = on_page(board).get("numbers", "")

    assert shown.count("<details") == len(found)
    assert shown.count(" open><summary>") == min(1, len(found))
    assert [one.caption for one in found[1:] if not one.result(one.rows)] == []
    assert re.findall(r"\d", "".join(one.result(one.rows) for one in found[1:])) or len(found) < 2


PAIRS = [key for key in stories.KEYS if {"a", "b"} <= stories.find(key).values.keys()]


@pytest.mark.parametrize("key", PAIRS)
def test_a_kernel_that_is_chosen_twice_is_shown_once_and_it_is_said(key):
    """B is not dropped in silence; with another kernel nothing is said."""
    board = Story(key)
    board.events.heard({"click": "guess:skip"})
    assert ONE not in on_page(board)["story"]

    board._picked({"b": board.values["a"]})
    assert (ONE in on_page(board)["story"], len(board.session.frame.sides)) == (True, 1)


def test_a_choice_of_the_words_is_checked():
    """A choice or a value that the story does not have is an error that names it."""
    story = stories.find("counters")

    with pytest.raises(LimitError, match="the choice how is 'never'"):
        story.chosen("how=never")
    with pytest.raises(LimitError, match="the choice is 'colour': it must be one of how"):
        story.chosen("colour=red")


def test_prose_is_html():
    """Headings, lists, what is folded, marks within marks; what is HTML already is text."""
    text = "## A `b_c`\n\n- *one* <two>\n- **the [three](do:next)**\n\n> **More** of [it](a.ipynb)"

    assert prose(text, instruction) == (
        "<h2>A <code>b_c</code></h2><ul><li><i>one</i> &lt;two&gt;</li><li><b>the "
        '<button class="fv-link" data-fv="do:next">three</button></b></li></ul>'
        '<details><summary>More</summary><p>of <a href="a.ipynb">it</a></p></details>'
    )
