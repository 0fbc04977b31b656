"""From 3n to 2: the counts that the story shows, against those of the specification."""

from __future__ import annotations

import asyncio
from itertools import product

import pytest

from folioviz import kernels
from folioviz.files import share
from folioviz.stories import find
from folioviz.stories.from_3n_to_2 import KERNELS, RECORDED, RELEASED, birth, births, eras, make, ops, pages
from folioviz.stories.parts.pieces import BASE, FIRST, SECOND, V4
from folioviz.stories.parts.unmapping import (
    BORN,
    FLAGGED,
    MISSED,
    NEVER,
    NOTHING,
    RIGHTLY,
    formula,
    text,
    unmapped,
)
from folioviz.views import Story
from folioviz.views.story_panels.unmap_bars import chart
from folioviz.views.story_panels.unmap_orders import ORDERS, UnmapOrders

STORY = find("from-3n-to-2")
V3, FULL, FIX, NONE = "v6.5-rc3+v3", "v6.5-rc3+v4full", "v6.5-rc3+v4fix", "v7.3+no-page-mapcount"
FORMULAS = {
    "v6.1.0": "2n",
    "v6.1": "2n",
    BASE: "3n",
    FIRST: "3n",
    SECOND: "3n",
    V4: "2n + 3",
    V3: "2n + 1",
    FULL: "2n + 3",
    FIX: "2n + 3",
    "v6.8": "3n",
    "v6.9": "2n + 1",
    "v6.10": "2n + 2",
    "v6.12": "n + 3",
    "v7.3": "n + 3",
    NONE: "2",
}
"""EVOLUTION 12, full munmap, one process; v3 takes no reference of its own."""
ONE_ORDER_4 = {
    BASE: (1, 1, 0, 32, 16),
    V4: (2, 1, 0, 17, 18),
    "v6.8": (1, 1, 2, 32, 16),
    "v6.9": (1, 1, 2, 32, 1),
    "v6.10": (1, 1, 0, 33, 1),
    "v6.12": (1, 1, 0, 18, 1),
    "v7.3": (1, 1, 0, 18, 1),
    NONE: (1, 1, 0, 1, 1),
}
"""SPEC-LATER 10.1, 1 x order-4: flushes, passes, queue locks, mapcount atomics, refcount atomics."""
FOUR_SPLIT = {
    BASE: (8, 4096, 2048),
    V4: (0, 2052, 2056),
    "v6.8": (8, 4096, 2048),
    "v6.9": (8, 4096, 4),
    "v6.10": (0, 4100, 4),
    "v6.12": (4, 2056, 4),
    "v7.3": (4, 2056, 4),
    NONE: (4, 4, 4),
}
"""SPEC-LATER 10.1, 4 x THP after PMD split: queue locks, mapcount atomics, refcount atomics."""


def test_there_are_fifteen_kernels():
    """As the title says; each stands in one era."""
    assert len(KERNELS) == 15
    assert sorted(key for keys in eras().values() for key in keys) == sorted(KERNELS)


def test_the_answer_is_computed():
    """v6.8 and v6.9 queue what goes as a whole, twice a lock; v6.10 does not."""
    right, because = STORY.question.answer()

    assert STORY.question.options == ("v6.8", "v6.9", "v6.10", "v6.12", "v7.3")
    assert RELEASED[right] == "v6.10"
    assert "v6.8 2 times and by v6.9 2 times" in because
    assert "v6.10 takes it 0 times" in because


def test_the_formulas_are_the_specifications():
    """Each comes from two munmaps."""
    assert {key: formula(key) for key in KERNELS} == FORMULAS


@pytest.mark.parametrize("key", KERNELS)
def test_a_formula_holds_for_every_order_and_part(key):
    """What was fitted on 16 and 32 pages gives the atomics of 1 to 512, by one process or two."""
    known = {"n": 1, "2n": 2, "3n": 3}
    for order, who, part in product(range(1, 10), ("one", "two"), ("whole", "half")):
        values = {"order": order, "who": who, "range": part}
        one = unmapped(ops(values), key)
        if one.counted:
            terms = formula(key, who).split(" + ")
            n = pages(values)
            assert one.atomics == sum(known[term] * n if term in known else int(term) for term in terms)


@pytest.mark.parametrize(("key", "wanted"), ONE_ORDER_4.items())
def test_one_order_4_folio_costs_what_the_specification_says(key, wanted):
    """The row of one folio of 16 pages."""
    one = unmapped(text(4, 16), key)
    costs = one.costs
    mapcounts = one.parts["pages"] + one.parts["nr"] + one.parts["folio"]

    assert wanted == (costs["thw"], costs["zround"], costs["sqlock"], mapcounts, one.parts["refs"])


@pytest.mark.parametrize(("key", "wanted"), FOUR_SPLIT.items())
def test_a_split_2_mib_folio_costs_a_quarter_of_four(key, wanted):
    """The row of four 2 MiB folios whose PMDs were split."""
    one = unmapped(text(9, 512), key)
    mapcounts = one.parts["pages"] + one.parts["nr"] + one.parts["folio"]

    assert wanted == tuple(4 * number for number in (one.costs["sqlock"], mapcounts, one.parts["refs"]))


@pytest.mark.parametrize(
    ("key", "locks", "events", "visit"),
    [
        ("v6.1.0", 513, 1, NOTHING),
        ("v6.1", 2, 1, NOTHING),
        (BASE, 2, 1, NOTHING),
        (FIRST, 2, 1, NOTHING),
        (V4, 0, 0, NEVER),
        ("v6.8", 2, 1, NOTHING),
        ("v6.9", 2, 1, NOTHING),
        ("v6.10", 0, 0, NEVER),
        ("v6.12", 1, 0, BORN),
        ("v7.3", 1, 0, BORN),
        (NONE, 1, 0, BORN),
    ],
)
def test_the_eras_of_queueing_for_nothing(key, locks, events, visit):
    """EVOLUTION 12: locks and events of a whole 2 MiB folio; the ones queued at birth are taken off once."""
    one = unmapped(text(9, 512), key)

    assert (one.costs["sqlock"], one.events, one.visit) == (locks, events, visit)


