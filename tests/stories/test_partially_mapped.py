"""What is "partially mapped"? The states that the story shows, against docs/kernel/findings.md."""

from __future__ import annotations

from itertools import product

import pytest

from folioviz.files import share
from folioviz.stories import find
from folioviz.stories.partially_mapped import (
    AVERAGE,
    COUNTS,
    KERNELS,
    REMAP,
    SAME,
    both,
    make,
    ops,
    same_pages,
    sticky,
    these,
    underused,
)
from folioviz.stories.parts.partial import fault, seen
from folioviz.views import Story
from folioviz.views.story_panels.mapped_parts import belief

STORY = find("partially-mapped")
FLAGGING = ("v6.12", COUNTS, AVERAGE)


def test_the_answer_is_computed():
    """Not at all: 16 mappings for 16 pages; one page more and 15 are left."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "not at all"
    assert "16 mappings are left for 16 pages" in because
    assert "NR_ANON_MAPPED stays 16 although 8 pages are mapped" in because
    assert "15 mappings would be left: flagged" in because


def test_both_drop_the_same_half():
    """Without page counts not flagged, NR_ANON_MAPPED 16; flagged with them.

    docs/kernel/findings.md#sharing-hides-a-gap
    """
    average, counted = seen(both(8), AVERAGE), seen(both(8), COUNTS)

    assert (average.mappings, average.mapped, average.flagged, average.queued, average.anon) == (
        16,
        8,
        0,
        False,
        16,
    )
    assert (counted.mappings, counted.mapped, counted.flagged, counted.queued, counted.anon) == (
        16,
        8,
        1,
        True,
        8,
    )


def test_one_page_more_is_noticed():
    """The same, and one page of the child: 15 mappings, flagged and queued."""
    one = seen(f"{both(8)}; dontneed 2 8 1", AVERAGE)

    assert (one.mappings, one.mapped, one.flagged, one.queued, one.events) == (15, 8, 1, True, 1)


def test_the_average_against_the_pages():
    """x_avg_rule_sharing: parent keeps one page, child drops one, then another: 16 mappings, then 15."""
    head = f"{fault(4)}; fork 1; dontneed 1 0 15; dontneed 2 0 1"
    first, second = seen(head, AVERAGE), seen(f"{head}; dontneed 2 1 1", AVERAGE)

    assert (first.mappings, first.mapped, first.flagged) == (16, 15, 0)
    assert (second.mappings, second.mapped, second.flagged) == (15, 14, 1)


def test_from_which_page_on_both_are_noticed():
    """With page counts from the first, with the average once fewer than 16 mappings stay: from the ninth."""
    rows = [row[1:] for row in same_pages().rows]

    assert [[cell.value for cell in row] for row in rows] == [
        ["yes: flagged"] * len(SAME),
        ["yes: flagged" if 2 * (16 - pages) < 16 else "no" for pages in SAME],
    ]


@pytest.mark.parametrize("key", KERNELS)
def test_a_failed_migration_leaves_a_whole_folio_queued(key):
    """After a failed migration 16 of 16 are mapped, and it is queued, flagged where there is a flag; then split."""
    one, end = seen(REMAP, key), seen(f"{REMAP}; shrink 1", key)

    assert (one.mapped, one.queued, one.flagged) == (16, True, 1 if key in FLAGGING else None)
    assert end.state == "split"
    assert len(sticky().rows) == len(KERNELS)


@pytest.mark.parametrize(("limit", "split"), [(511, 0), (409, 0), (300, 0), (299, 1), (100, 1), (0, 1)])
@pytest.mark.parametrize("key", FLAGGING)
def test_underused_is_more_zeros_than_the_limit(key, limit, split):
    """300 pages of zeros; max_ptes_none 511 never; a split gives the zeros back."""
    one = seen(f"mm; mmap 1 0 512; faultpmd 1 0; zero 1 0 300; maxnone {limit}; shrink 1", key)

    assert (one.underused, one.freed, one.zero_ptes) == (split, 300 * split, 300 * split)
    assert (one.state, one.queued) == ("split" if split else "lives", False)


def test_the_table_of_the_underused():
    """At the limits shown."""
    assert [row[2] for row in underused().rows] == [0, 0, 1, 1]


@pytest.mark.parametrize("key", KERNELS)
def test_a_split_gives_zeros_back_since_v6_12(key):
    """For flagged folios, too; 4 pages dropped, 8 of zeros."""
    one = seen(f"{fault(4)}; zero 1 8 8; dontneed 1 0 4; shrink 1", key)

    assert (one.state, one.freed, one.zero_ptes) == ("split", 12, 8) if key in FLAGGING else ("split", 4, 0)


def test_different_halves_leave_nothing_unmapped():
    """Parent drops the front, child the back: all kernels say no, and are right."""
    table = these({**STORY.values, "child": "back"})

    assert {row[1].value for row in table.rows} == {"no"}
    assert {row[1].mark for row in table.rows} == {"good"}


def test_the_table_marks_what_is_not_so():
    """At first only the average is wrong, in its verdict and in NR_ANON_MAPPED."""
    rows = these(STORY.values).rows

    assert [row[1].mark for row in rows] == ["good"] * 5 + ["bad"]
    assert [row[4].value for row in rows] == [8] * 5 + [16]


def test_cells_open_their_scenario():
    """A verdict's query is that kernel alone, with these operations."""
    for key, row in zip(KERNELS, these(STORY.values).rows, strict=True):
        found = share.from_query(share.fields_of(row[1].query))
        assert (found.ops, found.kernels) == (make(STORY.values).ops, (key,))


@pytest.mark.slow
def test_every_choice_can_be_done():
    """What each process drops and what happens then, with and without zeros: no kernel refuses any of it."""
    options = {choice.name: [value for _, value in choice.options] for choice in STORY.choices}
    for parent, child, then in product(options["parent"], options["child"], ("remap", "strict")):
        values = STORY.values | {"order": 2, "parent": parent, "child": child, "then": then}
        assert make(values).ops
        assert these(values).rows
    for zero, then, order in product(options["zero"], options["then"], (4, 9)):
        values = STORY.values | {"zero": zero, "then": then, "order": order}
        assert seen(ops(values), COUNTS)


def test_the_panel_says_what_each_kernel_says():
    """At the end of the drops A is right and B is wrong about the same folio; a split folio is said to be split."""
    story = Story("partially-mapped")
    story.events.heard({"click": "guess:skip"})
    story.session.seek(story.session.frame.last)
    verdicts = [belief(side.folios[0]) for side in story.session.frame.sides]

    assert [(one.says, one.right) for one in verdicts] == [(True, True), (False, False)]
    story.pickers["child"].value = "more"
    story.pickers["then"].value = "shrink"
    assert [{folio.order for folio in side.folios} for side in story.session.frame.sides] == [{0}, {0}]
    assert "Split: 8 pages of order 0 are left" in story.screen._now["mapped_parts"]["B"]
    story.pickers["zero"].value = "half"
    assert "Split, and all of it went back" in story.screen._now["mapped_parts"]["A"]
    story.pickers["parent"].value = story.pickers["child"].value = "all"
    assert "does not live here now" in story.screen._now["mapped_parts"]["A"]
