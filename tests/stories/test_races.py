"""Can two CPUs lose a folio? What the story computes, and the schedules that it shows."""

from __future__ import annotations

from itertools import pairwise

import pytest

from folioviz.errors import DocumentError
from folioviz.race import document
from folioviz.race.library import LIBRARY
from folioviz.stories import find, races, words
from folioviz.stories.parts import searches
from folioviz.stories.parts.parts import bare
from folioviz.stories.parts.staircase import at_random, one_after_the_other, staircase, through

STORY = find("races")
SMALL = ("k1b", "k3", "references-v4", "owners-unlocked")
"""Races that are searched in a moment, each of which breaks a law."""


def played(name, text):
    """Return a schedule of a race of the library, played."""
    return document.of(LIBRARY[name]).race().play(text)


def test_the_answer_is_computed():
    """Fewer than 1 of 100 random runs of the older text break the queue, and no schedule of the released one does."""
    right, because = STORY.question.answer()
    before, after = (searches.explored(searches.of(name)) for name in ("k1", "k1-fixed"))

    assert STORY.question.options[right] == "in fewer than 1 of 100 runs"
    assert 0 < before.odds < 0.01
    assert f"fewer than {before.violations[0].preemptions} preemptions" in because
    assert f"in {before.states:,} states" in because
    assert after.violations == ()
    assert f"none of {races.scientific(after.schedules)} schedules breaks a law" in because


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (7, "7"),
        (999_999_999, "999,999,999"),
        (2_967_938_302, "3.0·10⁹"),
        (3_711_360_397_434_672_877, "3.7·10¹⁸"),
    ],
)
def test_long_numbers_are_rounded(number, said):
    """To two digits, from a billion on."""
    assert races.scientific(number) == said


def test_every_race_of_the_library_can_be_chosen():
    """Its name is in the link; the folios that it begins with are what the question shows."""
    [choice] = [choice for choice in STORY.choices if choice.options]

    assert [value for _, value in choice.options] == [*LIBRARY, "own"]
    for name, race in LIBRARY.items():
        made = STORY.make(STORY.values | {"race": name})
        assert made.mmu_gather == race.mmu_gather
        assert [op.short() for op in made.ops] == [
            part for part in race.setup.split("; ") if part.split()[0] not in {"queue", "unmap"}
        ]


def test_a_candidate_is_called_one():
    """In the picker, in the table, and in the words, each time."""
    [choice] = [choice for choice in STORY.choices if choice.options]
    names = {value: name for name, value in choice.options}
    said = [bare(row[0]) for table in STORY.numbers(STORY.values) for row in table.rows]
    text = "".join(words("races"))

    for name, race in LIBRARY.items():
        assert (races.CANDIDATE in names[name]) == race.candidate
    assert f"k1b ({races.CANDIDATE})" in said
    assert text.count("[k1b]") == text.count(f"is a {races.CANDIDATE}") == 1


def test_the_changes_are_those_of_the_registry():
    """Each race stands with a kernel that breaks a law and one that does not, and the change between."""
    [table] = STORY.numbers(STORY.values)

    for name, row in zip(races.FIXED, table.rows, strict=True):
        assert bare(row[1]) == LIBRARY[name].kernel
        assert bare(row[2]) == LIBRARY[races.FIXED[name]].kernel
        assert LIBRARY[name].finds
        assert not LIBRARY[races.FIXED[name]].finds
        assert len(bare(row[5])) == 12


@pytest.mark.parametrize("name", SMALL)
def test_a_staircase_is_where_the_schedule_goes(name):
    """It goes on by one step of one CPU at a time, inside the map, and counts the events of the text."""
    found = searches.explored(searches.of(name))
    cells = found.map()
    for one in found.violations:
        stops = staircase(found, one.schedule)
        parts = [int(part.split("x")[1]) for part in one.schedule.split(".")]

        assert stops[0].place == (0,) * len(found.operations)
        assert all(stop.place in cells for stop in stops)
        assert all(sum(b.place) - sum(a.place) == 1 and b.events > a.events for a, b in pairwise(stops))
        assert stops[-1].events <= sum(parts)


@pytest.mark.parametrize("name", SMALL)
def test_one_after_the_other_has_no_preemption(name):
    """Each CPU does all that it has to do before the next one begins, whichever is first."""
    found = searches.explored(searches.of(name))
    for first in range(len(found.operations)):
        history = played(name, one_after_the_other(found, first))
        cpus = [step.cpu for step in history.steps]

        assert history.over
        assert sum(a != b for a, b in pairwise(cpus)) == len(found.operations) - 1
        assert cpus[0] == first


@pytest.mark.parametrize("name", SMALL)
def test_a_random_schedule_that_is_shown_breaks_a_law(name):
    """Played, it breaks one that the search found; another seed finds another schedule."""
    found = searches.explored(searches.of(name))
    texts = set()
    for seed in range(4):
        text, number = at_random(found, seed)
        if text:
            texts.add(text)
            assert played(name, text).violation in found.laws
            assert number >= 1

    assert texts


def test_where_nothing_breaks_no_random_schedule_is_shown():
    """The fixed text has none."""
    assert at_random(searches.explored(searches.of("k1b-fixed")), 1)[0] == ""


@pytest.mark.slow
def test_a_staircase_can_be_led_through_every_place_of_the_map():
    """The schedule goes there, can be played to its end, and breaks a law only if the search found it."""
    found = searches.explored(searches.of("k1b"))
    for place in [*found.map()][::7]:
        text = through(found, place)
        history = played("k1b", text)

        assert place in {stop.place for stop in staircase(found, text)}
        assert history.over or history.violation
        assert history.violation in {"", *found.laws}
    assert through(found, (20, 0)) == "" or (20, 0) in found.map()
    assert through(found, (9_999, 0)) == ""


def test_a_search_on_a_thread_finds_the_same_and_can_be_stopped():
    """The page's search is the library's; one that is stopped says how far it came, and is not kept."""
    searches._summaries.pop(searches.of("k1-fixed"), None)
    searches._whole.pop(searches.of("k1-fixed"), None)
    stopped = searches.Search(searches.of("k1-fixed"))
    stopped.enough = True
    for _ in stopped.steps():
        pass

    assert not stopped.found.complete
    assert searches.known(searches.of("k1-fixed")) is searches.summary(searches.of("k1-fixed")) is None
    whole = searches.Search(searches.of("k1-fixed"))
    for _ in whole.steps():
        pass
    assert whole.found.complete
    assert whole.states > 0
    assert (
        searches.summary(searches.of("k1-fixed")).schedules
        == searches.explored(searches.of("k1-fixed")).schedules
    )


def test_few_searches_are_kept_whole():
    """Their maps take memory; what they came to is kept of all."""
    for name in (*SMALL, "k3-fixed"):
        searches.explored(searches.of(name))

    assert len(searches._whole) <= searches.KEPT
    assert all(searches.summary(searches.of(name)) for name in SMALL)


@pytest.mark.parametrize("text", ["9x1", "1x", "x", "1x1000000000", "0x1,1x2"])
def test_what_is_no_schedule_is_refused(text):
    """In words that name the part."""
    with pytest.raises(DocumentError, match="schedule"):
        races.check_schedule(text)
