"""Can an order-1 folio be queued? What the story tells, and where the link lies."""

from __future__ import annotations

import re
from itertools import cycle, product

import pytest

from folioviz.machine.memory import LIST_PAGE
from folioviz.mm.headers import deferred_list
from folioviz.stories import find
from folioviz.stories.order_1 import LINK, ORDERS, PARTS, answer, make, ops, outcome
from folioviz.stories.parts.pieces import BASE, FIRST, SECOND, SERIES, V4, ran
from folioviz.views import Story
from folioviz.views.session.session import Session

STORY = find("order-1")


def said(key, order, part):
    """Return what becomes of a folio."""
    return outcome(ops({"order": order, "part": part}), key)[0]


def test_the_answer_is_computed():
    """Patch 1/3 runs into the assertion, with one of two pages still mapped."""
    right, because = answer()

    assert STORY.question.options[right] == "an assertion fires in deferred_split_folio()"
    assert because.startswith("1 of 2 pages")
    assert "an order-1 folio has 2." in because


def test_the_link_lies_in_the_third_struct_page():
    """The model links a folio by the node of its head's second next page."""
    assert deferred_list(7) - (LIST_PAGE + 7) == LINK


def test_order_1_on_each_kernel_and_part():
    """1/3 and 2/3 at any zap, the series at a partial one, the base never (docs/kernel/findings.md#order-1)."""
    got = {(key, part): said(key, 1, part) == "assertion fires" for key in SERIES for _, part in PARTS}

    assert not any(got[BASE, part] for _, part in PARTS)
    assert all(got[key, part] for key in (FIRST, SECOND) for _, part in PARTS)
    assert [got[V4, part] for part in ("page", "half", "all")] == [True, True, False]


@pytest.mark.parametrize("order", [2, 3, 4])
def test_larger_folios_are_queued(order):
    """From order 2 on there is room; v6.5-rc3 queues none of them, the series none that goes whole."""
    assert {said(key, order, "page") for key in (FIRST, SECOND, V4)} == {"queued"}
    assert said(BASE, order, "page") == "not queued"
    assert [said(key, order, "all") for key in SERIES] == [
        "not queued, freed",
        "queued, then freed",
        "queued, then freed",
        "not queued, freed",
    ]


def test_a_single_page_is_never_queued():
    """Order 0 trips no kernel."""
    assert {said(key, 0, part) for key in SERIES for _, part in PARTS} == {"not queued, freed"}


def test_the_folio_behind_owns_the_third_struct_page():
    """An order-1 folio's third struct page is the first of folio 2."""
    machine = ran(ops({"order": 1, "part": "page"}), FIRST).machine

    assert machine.folio_id[machine.page_folio[:4]].tolist()[:3] == [1, 1, 2]


@pytest.mark.parametrize("a", [FIRST, V4, BASE])
@pytest.mark.parametrize("b", ["none", V4, BASE])
def test_the_playhead_stands_where_the_assertion_has_just_fired(a, b):
    """One step earlier no kernel has a bug."""
    session = Session(make({"a": a, "b": b, "order": 1, "part": "page"}))
    fired = any(side.bugs for side in session.frame.sides)

    assert fired == ({a, b} != {BASE} and {a, b} != {BASE, "none"})
    if fired:
        session.step(-1)
        assert not any(side.bugs for side in session.frame.sides)


def test_the_second_struct_page_has_the_fields_of_v6_5():
    """In the order of struct folio, include/linux/mm_types.h, on 64 bits."""
    story = Story("order-1")
    story.events.heard({"click": "guess:skip"})
    shown = story.screen._now["struct_pages"]["A"]
    second = shown.split('data-struct="1"')[1].split('data-struct="2"')[0]

    assert re.findall(r"<code>(\w+)</code>", second) == [
        "flags",
        "_head_1",
        "_folio_dtor",
        "_folio_order",
        "_entire_mapcount",
        "_nr_pages_mapped",
        "_pincount",
        "_folio_nr_pages",
        "_mapcount",
    ]


def test_every_choice_makes_a_scenario():
    """Each kernel on either side, with each order and part: nothing fails, or leaves a number out."""
    options = {choice.name: [value for _, value in choice.options] for choice in STORY.choices}
    pairs = list(zip(cycle(options["a"]), options["b"], strict=False))
    assert {a for a, _ in pairs} == set(options["a"])
    for (a, b), order, part in product(pairs, options["order"], options["part"]):
        assert make({"a": a, "b": b, "order": order, "part": part}).ops
    for order, (_, part) in product(ORDERS, PARTS):
        tables = STORY.numbers(STORY.values | {"order": order, "part": part})
        assert [len(one.rows) for one in tables] == [4, 4]
