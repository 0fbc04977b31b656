"""A captured process in a story: an example or one's own, what is selected, and what it becomes."""

from __future__ import annotations

import pytest

from folioviz.stories.parts.programs import PROGRAMS
from folioviz.views import Machine, Story
from folioviz.views.machine_panels.taken import FILES, example
from folioviz.views.panels.cells import SEEN
from tests.boards import on_page
from tests.views.machine_panels import captures


@pytest.fixture
def story():
    """Return the story of lost memory as a visitor has it at first."""
    return Story("lost-memory")


def shown(board, name="captured_process"):
    """Return what the panel shows."""
    return on_page(board)[name]


def test_it_stands_there_before_the_guess_with_an_example(story):
    """Figures, cells, regions and the block that holds most; the way to all of it; a click tells what it becomes."""
    text = shown(story)

    assert "an example capture" in text
    assert "running-machine.ipynb?at=" in text
    assert text.count("<canvas data-heat=") == len(example().capture.regions)
    assert "holds 500 pages" in text
    assert "Becomes" not in text
    story.events.heard({"click": "do:ask"})
    assert "equal to what was read on every page" in shown(story)
    assert "Under v7.3, the shrinker would free 2,000 KiB" in shown(story)


def test_a_capture_of_the_readers_is_shown_and_a_bad_one_told(story):
    """It takes the example's place; a bad file changes nothing but the sentence; the guess is as before."""
    before = on_page(story)["question"]
    story.events.heard({"capture": captures.sent()})
    mine = shown(story)
    story.events.heard({"capture": "x.gz\nAAAA"})

    assert "svc.json.gz" in mine
    assert "file=svc.json.gz" in mine
    assert story.screen._data["captured"] == "svc.json.gz"
    assert "hidden" in mine
    assert "Not opened: " in shown(story)
    assert "svc.json.gz" in shown(story)
    assert on_page(story)["question"] == before
    story.events.heard({"click": "do:ofsaver"})
    assert "Not opened" not in shown(story)
    assert "an example capture of saver.py" in shown(story)


def test_cells_and_regions_are_selected_and_told_of(story):
    """A cell, a whole region, a tooltip of each; what is no cell changes nothing."""
    story.events.heard({"cell": [2, 3]})
    assert story.screen._data["chosen"] == {"region": 2, "block": 3}
    assert "Region 2, block 3" in shown(story)
    for odd in ([9, 0], [1, 99], ["1", 0], [1]):
        story.events.heard({"cell": odd})
        assert story.screen._data["chosen"] == {"region": 2, "block": 3}
    story.events.heard({"click": "region:1"})
    assert story.screen._data["chosen"] == {"region": 1, "block": -1}
    assert "Select a cell" in shown(story)

    said = []
    story.screen.tip = said.append
    for look in (["block", 1, 0], ["card", SEEN, 0, 0], ["term", "pmd"], ["block", 99, 0]):
        story.events.heard({"look": look})
    assert "Region 1, block 0" in said[0]
    assert "folio 0, page 0 of 512" in said[1]
    assert said[3] == ""


def test_the_storys_kernel_is_asked():
    """A chosen kernel A is the one that answers."""
    board = Story("three-programs")
    board.events.heard({"click": "guess:skip"})
    board.follow({"program": "allocator", "a": "v6.12"})

    assert "Under v6.12, the shrinker would free 1,920 KiB" in shown(board, "captured_program")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_is_shown_as_it_was_captured_and_becomes_operations(program):
    """Its 2 MiB are rebuilt without a difference, and the commands that capture one's own name it."""
    board = Story("three-programs")
    assert "captured_program" not in on_page(board)
    board.events.heard({"click": "guess:skip"})
    board.follow({"program": program})
    text = shown(board, "captured_program")

    assert f"python3 examples/{program}.py" in text
    assert f"an example capture of {program}.py" in text
    assert f"?example={program}&amp;at=" in text
    assert "equal to what was read on every page" in text
    assert "explorer.ipynb?s=" in text


@pytest.mark.parametrize("name", FILES)
def test_a_running_machine_opens_the_same(name):
    """The link of the story shows the same capture there; a name that is none is told of."""
    machine = Machine(link=f"?example={name}&at=1.0")

    assert example(name).called in on_page(machine)["what"]
    assert machine.look.taken is example(name)
    assert Machine(link=f"?{machine.look.query}").look.taken is example(name)
    machine.follow({"example": "mumble"})
    assert "the example is &#39;mumble&#39;: it must be one of example, " in on_page(machine)["said"]
    assert machine.look.taken is example(name)
