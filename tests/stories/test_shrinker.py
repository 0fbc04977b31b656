"""When do dropped pages go back? The numbers that the story tells."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.ops.ops import Put
from folioviz.stories import find
from folioviz.stories.parts.pieces import BASE, FIRST, SECOND, SERIES, V4
from folioviz.stories.shrinker import STATES, answer, make, ops, runs_of
from folioviz.views.session.session import Session
from folioviz.views.story_panels.memory import Held, measure

STORY = find("shrinker")
ALL_GONE = STORY.values | {"one": "gone", "two": "gone", "three": "gone"}


def shown(session):
    """Return the memory of each kernel at the playhead."""
    tracks = session.history.tracks
    return [measure(side, track.asking) for side, track in zip(session.frame.sides, tracks, strict=True)]


def test_the_answer_is_computed():
    """Nothing comes back at once; the shrinker frees the eight pages."""
    right, because = answer()

    assert STORY.question.options[right] == "none"
    assert "gives back 0 pages" in because
    assert "8 of its 16 pages are still mapped" in because
    assert because.endswith("8 pages go back.")


def test_the_youngest_is_tried_first_and_the_queue_is_reversed():
    """The private list is the reverse of the queue, and what fails goes to the tail in that order."""
    [run] = runs_of(ops(STORY.values), FIRST)

    assert run.before == (1, 2, 3)
    assert run.tried == ((3, "−EBUSY"), (2, "−EAGAIN"), (1, "split"))
    assert run.after == (3, 2)
    assert (run.freed, run.failed, run.result) == (8, 2, 1)


def test_nr_to_scan_takes_from_the_head():
    """Of two folios to scan, the second of the queue is tried first; both go behind the third."""
    values = STORY.values | {"one": "pinned", "two": "pinned", "three": "pinned", "scan": 2}
    [run] = runs_of(ops(values), V4)

    assert run.tried == ((2, "−EAGAIN"), (1, "−EAGAIN"))
    assert run.after == (3, 2, 1)


@pytest.mark.parametrize("key", [FIRST, SECOND])
def test_page_by_page_leaves_a_referenced_folio_queued(key):
    """A wholly unmapped, referenced folio fails with -16 each time; v4 never queues it."""
    for run in runs_of(ops(ALL_GONE, 3), key):
        assert [what for _, what in run.tried] == ["−EBUSY"] * 3
        assert (run.freed, run.failed, len(run.after)) == (0, 3, 3)
    assert all(run.before == () and run.result == -1 for run in runs_of(ops(ALL_GONE, 3), V4))


def test_only_order_9_is_queued_before_the_series():
    """v6.5-rc3 queues PMD-mappable folios only."""
    [small] = runs_of(ops(STORY.values), BASE)
    [large] = runs_of(ops(STORY.values | {"order": 9}), BASE)

    assert small.before == ()
    assert large.before == (1, 2, 3)
    assert large.freed == 256


def test_memory_before_and_after():
    """48 pages are held for 16 that are mapped; the shrinker gives 8 back, 24 or 24 stay without use."""
    session = Session(make(STORY.values))
    after = shown(session)
    session.undo()
    before = shown(session)

    assert before == [Held(16, 8, 24, 0), Held(16, 8, 8, 16)]
    assert after == [Held(16, 0, 24, 0), Held(16, 0, 8, 16)]


def test_unpinned_it_is_split():
    """Unpin folio 2 and run the shrinker again, as the text proposes: eight more pages come back."""
    session = Session(make(STORY.values))
    session.act(Put(2))
    session.do("shrink")

    assert shown(session)[1] == Held(16, 0, 0, 16)
    assert session.frame.sides[1].so_far["pfree"] == 8


@pytest.mark.slow
@settings(max_examples=max(8, settings.default.max_examples // 6))
@given(
    st.fixed_dictionaries({one.name: st.sampled_from([v for _, v in one.options]) for one in STORY.choices})
)
def test_any_choice_makes_a_scenario_and_numbers(values):
    """Nothing that can be chosen fails, and no page is counted twice."""
    values = values | {"order": min(values["order"], 6)}
    session = Session(make(values))

    for side, memory in zip(session.frame.sides, shown(session), strict=True):
        assert memory.held == sum(1 << folio.order for folio in side.folios)
    assert [len(table.rows) for table in STORY.numbers(values)] == [4, 4, 2]


@pytest.mark.slow
def test_every_mix_of_states_runs():
    """Each of the 64 mixes gives back just the unmapped pages of folios that can be split."""
    for mix in product([value for _, value in STATES], repeat=3):
        values = STORY.values | dict(zip(("one", "two", "three"), mix, strict=True))
        for key in SERIES[1:]:
            [run] = runs_of(ops(values), key)
            assert run.freed == 8 * mix.count("half"), (mix, key)
