"""The tour: what its sentences say is what the machine holds, at the place where the figure stands."""

from __future__ import annotations

import re

import pytest

from folioviz.stories import tour
from folioviz.views import Tour

NUMBERS = re.compile(r"\d+")


@pytest.fixture
def board():
    """Make a tour."""
    return Tour()


def seen(board, place):
    """Go to a stop; return its sentence's numbers, and what the machine of the figure holds there."""
    board.go(place)
    side = board.session.frame.sides[0]
    return [int(found) for found in NUMBERS.findall(board.stops[place].text)], side


def test_there_are_five_sentences():
    """Each is one sentence: it begins with a capital or a function, and has one full stop."""
    assert [stop.text.count(".") for stop in tour.stops()] == [1] * 5
    assert all(stop.text.endswith(".") for stop in tour.stops())
    assert [stop.row for stop in tour.stops()] == sorted(stop.row for stop in tour.stops())


def test_a_folio_is_so_many_pages(board):
    """The first stop: pages, KiB, the process, its PTEs."""
    said, side = seen(board, 0)
    [folio], [process] = side.folios, side.processes

    assert said == [folio.mapcount.size, 4 * folio.mapcount.size, process.id, len(process.maps)]


def test_it_is_mapped_twice(board):
    """The second: the child maps as much as its parent; every mapping holds a reference."""
    said, side = seen(board, 1)
    [folio], (parent, child) = side.folios, side.processes

    assert said == [child.id, len(child.maps), len(parent.maps) + len(child.maps), folio.refcount]
    assert len(parent.maps) == len(child.maps) == folio.mapcount.size
    assert (folio.mapcount == 1).all()


def test_half_goes(board):
    """The third: half is mapped, all of it is there, and nothing is queued yet."""
    said, side = seen(board, 2)
    [folio], [process] = side.folios, side.processes

    assert said == [process.id, int((folio.mapcount >= 0).sum()), folio.mapcount.size]
    assert len(process.maps) == folio.mapcount.size // 2
    assert (len(side.queue), folio.flagged) == (0, 0)


def test_it_is_queued(board):
    """The fourth: the pages that nobody maps; the folio is first, and alone, on the queue."""
    said, side = seen(board, 3)
    [folio] = side.folios
    left = int((folio.mapcount < 0).sum())

    assert said == [left, 4 * left]
    assert [one.id for one in side.queue] == [folio.id]
    assert "first on the deferred split queue" in board.stops[3].text


def test_it_is_split(board):
    """The fifth: as many small folios as were mapped; the others are free; nothing is queued."""
    said, side = seen(board, 4)

    assert said == [len(side.folios), len(side.folios), (1 << tour.ORDER) - len(side.folios)]
    assert {one.order for one in side.folios} == {0}
    assert len(side.queue) == 0


def test_keys_and_buttons_go_on_and_back_and_nothing_else_acts(board):
    """At an end one stays; a dot goes there at once; the explorer's keys do nothing here."""
    places = []
    for said in ({"key": "ArrowLeft"}, {"key": "ArrowRight"}, {"click": "do:onward"}, {"click": "do:stop4"}):
        board.events.heard(said)
        places.append((board.place, board.session.history.position))
    board.events.heard({"key": "ArrowRight"})
    for key in ("m", "f", "u", "Home", "."):
        board.events.heard({"key": key})

    assert places == [(place, board.positions[place]) for place in (0, 1, 2, 4)]
    assert board.session.history.position == board.positions[4]
    assert board.session.frame.pending is None
    assert set(board.events.keys) == {"ArrowLeft", "ArrowRight", "Escape"}
