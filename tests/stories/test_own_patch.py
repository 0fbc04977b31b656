"""Write your own patch: the answer, the prepared patches, and the panel that tries them."""

from __future__ import annotations

import asyncio

import pytest

from folioviz import stories
from folioviz.compare.quick import Quick
from folioviz.compare.shortest import law_of
from folioviz.compare.walks import SWAPPED, many, with_swap
from folioviz.files.scenario import library
from folioviz.link import functions_of
from folioviz.machine.primitives import page_ref_add
from folioviz.stories import find
from folioviz.stories.own_patch import LATER, PATCHES, PREPARED, base_of, short_effects
from folioviz.stories.parts.pieces import V4
from folioviz.stories.parts.sources import patched
from folioviz.stories.parts.swapped_out import PAGES, TODAY, before_and_after, counted
from folioviz.stories.patches import swap_out_runs
from folioviz.views import Story
from folioviz.views.story_panels.patches import CONTEXT, marked, source
from folioviz.views.story_panels.trial import Trial, row

STORY = find("own-patch")


def panel_of(story):
    """Return the story's panel."""
    return next(one for one in story.panels if isinstance(one, Trial))


def tried(story):
    """Let the panel try everything."""

    async def everything():
        story.events.heard({"click": "do:try"})
        await panel_of(story).work.task

    asyncio.run(everything())
    return panel_of(story)


def test_the_answer_is_computed():
    """No law breaks when nothing is queued, but fewer pages are freed."""
    right, because = STORY.question.answer()
    fewer = -sum(one.costs.get("pfree", 0) for one in short_effects("never"))

    assert STORY.question.options[right] == "every law still holds; memory is not given back"
    assert fewer > 0
    assert f"{fewer} fewer pages are freed" in because


@pytest.mark.parametrize("key", PATCHES)
def test_every_prepared_patch_shows_its_source(key):
    """All functions of its module beside what they replace, folded to what differs, and nothing that it imports."""
    module = PATCHES[key][1]
    changes = patched(base_of([module]), [module])
    shown = [source(change, fold=True) for change in changes]

    assert [change.name for change in changes] == [*functions_of(module)]
    for change, text in zip(changes, shown, strict=True):
        changed = [line for sign, line in marked(change) if sign != " "]
        assert change.was
        assert "import" not in text
        assert text.count("fv-added") + text.count("fv-taken") == len(changed) > 0
        assert text.count("fv-kept") <= (2 * CONTEXT + 1) * len(changed) + 1


@pytest.fixture
def few(monkeypatch):
    """Try fewer random scenarios; return how many are tried in all."""
    monkeypatch.setattr("folioviz.views.story_panels.trial.RANDOM", 40)
    return len(library()) + 40


def test_a_reader_s_function_is_tried(few):
    """Its source is shown, and every scenario judged."""

    def deferred_split_folio(m, folio):
        """Do nothing."""

    panel = tried(Story("own-patch", deferred_split_folio))

    assert "fv-taken" in panel.screen._now["trialsource"]["deferred_split_folio"]
    assert list(panel.screen._now["trial"]) == ["verdict", "table"]
    reached = sum(one.reached for one in panel.found)
    assert len(panel.found) == few > reached
    assert f"{few} scenarios tried, {reached} reached the patch" in panel.screen._now["trial"]["verdict"]
    assert "They ran as machine code." in panel.screen._now["trial"]["verdict"]
    assert panel.screen._now["trial"]["table"].count('href="explorer.ipynb?') > 10
    assert not any(one.broken for one in panel.found)


def test_what_breaks_is_shown_in_its_shortest_form(few):
    """One line for each law, with a link; it breaks in more scenarios than are shown."""

    def folio_get(m, folio):
        page_ref_add(m, folio, 2 if m.folio_order[folio] == 5 else 1)

    panel = tried(Story("own-patch", folio_get))
    [(law, one)] = panel.broken.items()

    assert len(one.ops) <= 4
    assert law_of(one.broken) == law
    assert sum(bool(other.broken) for other in panel.found) > 1
    assert any(cell[0].value == one.name and cell[0].query for cell in [row(one, V4, "batched")])
    assert one.name in panel.screen._now["trial"]["table"]


