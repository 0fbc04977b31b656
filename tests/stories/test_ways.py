"""Ways between the pages: there, and back to where one was."""

from __future__ import annotations

from pathlib import Path

import pytest

from folioviz import stories
from folioviz.errors import LimitError
from folioviz.files.scenario import MAX_TITLE
from folioviz.files.share import fields_of
from folioviz.stories import ways

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def test_every_story_has_its_page():
    """The notebooks are named by place and key; beside them are the explorer and a running machine."""
    others = {ways.EXPLORER, "running-machine.ipynb"}
    assert {*ways.PAGES.values(), *others} == {path.name for path in NOTEBOOKS.glob("*.ipynb")}


WRITTEN = {
    "kernel": "v6.9",
    "gather": "none",
    "setup": "mm; mmap 1 0 4",
    "cpus": "exit 1 | shrink 4",
    "laws": "references",
    "schedule": "1x12.0x18",
    "step": "7",
}
"""A text for each choice that is no list."""


@pytest.mark.parametrize("key", stories.KEYS)
def test_the_way_back_leads_to_the_same_choices(key):
    """The first choices, and all last ones: what a link says of its story brings them back, and tells the answer."""
    story = stories.find(key)
    last = {one.name: one.options[-1][1] if one.options else WRITTEN[one.name] for one in story.choices}
    for values in (story.values, last):
        found = ways.back(ways.origin(key, values))

        assert (found.page, story.asked(fields_of(found.query))) == (ways.PAGES[key], (values, ()))
        assert found.query or not story.choices


def test_the_tour_is_a_story_without_choices():
    """It has its stops; whatever else its way back says is left out."""
    assert ways.back("tour?stop=3&x=1").address == "00-tour.ipynb?stop=3"
    assert ways.back("tour") == ways.back("tour?x=<b>") == ways.Way("the tour", "00-tour.ipynb", "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "from is ''"),
        ("https://example.org/", "from is 'https://example.org/': it must be the name of a story"),
        ("javascript:alert(1)", "from is 'javascript:alert(1)'"),
        ("../04-batch-end.ipynb", "from is '../04"),
        ("x" * 9000, "from is 'xxx"),
        ("tour?stop=6", "stop is '6': it must be 1 to 5"),
        ("batch-end?order=99", "from: the choice order is '99': it must be one of 2, 3, 4, 5, 6"),
        ("batch-end?way=%3Cscript%3E", "from: the choice way is '<script>'"),
    ],
)
def test_a_way_back_is_to_a_story(text, told):
    """Anything else is an error that names the value, cut short, and what is allowed."""
    with pytest.raises(LimitError) as error:
        ways.back(text)

    assert str(error.value).startswith(told)
    assert len(str(error.value)) < 300


def test_what_is_no_choice_is_left_out_of_the_way_back():
    """Only the story's own choices get into its address."""
    assert ways.back("batch-end?order=3&x=1&s=abc").address == "04-batch-end.ipynb?order=3"


def test_a_link_into_the_explorer_is_called_by_its_row():
    """Title and story are in it; a long title is cut; a scenario of the library has its own; without a story, none."""
    fields = fields_of(ways.explorer("s=abc", "batch-end?order=3", "row “a & b”, flushes").partition("?")[2])
    long = fields_of(ways.explorer("s=abc", "batch-end", "x" * 500).partition("?")[2])

    assert fields == {"s": "abc", "title": "Story 4, row “a & b”, flushes", "from": "batch-end?order=3"}
    assert len(long["title"]) == MAX_TITLE
    assert ways.explorer("scenario=front", "tour", "x") == "explorer.ipynb?scenario=front&from=tour"
    assert ways.explorer("s=abc") == "explorer.ipynb?s=abc"
