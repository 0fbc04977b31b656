"""An exception is meant for what was seen, and for nothing that is only like it."""

from __future__ import annotations

import pytest

from folioviz.evidence.recordings.exclusions import EXCLUSIONS, OPERATION, Place, excluded

CASES = [
    (entry, word, case)
    for entry in EXCLUSIONS
    for word in entry.words
    for case in entry.cases
    if entry.field != OPERATION
]
IDS = [f"{entry.field}-{word}-{case.scenario}" for entry, word, case in CASES]


def elsewhere(release, word):
    """Return a step of somebody else's recording."""
    return Place("of somebody", release, "own", 7, word)


@pytest.mark.parametrize(("entry", "word", "case"), CASES, ids=IDS)
def test_exact_values_are_accepted(entry, word, case):
    """The values that were seen are, on a kernel of that age; any other on either side is a difference."""
    place = elsewhere(entry.releases[0], word)

    assert excluded(place, entry.field, *case[3:]) is not None
    for values in ((99, case.modelled), (case.recorded, 99), case[:2:-1], (None, None), (0, 0)):
        assert excluded(place, entry.field, *values) is None


@pytest.mark.parametrize(("entry", "word", "case"), CASES, ids=IDS)
def test_nothing_else_is_accepted(entry, word, case):
    """Another operation, another field, and the releases before the first and after the last are differences."""
    first, end = entry.releases
    for release, other in (((first[0], first[1] - 1), word), (end, word), (first, "touch"), (first, "fork")):
        assert excluded(elsewhere(release, other), entry.field, *case[3:]) is None
    assert excluded(elsewhere(first, word), "thp_split_pmd", *case[3:]) is None


@pytest.mark.parametrize(("entry", "word", "case"), CASES, ids=IDS)
def test_of_the_packages_own_only_the_listed_step_is_accepted(entry, word, case):
    """Its values at another step, or another case's at this one, are differences."""
    own = Place(case.kernel, entry.releases[0], case.scenario, case.step, word, ours=True)

    assert excluded(own, entry.field, *case[3:]) is entry
    assert excluded(own._replace(step=case.step + 1), entry.field, *case[3:]) is None
    for other in entry.cases:
        if other[3:] != case[3:]:
            assert excluded(own, entry.field, *other[3:]) is None


@pytest.mark.parametrize("release", [(6, 19), (7, 0), (7, 1)])
def test_from_v6_19_on_nothing_is_done_twice(release):
    """The shrinker takes the queue's lock once there, and debugfs tries to split once."""
    for word in ("dropcaches", "reclaim", "split"):
        for field in {entry.field for entry, _, _ in CASES}:
            assert not any(excluded(elsewhere(release, word), field, n + 1, n) for n in range(4))