def test_a_function_without_an_end_is_told(few, monkeypatch):
    """The trial stops there."""
    monkeypatch.setattr("folioviz.compare.trial.SECONDS", 0.1)

    def deferred_split_folio(m, folio):
        while True:
            pass

    panel = tried(Story("own-patch", deferred_split_folio))

    assert "did not return" in panel.screen._now["trialgo"]["said"]
    assert len(panel.found) < few


def test_a_function_of_another_name_is_told():
    """Beside the button; nothing is tried."""

    def nothing(m):
        """Do nothing."""

    story = Story("own-patch", nothing)
    story.events.heard({"click": "do:try"})

    assert "no function nothing()" in panel_of(story).screen._now["trialgo"]["said"]
    assert panel_of(story).work.task is None


def named(name):
    """Return a function of this name."""

    def nothing(m):
        """Do nothing."""

    nothing.__name__ = name
    return nothing


def test_what_v4_does_not_have_is_tried_on_today_s_kernel():
    """Else on v4, also what neither has: it is v4 that says so."""
    assert {key: base_of([module]) for key, (_, module) in PREPARED.items()} == dict.fromkeys(PREPARED, V4)
    assert [base_of([module]) for _, module in LATER.values()] == [TODAY]
    assert base_of([named("try_to_unmap_one")]) == TODAY
    assert base_of([named("deferred_split_folio")]) == V4
    assert base_of([named("nothing")]) == V4


@pytest.mark.parametrize(("size", "pages"), PAGES.items())
def test_swap_out_in_runs_writes_once_for_all_pages(size, pages):
    """What was once a page is once; mapcounts, AnonExclusive and freed pages stay; 7.3.4 was seen to call 15 times."""
    before, after = counted(size), counted(size, [swap_out_runs])
    changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    [calls] = [name for name in before if "deferred_split_folio" in name]

    assert changed.pop(calls) == (pages - 1, 0)
    assert len(changed) == 4
    assert set(changed.values()) == {(pages, 1)}
    assert before["atomics on page _mapcount"] == after["atomics on page _mapcount"] == pages


def test_the_words_of_the_exercise_are_the_table_s():
    """Once instead of 16 times, 0 times instead of 15; the table is there for this patch alone."""
    rows = {str(row[0]): [cell.value for cell in row[1:3]] for row in before_and_after().rows}
    text = "".join(stories.words("own-patch"))

    assert rows["atomics on _nr_pages_mapped"] == [16, 1]
    assert rows["calls of deferred_split_folio()"] == [15, 0]
    assert "written once instead of 16 times" in text
    assert "called 0 times instead of 15" in text
    assert [key for key in PATCHES if STORY.numbers(STORY.values | {"patch": key})] == ["runs"]


HOLE = 27
"""The first random scenario with swap in which a folio that lacks a mapping is reclaimed."""


def over_holes(m, folio, page, index, nr):
    """Take all that is asked for, whatever the PTEs map."""
    return nr


over_holes.__name__ = "folio_unmap_pte_batch"


@pytest.mark.slow
def test_a_run_changes_costs_alone_and_a_wrong_one_breaks_a_law():
    """On random scenarios with swap; a run that does not look at the PTEs is found."""
    walks = list(with_swap(TODAY, "batched", HOLE))
    runs, holes = Quick([swap_out_runs], TODAY), Quick([over_holes], TODAY)
    right = [runs.effect(walk) for walk in (*walks[:8], walks[-1])]

    assert any(one.costs for one in right)
    assert not any(one.state or one.broken for one in right)
    assert "MM_ANONPAGES" in holes.effect(walks[-1]).broken
    assert all(one.name.endswith(SWAPPED) for one in walks)
    assert many(TODAY, 1000) - many(V4, 1000) == 200
