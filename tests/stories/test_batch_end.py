"""Where does a batch end? The numbers that the story tells."""

from __future__ import annotations

import itertools

import pytest

from folioviz.lab import Lab
from folioviz.machine import journal as j
from folioviz.machine.memory import GATHER_CAPACITY
from folioviz.readout import explain
from folioviz.stories import find
from folioviz.stories.batch_end import FULL, WAYS, gather, last, ops
from folioviz.stories.parts.batches import ENDINGS, read
from folioviz.stories.parts.pieces import BASE, FIRST, SECOND, V4, ran

STORY = find("batch-end")
ENDS = {
    "nothing": ([16], "the folio ends", 0),
    "next": ([16, 16], "the folio ends", 0),
    "range": ([8], "the range ends", 1),
    "hole": ([8, 7], "an empty PTE", 0),
    "copied": ([8, 1, 7], "another folio’s page", 0),
    "vma": ([8, 8], "the VMA ends", 1),
    "table": ([8, 8], "the page table ends", 1),
    "memory": ([8, 8], "the gather is full", 1),
}
"""Order 4: pages per batch, why the first ends, how often v4 queues the folio in this munmap."""
ORDERS = [value for _, value in STORY.choices[3].options]
CASES = list(itertools.product(WAYS, ORDERS))


def test_the_answer_is_computed():
    """Two batches of eight pages, and one visit to the queue between them: after page 7."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "page 7"
    assert "2 batches, of 8 and 8 pages" in because
    assert "1 visit for nothing" in because
    assert "would have been 0" in because


@pytest.mark.parametrize("way", WAYS)
def test_what_ends_a_batch(way):
    """The first batch ends where the rules say that it must."""
    pages, why, visits = ENDS[way]
    found = last(ops(way, 4), V4)

    assert [batch.pages for batch in found.found.batches] == pages
    assert found.endings[0] == why
    assert found.costs["qadd"] == visits


@pytest.mark.parametrize(("way", "order"), CASES)
def test_a_batch_is_what_the_kernel_decided(way, order):
    """Sizes and reasons are those of the decisions in the journal; every page of the range is taken once."""
    lab = ran(ops(way, order), V4)
    step = lab.applied[-1]
    asked = [
        (one.detail, one.reason)
        for one in explain.decisions(lab, step.start, step.end)
        if one.reason in ENDINGS
    ]
    found = last(ops(way, order), V4)
    batches = [one for one in found.found.batches if one.asked]

    assert [(one.asked, one.reason) for one in batches] == asked
    assert sum(one.pages for one in found.found.batches) == found.costs["tlbrm"]
    assert len(found.found.flushes) == found.costs["thw"]
    assert found.found.rounds == found.costs["zround"]
    assert sum(one.queued for one in found.found.batches) == found.costs["qadd"]


@pytest.mark.parametrize("way", ["vma", "table", "memory"])
@pytest.mark.parametrize("key", [FIRST, SECOND, V4, FULL])
def test_a_visit_for_nothing_in_every_kernel_of_the_series(way, key):
    """Two batches of one folio that goes as a whole: queued after the first, freed after the last."""
    costs = last(ops(way, 4), key).costs

    assert (costs["qadd"], costs["qdel"]) == (1, 1)
    assert last(ops(way, 4), BASE).costs["qadd"] == 0


def test_nothing_loses_its_last_mapping_where_a_copy_is():
    """The child has the folio, so that it is not queued at all; a hole has queued it before."""
    for key in (V4, FIRST):
        assert ran(ops("copied", 4), key).costs()["qadd"] == 0
        lab = ran(ops("hole", 4), key)
        assert lab.costs(lab.applied[-2].start, lab.applied[-2].end)["qadd"] == 1


def test_a_whole_gather():
    """8 + 19 x 510 pages: two of folio 607, which is queued once where the kernel says that the gather is full."""
    rows = {row[0]: row[1:] for row in gather().rows}

    assert GATHER_CAPACITY == 9_698
    assert divmod(GATHER_CAPACITY, 16) == (606, 2)
    assert rows["v6.5-rc3"] == ("9,698: 2 into folio 607", "2", "21", "0")
    assert rows["v4"] == ("never", "641", "640", "0")
    assert rows["v4, explicit full"] == ("9,698: 2 into folio 607", "2", "21", "1")
    assert rows["v4 1/3"][3] == "640"


@pytest.mark.parametrize(("way", "order"), CASES)
def test_every_choice_can_be_made(way, order):
    """Any combination runs on both kernels and has its numbers."""
    values = STORY.values | {"way": way, "order": order}
    made = STORY.make(values)
    for key in (V4, BASE):
        lab = Lab(key)
        for op in made.ops:
            lab.apply(op)

    tables = STORY.numbers(values)
    assert len(tables[0].rows) == len(WAYS)
    assert len(tables) == (2 if way == "memory" else 1)


def test_page_by_page_a_run_stops_at_an_edge():
    """The base has no batches; its runs end where a VMA or a page table does, too."""
    for way in ("vma", "table"):
        assert [one.pages for one in last(ops(way, 4), BASE).found.batches] == [8, 8]
        assert {one.asked for one in last(ops(way, 4), BASE).found.batches} == {0}


def test_a_decision_has_its_name():
    """What the table calls an ending is what the kernel's decision says."""
    for way, reason in (("hole", j.BATCH_HOLE), ("copied", j.BATCH_OTHER_PAGE), ("table", j.BATCH_TABLE_END)):
        assert last(ops(way, 4), V4).found.batches[0].reason == reason


def test_what_mremap_moves_is_not_taken_down():
    """Only the munmap has batches; the mremap, fork and write before it clear nothing."""
    for way in ("vma", "table", "copied"):
        lab = ran(ops(way, 4), V4)
        for step in lab.applied[:-1]:
            assert read(lab, step.start, step.end).batches == ()
