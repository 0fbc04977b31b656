"""Which stories tell a scenario: each does what the scenario does, under one of its kernels at least."""

from __future__ import annotations

import pytest

from folioviz import stories
from folioviz.files.scenario import library
from folioviz.files.share import fields_of
from folioviz.ops.ops import parse_line
from folioviz.stories import told

PAIRS = [(name, one) for name, those in told.table().items() for one in those]


@pytest.mark.parametrize(("name", "one"), PAIRS, ids=lambda what: getattr(what, "key", what))
def test_a_story_does_what_the_scenario_does(name, one):
    """Its choices can all be made, and make the same deeds in the same mode; the same kernel is on the screen."""
    scenario, story = library()[name], stories.find(one.key)
    values, faults = story.asked(fields_of(one.query)) if one.query else (story.case, ())
    made = story.make(values)

    assert faults == ()
    assert (told.deeds(made.ops), made.mmu_gather) == (told.deeds(scenario.ops), scenario.mmu_gather)
    assert {*made.kernels} & {*scenario.kernels} or not one.query


def test_who_asks_about_it_comes_first():
    """A story whose question is about the scenario stands before those that only can show it; the table is complete."""
    for those in told.table().values():
        asked = [not one.query for one in those]
        assert asked == sorted(asked, reverse=True)

    assert {*told.table()} == {*library()}
    assert {one.key for _, one in PAIRS} <= {*stories.KEYS} - told.REPLAYS


def test_how_long_a_vma_is_makes_no_difference_and_anything_else_does():
    """A longer VMA or range is the same; another page, order or operation is not."""
    ops = "mm; mmap 1 0 {}; fault 1 0 4; munmap 1 {} {}"
    same, longer, less = (
        told.deeds(parse_line(ops.format(*how))) for how in ((64, 0, 64), (16, 0, 16), (64, 0, 15))
    )

    assert same == longer
    assert same != less
    assert same != told.deeds(parse_line("mm; mmap 1 0 64; fault 1 0 3; munmap 1 0 64"))
    assert same != told.deeds(parse_line("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 64"))
