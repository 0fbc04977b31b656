"""What does a zap do to the split queue? The numbers that the story tells."""

from __future__ import annotations

from itertools import product

import pytest

from folioviz.lab import Lab
from folioviz.stories import find
from folioviz.stories.parts.pieces import BASE, FIRST, SECOND, SERIES, V4
from folioviz.stories.spurious_visit import ELSEWHERE, ops, unmapped

STORY = find("spurious-visit")


def values(table):
    """Return a table's rows with the values of their cells."""
    return [[getattr(cell, "value", cell) for cell in row] for row in table.rows]


def test_the_answer_is_computed():
    """An order-4 folio in one zap: one lock to add and one to remove with 1/3, none before and none after."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "2"
    assert "15 of 16 still mapped" in because
    assert "takes it 0 times" in because
    assert "whole series 0 times" in because


@pytest.mark.parametrize("order", range(2, 10))
def test_who_visits_the_queue(order):
    """1/3 and 1-2/3 queue every order once, with one page gone; the base order 9 only; the series none."""
    visit = (2, 1, 1, (1 << order) - 1)
    never = (0, 0, 0, -1)
    found = {}
    for key in SERIES:
        costs, left = unmapped(order, key)
        found[key] = (costs["sqlock"], costs["qadd"], costs["qdel"], left)

    assert found == {BASE: visit if order == 9 else never, FIRST: visit, SECOND: visit, V4: never}


@pytest.mark.parametrize("order", range(2, 10))
def test_one_atomic_instead_of_one_per_page(order):
    """3/3 needs one write of _nr_pages_mapped and one lruvec update, and one more TLB flush.

    docs/kernel/findings.md#a-forced-flush-per-run
    """
    counts = {key: unmapped(order, key)[0] for key in SERIES}

    assert [counts[key]["nrpm"] for key in SERIES] == [1 << order] * 3 + [1]
    assert [counts[key]["lru"] for key in SERIES] == [1 << order] * 3 + [1]
    assert [counts[key]["thw"] for key in SERIES] == [1, 1, 1, 2]


def test_what_each_patch_adds():
    """1/3 creates the cost, 2/3 changes nothing here, 3/3 takes it off again."""
    patches = values(STORY.numbers(STORY.values)[1])

    assert [row[1:4] for row in patches] == [["+2", "+1", "+1"], ["0", "0", "0"], ["−2", "−1", "−1"]]
    assert patches[2][4:] == ["−15", "−15", "+1"]


def test_measured_numbers_stand_apart():
    """What others have measured is in a table of its own, each row with a name and a date."""
    tables = STORY.numbers(STORY.values)

    assert tables[-1] is ELSEWHERE
    assert all("computed by the model" in table.note.lower() for table in tables[:-1])
    assert all(row[-1].startswith(("Yin Fengwei", "Ryan Roberts")) for row in ELSEWHERE.rows)


def test_every_combination_of_choices_can_be_shown():
    """Any two kernels, any order; every operation is one that the kernel can do."""
    options = [[value for _, value in choice.options] for choice in STORY.choices]
    for chosen in product(*options):
        made = STORY.make(dict(zip(STORY.values, chosen, strict=True)))
        assert len(made.ops) == 4
    for order in range(2, 10):
        for key in SERIES:
            lab = Lab(key)
            for op in STORY.make({"a": key, "b": "none", "order": order}).ops:
                lab.apply(op)
            assert not lab.machine.bugs()
            assert ops(order).endswith(lab.applied[-1].op.short())
