"""What does it cost? The counts that the story shows."""

from __future__ import annotations

import asyncio
from itertools import product

import pytest

from folioviz.files import share
from folioviz.stories import find
from folioviz.stories.costs import KERNELS, ORDERS, PUBLISHED, cost, make, ops
from folioviz.stories.parts.pieces import BASE, FIRST, V4
from folioviz.stories.spurious_visit import ELSEWHERE
from folioviz.views import Story
from folioviz.views.story_panels.sweep import Sweep

STORY = find("costs")
WHOLE = {"range": "whole", "who": "one"}


def test_the_answer_is_computed():
    """Of the three, only puts grow: 512 to 513 for an order-9 folio."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "reference puts"
    assert "512 before, 513 after" in because


@pytest.mark.parametrize("order", [n for n in ORDERS if n != 1])
def test_the_lock_is_taken_as_the_series_says(order):
    """The base pays for PMD-sized folios, 1/3 from order 2 on, the series never.

    docs/kernel/findings.md#whole-folios
    """
    text = ops({**WHOLE, "order": order})

    assert cost(text, BASE)["sqlock"] == (2 if order == 9 else 0)
    assert cost(text, FIRST)["sqlock"] == (2 if order >= 2 else 0)
    assert cost(text, V4)["sqlock"] == 0


def test_a_bug_is_no_count():
    """1/3 runs into an assertion with order 1; the table says so."""
    assert cost(ops({**WHOLE, "order": 1}), FIRST) == {}
    table = STORY.numbers({**STORY.values, "order": 1})[0]
    column = 1 + KERNELS.index(FIRST)
    assert {row[column].value for row in table.rows} == {"BUG"}


def test_every_cell_opens_its_scenario():
    """A cell's query is that kernel alone, with these operations."""
    table = STORY.numbers(STORY.values)[0]
    for row in table.rows:
        for key, cell in zip(KERNELS, row[1:], strict=True):
            found = share.from_query(share.fields_of(cell.query))
            assert (found.ops, found.kernels) == (make(STORY.values).ops, (key,))


def test_published_figures_stand_apart():
    """No computed table names an author, no published one links to a scenario."""
    tables = STORY.numbers(STORY.values)

    assert tables[1] is PUBLISHED
    assert all(isinstance(value, str) for row in PUBLISHED.rows for value in row)


def test_published_figures_are_quoted_alike():
    """What Yin Fengwei timed (23 Dec 2022) reads the same in both stories that quote it, as it was posted."""
    assert PUBLISHED.rows[0][1:3] == ELSEWHERE.rows[1][2:4] == ("12,504.55 s", "5,047.91 s")
    assert ELSEWHERE.rows[0][2:4] == ("5,063.35 s", "12,504.55 s")


def test_every_choice_makes_a_scenario():
    """All combinations, and their counts."""
    names = [choice.name for choice in STORY.choices if choice.name not in "ab"]
    options = [[value for _, value in choice.options] for choice in STORY.choices if choice.name in names]
    for chosen in product(*options):
        values = STORY.values | dict(zip(names, chosen, strict=True))
        assert make(values).ops
        assert STORY.numbers(values)[0].rows


def test_the_sweep_can_be_cancelled_and_is_forgotten_with_its_zap():
    """What has been counted stays; counts of another zap are not shown beside this one."""

    async def some():
        story = Story("costs")
        panel = next(one for one in story.panels if isinstance(one, Sweep))
        story.events.heard({"click": "do:sweep"})
        for _ in range(3 * len(KERNELS)):
            await asyncio.sleep(0)
        story.events.heard({"click": "do:sweepstop"})
        counted = len(panel.found)
        await asyncio.sleep(0.01)
        assert (panel.work.task, len(panel.found)) == (None, counted)
        assert 0 < counted < len(ORDERS) * len(KERNELS)
        story.events.heard({"click": "do:sweep"})
        await panel.work.task
        assert len(panel.found) == len(ORDERS) * len(KERNELS)
        assert panel.found[FIRST, 9]["sqlock"] == 2
        story.pickers["range"].value = "half"
        assert panel.found == {}

    asyncio.run(some())
