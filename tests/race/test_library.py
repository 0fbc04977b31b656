"""The library of races: each is as it is said to be, and what breaks a law can be played again."""

from __future__ import annotations

import pytest

from folioviz.race.document import find
from folioviz.race.library import CANDIDATE, LIBRARY, RACES

LONG = {"k2", "k2-fixed", "exit-shrink-v4", "exit-shrink-v6.12"}
"""Of these only schedules of two preemptions are tried here; benchmarks/race.py tries all."""


@pytest.mark.parametrize("name", LIBRARY)
def test_a_race_is_as_it_is_said_to_be(name):
    """Every schedule is tried: the laws that are broken, with how few preemptions, and each can be played again."""
    known = LIBRARY[name]
    race = find(name).race()
    found = race.explore(preemptions=2 if name in LONG else None)

    assert found.complete
    laws = [one.law for one in found.violations]
    assert all(any(words in law for law in laws) for words in known.finds)
    assert all(any(words in law for words in known.finds) for law in laws)
    if known.finds:
        assert found.violations[0].preemptions == known.preemptions
    for one in found.violations:
        assert race.play(one.schedule).violation == one.law


def test_there_are_enough_of_them():
    """Names are unique; a fix stands beside what it fixes, and finds nothing."""
    assert len(LIBRARY) == len(RACES) >= 14
    for name in LIBRARY:
        if name.endswith("-fixed"):
            assert LIBRARY[name].finds == ()
            assert LIBRARY[name.removesuffix("-fixed")].finds != ()


def test_a_candidate_says_so():
    """What no report is known of says it wherever it is shown."""
    assert [race.name for race in RACES if race.candidate] == ["k1b", "three-shrink"]
    assert CANDIDATE in find("k1b").about
    assert CANDIDATE not in find("k1").about
