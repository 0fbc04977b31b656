"""From 3n to 2: the counts that the story shows, against those of docs/kernel/findings.md."""

from __future__ import annotations

import asyncio
import html
import re
from itertools import groupby, product

import numpy as np
import pytest

from folioviz import kernels, sweep
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
from folioviz.sweep.table import Heat
from folioviz.views import Story
from folioviz.views.story_panels.shares import SHARES, Map, Shares
from folioviz.views.story_panels.unmap_bars import chart
from folioviz.views.story_panels.unmap_orders import ORDERS, UnmapOrders
from tests.pages import KERNEL, table

STORY = find("from-3n-to-2")
V3, FULL, FIX, NONE = "v6.5-rc3+v3", "v6.5-rc3+v4full", "v6.5-rc3+v4fix", "v7.3+no-page-mapcount"
FINDINGS = KERNEL / "findings.md"
LIVES = {row["kernel"]: row for row in table(FINDINGS, "a-2-mib-folio-from-birth-to-munmap")}
FLUSHES, ATOMICS = (
    {row["munmap of"]: row for row in table(FINDINGS, anchor)}
    for anchor in ("flushes-rounds-locks", "atomics")
)
FOUND = {kernels.find(alias).key: alias for alias in FLUSHES["1 x order 4"] if alias != "munmap of"}
"""The kernels of the tables, by their names there."""


def test_every_kernel_stands_in_one_era():
    """The story shows all that there are."""
    assert tuple(kernels.KERNELS) == KERNELS
    assert sorted(key for keys in eras().values() for key in keys) == sorted(KERNELS)


def test_the_answer_is_computed():
    """v6.8 and v6.9 queue what goes as a whole, twice a lock; v6.10 does not."""
    right, because = STORY.question.answer()

    assert STORY.question.options == tuple(kernels.find(key).label for key in RELEASED)
    assert RELEASED[right] == "v6.10"
    assert "v6.8 twice and by v6.9 twice" in because
    assert "v6.10 takes it 0 times" in because


@pytest.mark.parametrize("key", LIVES)
def test_the_formulas_are_those_that_were_found(key):
    """Each comes from two munmaps."""
    assert LIVES[key]["atomics, one process"] == formula(key)
    assert LIVES[key]["atomics, two processes"] == formula(key, "two")


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


@pytest.mark.parametrize(("key", "alias"), FOUND.items())
def test_one_order_4_folio_costs_what_was_found(key, alias):
    """The row of one folio of 16 pages."""
    one = unmapped(text(4, 16), key)
    costs = one.costs
    mapcounts = one.parts["pages"] + one.parts["nr"] + one.parts["folio"]

    assert FLUSHES["1 x order 4"][alias] == f"{costs['thw']}/{costs['zround']}/{costs['sqlock']}"
    assert ATOMICS["1 x order 4"][alias] == f"{mapcounts}/{one.parts['refs']}"


@pytest.mark.parametrize(("key", "alias"), FOUND.items())
def test_a_split_2_mib_folio_costs_a_quarter_of_four(key, alias):
    """The row of four 2 MiB folios whose PMDs were split."""
    one = unmapped(text(9, 512), key)
    mapcounts = one.parts["pages"] + one.parts["nr"] + one.parts["folio"]
    row = "4 x THP after a PMD split"

    assert FLUSHES[row][alias].rpartition("/")[2] == str(4 * one.costs["sqlock"])
    assert ATOMICS[row][alias] == f"{4 * mapcounts}/{4 * one.parts['refs']}"


@pytest.mark.parametrize(
    ("key", "visit"),
    [
        *((key, NOTHING) for key in ("v6.1.0", "v6.1", BASE, FIRST, "v6.8", "v6.9")),
        *((key, NEVER) for key in (V4, "v6.10")),
        *((key, BORN) for key in ("v6.12", "v7.3", NONE)),
    ],
)
def test_the_eras_of_queueing_for_nothing(key, visit):
    """What is queued at birth is taken off once, what is queued for nothing at its free."""
    assert unmapped(text(9, 512), key).visit == visit


@pytest.mark.parametrize("key", LIVES)
def test_locks_and_events_are_those_that_were_found(key):
    """Of a whole 2 MiB folio that PTEs map."""
    one = unmapped(text(9, 512), key)

    assert (LIVES[key]["queue locks"], LIVES[key]["events"]) == (str(one.costs["sqlock"]), str(one.events))


@pytest.mark.parametrize(
    ("key", "atomics"),
    [(V4, 19), ("v6.8", 24), ("v6.9", 17), ("v6.10", 18), ("v6.12", 11), ("v7.3", 11), (NONE, 2)],
)
def test_half_a_folio_is_queued_rightly(key, atomics):
    """The first half of 16 pages: one lock, one event."""
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
    drawn = chart({**STORY.values, "order": 1}, "")
    assert drawn.count("VM_BUG") + drawn.count("vm_bug")


