"""Whose unmapped pages come back: the bar of memory, against what the shrinker does."""

from __future__ import annotations

import pytest

from folioviz.files.scenario import from_builtins
from folioviz.kernels import KERNELS
from folioviz.views.session.session import Session
from folioviz.views.story_panels.memory import Held, is_splitting, measure

HUGE = "mm; mmap 1 0 1024; faultpmd 1 0; splitpmd 1 0"
SHRUNK = f"{HUGE}; faultpmd 1 512; splitpmd 1 512; dontneed 1 0 5; dontneed 1 512 7; get 2; shrink 9"
"""Folio 1 is split, folio 2 cannot be: somebody holds it."""


def memory(session):
    """Return what A's folios hold at the playhead."""
    frame = session.frame
    side = frame.sides[0]
    return measure(side, session.history.tracks[0].asking, splitting=is_splitting(frame, side))


def opened(line, kernel):
    """Return a session at the end of a line of operations."""
    session = Session(from_builtins({"ops": line, "kernels": [kernel]}))
    session.seek(session.history.axis.last)
    return session


def test_what_the_shrinker_would_drop_is_not_free():
    """Without page mapcounts an average hides 100 unmapped pages: the folio waits unflagged, and is dropped."""
    line = f"{HUGE}; fork 1; dontneed 1 0 100; dontneed 2 0 100"

    assert memory(opened(line, "v7.3+no-page-mapcount")) == Held(412, 0, 100, 0)
    assert memory(opened(line, "v7.3")) == Held(412, 100, 0, 0)


@pytest.mark.parametrize("key", KERNELS)
def test_the_bar_keeps_its_word(key):
    """Before the shrinker runs five pages can be freed and seven cannot; afterwards the five are gone."""
    session = opened(SHRUNK, key)
    after = memory(session)
    session.undo()
    before = memory(session)

    assert before == Held(1012, 5, 7, 0)
    assert (after.mapped, after.free, after.held) == (1012, 0, before.held - before.free)


@pytest.mark.parametrize("key", ["v6.1", "v6.5-rc3", "v6.8", "v6.12", "v7.3"])
def test_the_shrinkers_own_reference_does_not_count(key):
    """While it has both folios on its list, the pages of the one that is held stay, and those of the other may go."""
    session = opened(SHRUNK, key)
    begin, end = session.history.axis.begins[-2:]
    seen = set()
    for position in range(begin, min(begin + 40, end)):
        session.seek(position)
        if all(folio.scanned for folio in session.frame.sides[0].folios):
            now = memory(session)
            seen.add((now.stuck, now.mapped + now.free))

    assert seen == {(7, 1012 + 5)}


@pytest.mark.parametrize("key", ["v6.1", "v6.5-rc3", "v6.8", "v6.12", "v7.3"])
def test_no_page_is_counted_twice_in_the_middle_of_a_split(key):
    """While tails become folios one by one, RSS stays as it is, and what is held falls by what is freed, never more."""
    session = opened(f"{HUGE}; dontneed 1 5 507; shrink 1", key)
    begin, end = session.history.axis.begins[-2:]
    seen = []
    for position in [*range(begin, begin + 60), *range(begin + 60, end, 211), end]:
        session.seek(position)
        now = memory(session)
        assert (now.mapped, now.stuck, now.lost) == (5, 0, 0), position
        assert session.frame.sides[0].processes[0].rss == 5
        assert now.held + session.frame.sides[0].so_far["pfree"] - 512 in (0, 1)  # one is just being freed
        seen.append(now.free)

    assert seen[0] == 507
    assert seen[-1] == 0
    assert seen == sorted(seen, reverse=True)
