"""What the files say, kernel by kernel: read off the page, against what is known from elsewhere."""

from __future__ import annotations

import re
from html import unescape

import pytest

from folioviz.files.scenario import from_builtins
from folioviz.proc.node import totals
from folioviz.views import Story
from folioviz.views.session.session import Session
from folioviz.views.story_panels.what_files_say import LEFT, ON_LISTS, read

TAG = re.compile("<.*?>")
HALF = "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 256 256; shrink 1"


def shown(board):
    """Return what the table says: (file, field) -> the values of the kernels."""
    rows = re.findall(
        r"<tr(?: [^>]*)?><th[^>]*><small>(.*?)</small> (.*?)</th>(.*?)</tr>",
        board.screen._now["files"]["table"],
    )
    plain = re.compile("<.*?>")
    return {
        (unescape(file), plain.sub("", field)): [
            unescape(plain.sub("", one)) for one in re.findall("<td.*?</td>", cells)
        ]
        for file, field, cells in rows
    }


@pytest.fixture
def board():
    """Return the story with a half of a huge page dropped, under v7.3 and v6.1."""
    return Story("lost-memory", link="?case=half&a=v7.3&b=v6.1")


def test_half_a_huge_page_is_dropped(board):
    """The landing page's table: Rss falls by the half, AnonHugePages by all, the lists by nothing; one is queued."""
    found = shown(board)

    assert found["/proc/1/smaps_rollup", "Rss, kB"] == ["2,048 → 1,024"] * 2
    assert found["/proc/1/smaps_rollup", "AnonHugePages, kB"] == ["2,048 → 0"] * 2
    assert found["memory.stat", f"{ON_LISTS}, bytes"] == ["2,097,152"] * 2
    assert found["memory.stat", "anon, bytes"] == ["2,097,152 → 1,048,576"] * 2
    assert found["memory.stat", LEFT] == ["0 → 1,048,576"] * 2
    assert found["/proc/vmstat", "thp_deferred_split_page"] == ["0 → 1"] * 2
    assert found["hugepages-2048kB/stats", "nr_anon_partially_mapped"] == ["0 → 1", "–"]


def test_the_shrinker_has_been_there(board):
    """What was lost is off the lists, and Rss stays."""
    board.session.do("shrink")
    board.events.heard({"click": "do:end"})
    found = shown(board)

    assert found["/proc/1/smaps_rollup", "Rss, kB"] == ["1,024"] * 2
    assert found["memory.stat", f"{ON_LISTS}, bytes"] == ["2,097,152 → 1,048,576"] * 2
    assert found["memory.stat", LEFT] == ["1,048,576 → 0"] * 2
    assert found["/proc/vmstat", "thp_split_page"] == ["0 → 1"] * 2


def test_without_page_mapcounts_the_files_are_blind():
    """Anon counts whole folios: it stays, and the difference is 0 although half is lost; Rss says it."""
    found = shown(Story("lost-memory", link="?case=half&a=v7.3%2Bno-page-mapcount"))

    assert found["memory.stat", "anon, bytes"] == ["2,097,152"]
    assert found["memory.stat", LEFT] == ["0"]
    assert found["/proc/1/smaps_rollup", "Rss, kB"] == ["2,048 → 1,024"]


def test_reading_changes_nothing(board):
    """The labs are where they were, step after step, and the values before are those at the operation's begin."""
    board.session.do("shrink")
    board.events.heard({"click": "do:end"})
    for _ in range(5):
        board.events.heard({"click": "do:back"})
        sides = board.session.frame.sides
        assert [track.lab.cursor for track in board.session.history.tracks] == [side.row for side in sides]
    assert shown(board)["memory.stat", f"{ON_LISTS}, bytes"][0].startswith("2,097,152 → ")


@pytest.mark.parametrize("key", ["v6.1", "v6.12", "v7.3", "v7.3+no-page-mapcount"])
def test_every_page_counts_once_in_the_middle_of_a_split(key):
    """Never more than the folio had; mapped stays, as for RSS."""
    session = Session(from_builtins({"ops": HALF, "kernels": [key]}))
    begin, end = session.history.axis.begins[-2:]
    [track] = session.history.tracks
    held = []
    for position in range(begin, end, 61):
        session.seek(position)
        now = totals(track.lab.machine)
        assert now.mapped == 256
        assert now.held + session.frame.sides[0].so_far["pfree"] - 512 in (0, 1)
        assert read(track.lab)["memory.stat", f"{ON_LISTS}, bytes"] == now.held * 4096
        held.append(now.held)

    assert held[0] == 512
    assert held[-1] < 300


def test_the_words_lead_through_the_reference():
    """With a reference the shrinker gives back nothing; unpinned, its next run gives back the half."""
    board = Story("lost-memory", link="?case=half&also=pin")
    left = []
    for action in ("shrink", "put", "shrink"):
        board.events.heard({"click": f"act:{action}"})
        board.events.heard({"click": "do:end"})
        left.append(shown(board)["memory.stat", LEFT][0].rpartition(" ")[2])

    assert board.session.frame.messages == {}
    assert left == ["1,048,576", "1,048,576", "0"]
