"""Guesses that are drawn or pointed at: what the page knows before, what it tells after, and what it does not take."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from folioviz.stories.parts.parts import Drawn
from folioviz.views import Story
from folioviz.views.panels import guess_curve

DRAWN = Drawn("_nr_pages_mapped", 8, (4, 4, 3, 0, 0))


def asked(story):
    """Return the HTML of a story's question."""
    return str(story.screen._now["question"][""])


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        ((4, 4, 3, 0, 0), "Your curve is the true one."),
        (
            (4, 4, 4, 4, 4),
            "On average your curve is 1.8 off, and at most 4: 75 % of the way you drew 4, and it is 0.",
        ),
        (
            (4, 0, 0, 0, 0),
            "On average your curve is 1.4 off, and at most 4: 25 % of the way you drew 0, and it is 4.",
        ),
    ],
)
def test_the_difference_is_said(mine, words):
    """On average, and where it is greatest."""
    assert guess_curve.difference(DRAWN, mine) == words


@pytest.mark.parametrize(
    "said",
    [
        None,
        "44300",
        [4, 4],
        [4] * 6,
        [4, 4, 9, 0, 0],
        [4, -1, 0, 0, 0],
        [4, 4.0, 0, 0, 0],
        [4, True, 0, 0, 0],
        [3, 4, 3, 0, 0],
    ],
)
def test_what_is_no_curve_is_not_taken(said):
    """One whole value per column, within the field, and the first is what it is."""
    assert guess_curve.curve(DRAWN, said) is None


def test_nothing_tells_the_curve_before_it_is_drawn():
    """The field is the same wherever the counter goes; after the guess both curves are there."""
    told = guess_curve.answered(DRAWN, (4, 4, 4, 4, 4))

    assert guess_curve.asking(DRAWN) == guess_curve.asking(replace(DRAWN, values=(4, 8, 8, 8, 8)))
    assert guess_curve.points(DRAWN, DRAWN.values) in told
    assert guess_curve.points(DRAWN, (4, 4, 4, 4, 4)) in told


def test_a_drawing_is_a_guess():
    """One that does not fit changes nothing; one that fits is answered in words; a second one comes too late."""
    story = Story("counters")
    story.events.heard({"drawn": [1, 2, 3]})
    before = asked(story)
    story.events.heard({"drawn": [*range(16, -1, -1), *[0] * 16]})
    after = asked(story)
    story.events.heard({"drawn": [16] * 33})

    assert "fv-because" not in before
    assert "data-curve=" in before
    assert "you drew 0, and it is 16." in after
    assert asked(story) == after


def test_a_page_is_a_guess():
    """Pages are buttons, what else may be chosen stands beside them; the right one is told after, not before."""
    story = Story("batch-end")
    before = asked(story)
    story.events.heard({"click": "guess:3"})
    after = asked(story)
    pages = re.findall(r'class="fv-page([^"]*)" data-fv="guess:(\d+)"', after)

    assert len(re.findall(r'class="fv-page"', before)) == 16
    assert [(kind, place) for kind, place in pages if kind] == [(" fv-wrong", "3"), (" fv-right", "7")]
    assert "Not so." in after
