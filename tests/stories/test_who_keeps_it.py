"""Fork, copy-on-write, exit: who keeps the folio? The numbers that the story tells."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.stories import find
from folioviz.stories.parts.pieces import BASE, FIRST, SECOND, SERIES, V4, last_costs
from folioviz.stories.who_keeps_it import CHILD, DEEDS, PARENT, answer, make, ops, outcome
from folioviz.views.session.session import Session

STORY = find("who-keeps-it")
PATCHED = (FIRST, SECOND, V4)


def after(key, parent, child, **more):
    """Return what two deeds lead to."""
    return outcome(ops(STORY.values | {"parent": parent, "child": child} | more), key)


def test_the_answer_is_computed():
    """Different halves leave all sixteen pages mapped, the same half leaves eight."""
    right, because = answer()

    assert STORY.question.options[right] == "only when both drop the same half"
    assert "Different halves leave 16 of 16" in because
    assert "leaves 8 mapped; the other 8 have lost" in because
    assert "the child, who comes second" in because


@pytest.mark.parametrize("key", SERIES)
def test_one_of_two_who_unmaps_everything_queues_nothing(key):
    """NEEDS 4: two processes, one exits or drops all: no lock, nothing queued, all pages mapped."""
    for child, begins in product(("exit", "all"), ("parent", "child")):
        found = after(key, "nothing", child, begins=begins)
        assert (found.queued_by, found.locks, found.mapped, found.held) == (0, 0, 16, 16)


@pytest.mark.parametrize("child", ["first", "all"])
def test_whoever_takes_the_last_mapping_queues(child):
    """NEEDS 4: A drops half, B the same half or all: one lock, one event, still queued; v6.5 nothing."""
    for key in PATCHED:
        found = after(key, "first", child)
        assert (found.queued_by, found.locks, found.queued, found.mapped) == (CHILD, 1, True, 8)
    base = after(BASE, "first", child)
    assert (base.queued_by, base.locks, base.queued) == (0, 0, False)
    assert after(V4, "first", child, begins="child").queued_by == PARENT


def test_different_halves_queue_nothing():
    """Every page is still mapped once."""
    assert {after(key, "first", "second")[:4] for key in SERIES} == {(0, False, True, 16)}


@pytest.mark.parametrize("key", PATCHED)
def test_a_copy_queues_only_if_the_last_mapping_goes(key):
    """The parent's copy leaves the child's mapping; the child's exit takes it."""
    assert after(key, "write", "nothing")[:5] == (0, False, True, 16, 1)
    found = after(key, "write", "exit")
    assert (found.queued_by, found.mapped, found.held) == (CHILD, 15, 17)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_only_the_last_page_is_written_in_place(order):
    """Alone again, the parent copies all pages but the last: refcount is the folio's (order 0: at once)."""
    found = after(BASE, "every", "exit", begins="child", order=order)

    assert (found.copies, found.reused) == ((1 << order) - 1, 1)


def test_an_order_0_folio_is_written_in_place():
    """Its one reference is the parent's."""
    found = after(V4, "write", "exit", begins="child", order=0)

    assert (found.copies, found.reused, found.held) == (0, 1, 1)


def test_an_unmap_of_what_stays_mapped_costs_a_count_in_2_of_3():
    """Zapping a fork-shared order-4 folio takes 0, 0, 16 and 1 atomics on _nr_pages_mapped."""
    text = ops(STORY.values | {"parent": "nothing", "child": "all"})

    assert [last_costs(text, key)["nrpm"] for key in SERIES] == [0, 0, 16, 1]


def test_a_write_does_not_make_the_folio_whole():
    """Once queued, it stays: the page written anew is another folio's."""
    session = Session(make(STORY.values))
    session.seek(session.frame.last)
    session.do("write")
    [side] = session.frame.sides

    assert [folio.id for folio in side.queue] == [1]
    assert side.queue[0].pages_mapped == 8
    assert len(side.folios) == 2


@settings(max_examples=max(8, settings.default.max_examples // 6))
@given(
    st.fixed_dictionaries({one.name: st.sampled_from([v for _, v in one.options]) for one in STORY.choices})
)
def test_any_choice_makes_a_scenario(values):
    """Nothing that can be chosen is refused."""
    session = Session(make(values))

    assert not any(session.frame.refused)


@pytest.mark.parametrize(("order", "begins"), [(0, "child"), (4, "parent"), (2, "child")])
def test_the_matrix_has_every_pair(order, begins):
    """A row and a column per deed, and a row per kernel."""
    chosen, pairs = STORY.numbers(STORY.values | {"order": order, "begins": begins})

    assert [len(chosen.rows), len(pairs.rows)] == [len(SERIES), len(DEEDS)]
    assert {len(row) for row in pairs.rows} == {len(DEEDS) + 1}