def test_births_are_those_that_were_found():
    """No lock from v6.5 to v6.10, one per folio since v6.12, and one more at the fault."""
    found = {key: (int(row["at the fault"]), int(row["at the munmap"])) for key, row in LIVES.items()}

    assert {key: birth(key) for key in found} == found
    alike = [pair for pair, _ in groupby(birth(key) for key in KERNELS)]
    assert [tuple(cell.value for cell in row[1:]) for row in births().rows] == alike


@pytest.mark.parametrize(("row", "key"), [*zip(RECORDED.rows, ("v6.1", "v6.12", "v7.3"), strict=True)])
def test_the_recorded_locks_and_events_are_the_models(row, key):
    """What running kernels did with a 2 MiB folio."""
    one = unmapped(text(9, 512), key)

    assert row[3:] == (one.costs["sqlock"], one.events)


def test_every_kernel_is_named_with_its_proof():
    """The last table names each of them once."""
    names = "; ".join(row[0] for row in STORY.numbers(STORY.values)[-1].rows).split("; ")

    assert sorted(names) == sorted(kernels.find(key).label for key in KERNELS)


def test_cells_open_their_scenario():
    """A number's query is that kernel alone, with these operations."""
    table = STORY.numbers(STORY.values)[0]
    for key, row in zip(KERNELS, table.rows, strict=True):
        found = share.from_query(share.fields_of(row[1].query))
        assert (found.ops, found.kernels) == (make(STORY.values).ops, (key,))


@pytest.mark.slow
def test_every_choice_makes_a_scenario_and_a_chart():
    """All orders, parts and owners: a row for each kernel."""
    for order, part, who in product(range(1, 10), ("whole", "half"), ("one", "two")):
        values = {**STORY.values, "order": order, "range": part, "who": who}
        assert make(values).ops
        assert len(STORY.numbers(values)[0].rows) == chart(values, "").count("data-kernel") == len(KERNELS)


def test_kernels_that_cannot_have_the_folio_are_shown_to_refuse():
    """With v6.1 as A and an order below 9, the story opens all the same, and says so."""
    story = Story("from-3n-to-2")
    story.events.heard({"click": "guess:skip"})
    story.pickers["order"].value = 9
    story.pickers["a"].value = "v6.1"
    assert "no such folio" not in story.screen._now["unmap_bars"]["head"]
    story.pickers["order"].value = 4
    assert "A: v6.1 (stable) has no such folio" in story.screen._now["unmap_bars"]["head"]


def test_all_orders_are_counted_at_once():
    """With the answer; what has been counted stays when it is cancelled; counts of another munmap are forgotten."""

    async def some():
        story = Story("from-3n-to-2")
        panel = next(one for one in story.panels if isinstance(one, UnmapOrders))
        story.events.heard({"click": "guess:skip"})
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
        assert panel.work.task is not None

    asyncio.run(some())


def test_a_heat_map_without_a_number_has_no_cells():
    """Before anything is counted, and of a kernel that has none of these folios: a cell without a number is black."""
    one = Map()
    shown = []
    for values in (None, ((None, None),), ((None, 0),)):
        one.draw(values and Heat((), (), values, ()), 0)
        shown.append(one.grid.visible)

    assert shown == [False, False, True]


@pytest.mark.slow
def test_a_heat_map_shows_a_sweep():
    """For each kernel every order and share; each number is the sweep's, and opens its scenario."""

    async def some():
        story = Story("from-3n-to-2")
        panel = next(one for one in story.panels if isinstance(one, Shares))
        assert panel.found is None
        story.events.heard({"click": "guess:skip"})
        await panel.work.task
        keys = (story.values["a"], story.values["b"])
        wanted = sweep(kernels=keys, orders="2-9", shares=list(SHARES), jobs=1, progress=False)
        for name, column in (
            ("split_queue_lock taken", "sqlock"),
            ("folios on the queue afterwards", "queue_length"),
        ):
            panel.value.value = name
            for place, key in enumerate(keys):
                heat = wanted.pivot(column)[key]
                np.testing.assert_array_equal(panel.maps[place].grid.color, np.array(heat.values, float))
                shown = re.findall(r">([0-9,]+)</a>", story.screen._now[f"shares{place}"][""])
                assert list(map(int, shown)) == [one for row in reversed(heat.values) for one in row]
        link = html.unescape(re.search(r"explorer[^?]*[?]([^\"]+)", story.screen._now["shares1"][""])[1])
        made = share.from_query(share.fields_of(link))
        assert (made.kernels[0], made.ops[-1].word) == (keys[1], "munmap")
        story.pickers["b"].value = "none"
        assert panel.rows == []
        await panel.work.task
        assert "no second kernel" in story.screen._now["shares1"][""]
        assert np.isnan(panel.maps[1].grid.color).all()
        story.pickers["a"].value = "v6.1"
        await panel.work.task
        assert (
            story.screen._now["shares0"][""].count(">–<") == len(SHARES) * 8
        )  # its PTEs map single pages only

    asyncio.run(some())