@pytest.mark.parametrize(
    ("key", "atomics"),
    [(V4, 19), ("v6.8", 24), ("v6.9", 17), ("v6.10", 18), ("v6.12", 11), ("v7.3", 11), (NONE, 2)],
)
def test_half_a_folio_is_queued_rightly(key, atomics):
    """EVOLUTION 12, first half of 16 pages: one lock, one event."""
    one = unmapped(text(4, 8), key)

    assert (one.atomics, one.visit, one.costs["sqlock"], one.events) == (atomics, RIGHTLY, 1, 1)
    assert unmapped(text(9, 256), key).visit == (FLAGGED if birth(key)[0] else RIGHTLY)


def test_what_v6_5_does_not_queue_is_told():
    """Under v6.5-rc3 half a folio of order 4 stays where no shrinker looks."""
    assert unmapped(text(4, 8), BASE).visit == MISSED


@pytest.mark.parametrize("key", KERNELS)
def test_two_owners_queue_nothing(key):
    """While another process maps it, no page loses its last mapping."""
    one = unmapped(text(9, 512, "two"), key)

    assert one.visit in {NEVER, BORN}
    assert (one.costs["qadd"], one.costs["sqlock"], one.events) == (0, 0, 0)


def test_order_1_is_a_bug_in_three_kernels():
    """Where a folio without room for the link is queued; v6.1 cannot even have one."""
    found = {key: unmapped(text(1, 2), key) for key in KERNELS}

    assert {key for key, one in found.items() if one.bugs} == {FIRST, SECOND, "v6.8"}
    assert {key for key, one in found.items() if one.refused} == {"v6.1.0", "v6.1"}
    table = STORY.numbers({**STORY.values, "order": 1})[0]
    assert [row[1].value for row in table.rows].count("BUG") == 3
    assert chart({**STORY.values, "order": 1}).count("VM_BUG") + chart({**STORY.values, "order": 1}).count(
        "vm_bug"
    )


def test_births_are_the_specifications():
    """SPEC-LATER 10.1, 4 x THP, PMD-mapped: no lock to v6.10, one per folio since v6.12, and one more at the fault."""
    assert {key: birth(key) for key in KERNELS} == {
        key: (0, 1)
        if key.startswith("v6.1.") or key == "v6.1"
        else (1, 1)
        if key in {"v6.12", "v7.3", NONE}
        else (0, 0)
        for key in KERNELS
    }
    assert [[cell.value for cell in row[1:]] for row in births().rows] == [[0, 1], [0, 0], [1, 1]]


@pytest.mark.parametrize(("row", "key"), [*zip(RECORDED.rows, ("v6.1", "v6.12", "v7.3"), strict=True)])
def test_the_recorded_locks_and_events_are_the_models(row, key):
    """What running kernels did with a 2 MiB folio."""
    one = unmapped(text(9, 512), key)

    assert row[3:] == (one.costs["sqlock"], one.events)


def test_every_kernel_is_named_with_its_proof():
    """The last table names each of them once."""
    names = ", ".join(row[0] for row in STORY.numbers(STORY.values)[-1].rows).split(", ")

    assert sorted(names) == sorted(kernels.find(key).label for key in KERNELS)


def test_cells_open_their_scenario():
    """A number's query is that kernel alone, with these operations."""
    table = STORY.numbers(STORY.values)[0]
    for key, row in zip(KERNELS, table.rows, strict=True):
        found = share.from_query(share.fields_of(row[1].query))
        assert (found.ops, found.kernels) == (make(STORY.values).ops, (key,))


def test_every_choice_makes_a_scenario_and_a_chart():
    """All orders, parts and owners: fifteen rows each."""
    for order, part, who in product(range(1, 10), ("whole", "half"), ("one", "two")):
        values = {**STORY.values, "order": order, "range": part, "who": who}
        assert make(values).ops
        assert len(STORY.numbers(values)[0].rows) == chart(values).count("data-kernel") == 15


def test_kernels_that_cannot_have_the_folio_are_shown_to_refuse():
    """With v6.1 as A and an order below 9, the story opens all the same, and says so."""
    story = Story("from-3n-to-2")
    story.pickers["a"].value = "v6.1"
    assert "no such folio" not in story.screen._now["unmap_bars"]["head"]
    story.pickers["order"].value = 4
    assert "A: v6.1 (stable) has no such folio" in story.screen._now["unmap_bars"]["head"]


def test_all_orders_are_counted_on_demand():
    """What has been counted stays when it is cancelled; counts of another munmap are forgotten."""

    async def some():
        story = Story("from-3n-to-2")
        panel = next(one for one in story.panels if isinstance(one, UnmapOrders))
        story.events.heard({"click": "do:orders"})
        for _ in range(2 * len(KERNELS)):
            await asyncio.sleep(0)
        story.events.heard({"click": "do:ordersstop"})
        assert 0 < len(panel.found) < len(ORDERS) * len(KERNELS)
        story.events.heard({"click": "do:orders"})
        await panel.work.task
        assert len(panel.found) == len(ORDERS) * len(KERNELS)
        queued = {key for (key, order), one in panel.found.items() if order == 4 and one.visit == NOTHING}
        assert queued == {FIRST, SECOND, "v6.8", "v6.9"}
        story.pickers["range"].value = "half"
        assert panel.found == {}

    asyncio.run(some())
