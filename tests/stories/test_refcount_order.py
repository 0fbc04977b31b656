"""In what order may refcount and mapcount drop? The numbers that the story tells."""

from __future__ import annotations

import itertools

import pytest

from folioviz.readout import state
from folioviz.stories import find
from folioviz.stories.parts.pieces import BASE, V4, ran
from folioviz.stories.refcount_order import CALLS, V3, broken, moments, ops, seen, steps
from folioviz.views.player.scan import scan
from folioviz.views.session.session import Session

STORY = find("refcount-order")
COMBINATIONS = list(itertools.product(*([value for _, value in one.options] for one in STORY.choices[2:])))


def test_the_answer_is_computed():
    """With a gather never, not even a full one; without, while the batch is taken down."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "no, the gather keeps the references"
    assert "After 0 of the 34 writes" in because
    assert "it is after 27 of 34" in because


@pytest.mark.parametrize("mode", ["batched", "none"])
@pytest.mark.parametrize("key", [BASE, V3, V4])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("pin", [True, False])
def test_moments_are_what_the_machine_holds(call, key, mode, pin):
    """Summed up from the journal or read from the machine: the same counters after every write."""
    lab = ran(ops(call, pin=pin), key, mode)
    found = moments(lab, len(lab.applied) - 1)
    assert found
    for one in found:
        lab.seek(one.row + 1)
        folio = next(folio for folio in state.folios(lab.machine) if folio.id == 1)
        assert (folio.refcount, folio.total_mapcount) == (one.refcount, one.mapcount)
        assert bool(folio.pins) == one.pinned


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("pin", [True, False])
def test_only_batches_without_a_gather_break_the_rule(call, pin):
    """Never with a gather, never in the base, never when mapping; v3 and v4 do when they unmap on s390."""
    assert broken(call, BASE, "none", pin=pin)[0] == 0
    for key in (BASE, V3, V4):
        assert broken(call, key, "batched", pin=pin)[0] == 0
    for key in (V3, V4):
        assert bool(broken(call, key, "none", pin=pin)[0]) == (call in {"whole", "half", "exit"})


def test_v4_counted_by_hand():
    """17 references, 16 puts, 16 mapcounts, one put: broken from the second put to the fifteenth mapcount but one."""
    bad = sum(17 - puts < 16 for puts in range(1, 17)) + sum(left > 1 for left in range(15, -1, -1))

    assert broken("whole", V4, "none", pin=False) == (bad, 1 + 16 + 16 + 1, ())


def test_a_pin_is_overlooked_only_there():
    """can_split_folio() where the counters are equal: twice; compaction from there to there; in the base nobody."""
    for key, mode in itertools.product((BASE, V3, V4), ("batched", "none")):
        found = seen(ops("whole", pin=True), key, mode)[0]
        split, compaction = (sum(one.fooled[reader] for one in found) for reader in (0, 1))
        assert split == sum(one.refcount == one.mapcount for one in found)
        assert compaction == sum(one.refcount <= one.mapcount for one in found)
        assert (split, compaction > split) == ((2, True) if mode == "none" and key != BASE else (0, False))


def test_without_a_pin_nobody_is_fooled():
    """There is nothing to overlook."""
    for call, key, mode in itertools.product(CALLS, (BASE, V3, V4), ("batched", "none")):
        assert not any(any(one.fooled) for one in seen(ops(call, pin=False), key, mode)[0])


@pytest.mark.parametrize("chosen", COMBINATIONS)
def test_every_choice_opens_inside_its_operation(chosen):
    """Any combination can be made; the playhead is in the operation that was chosen, at the moment that was meant."""
    values = STORY.values | dict(zip((one.name for one in STORY.choices[2:]), chosen, strict=True))
    session = Session(STORY.make(values))
    frame = session.frame

    assert frame.op.word == CALLS[values["call"]][1].split()[0]
    assert frame.focus == 1
    folio = frame.sides[0].folios[0]
    worst = max(
        one.mapcount - one.refcount
        for one in seen(ops(values["call"], pin=values["pin"] == "yes"), V4, values["gather"])[0]
    )
    assert worst <= 0 or folio.total_mapcount - folio.refcount == worst
    assert len(STORY.numbers(values)) == (1 if values["call"] == "fault" else 2)


@pytest.mark.parametrize("key", [choice for _, choice in STORY.choices[1].options])
def test_every_kernel_may_stand_beside_v4(key):
    """B may be any kernel, the same one, or none."""
    assert STORY.make(STORY.values | {"b": key}).at


def test_steps_are_the_timelines():
    """What the story counts as a step is what the timeline does."""
    lab = ran(ops("whole", pin=True), V4)
    for index, step in enumerate(lab.applied):
        assert steps(lab, index) == scan(lab, step.start, step.end).steps.tolist()
