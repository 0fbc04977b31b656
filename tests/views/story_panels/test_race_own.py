"""A race of one's own: what is written in the fields is searched, or refused in words; a link holds it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from folioviz.race import link
from folioviz.race.library import LIBRARY
from folioviz.stories.parts import searches
from folioviz.views import Story
from folioviz.views.panels.work import Work
from tests.boards import on_page

THREE = {
    "kernel": "v6.9",
    "gather": "batched",
    "laws": "",
    "setup": "mm; mmap 1 0 64; fault 1 0 2; fork 1; fork 1",
    "cpu0": "dontneed 1 0 1",
    "cpu1": "dontneed 2 0 1",
    "cpu2": "dontneed 3 0 1",
}


def written(board, **fields):
    """Write a race in the fields and press the button."""
    board.events.heard({"ownrace": urlencode(THREE | fields)})


def shown(board, slot):
    """Return the text of a slot."""
    return " ".join(on_page(board)[slot].striptags().split())


@pytest.fixture
def board(monkeypatch):
    """Return the story at a race that was searched before; whatever else is asked for is searched at once."""
    monkeypatch.setattr(Work, "able", False)
    searches.explored(searches.of("k3"))
    return Story("races", link="?race=k3")


@pytest.mark.slow
def test_what_is_written_is_searched_to_its_end(board):
    """Three CPUs have three lanes; the verdict is the search's; the link brings the same race back."""
    written(board)
    race = link.own({**THREE, "cpus": link.BETWEEN.join(THREE[f"cpu{cpu}"] for cpu in range(3))})
    found = searches.explored(race)

    assert (board.values["race"], board.values["setup"]) == (link.OWN, THREE["setup"])
    assert f"Complete: {found.schedules:,} schedules in {found.states:,} states." in shown(board, "racehead")
    assert all(f"CPU {cpu}" in shown(board, "racelanes") for cpu in range(3))
    again = Story("races", link=f"?{board.screen.get_state()['data']['link']['query']}")
    assert shown(again, "racehead") == shown(board, "racehead")


def test_a_search_has_an_end(board, monkeypatch):
    """After so many states it stops, and says that not all is covered."""
    monkeypatch.setattr(searches, "OWN_STATES", 50)
    written(board, cpu0="munmap 1 0 4")

    assert "Stopped at 50 states: not every schedule is covered." in shown(board, "racehead")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"cpu0": "", "cpu1": "", "cpu2": ""}, "No CPU does anything"),
        ({"cpu1": "zero 1 0 4"}, "zero"),
        ({"cpu1": "munmap 1 0"}, "munmap MM VPN PAGES"),
        ({"cpu1": "munmap 9 0 4"}, "process 9"),
        ({"kernel": "v9.9"}, "v9.9"),
        ({"laws": "nope"}, "nope"),
        ({"setup": "mm; " * link.MAX_TEXT}, f"at most {link.MAX_TEXT}"),
        ({"cpu0": "<script>"}, "<script>"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(board, fields, said):
    """The thing is named beside the fields; the race that was shown stays."""
    before = dict(board.values)
    written(board, **fields)

    assert said in shown(board, "raceown").replace("&lt;", "<").replace("&gt;", ">")
    assert board.values == before
    assert board.values["race"] in LIBRARY
