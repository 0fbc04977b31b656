"""Does the model tell the truth? What the story shows of recordings, and what it says of them."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from folioviz.evidence.recordings import EXCLUSIONS, Difference, findings, kernels, replayed, scenarios
from folioviz.evidence.recordings.verdict import SKIPPED
from folioviz.files import scenario, share
from folioviz.lab import Lab
from folioviz.stories import find
from folioviz.stories.parts.both_sides import ALONE, DIFFERS, EQUAL, EXCEPTED, groups
from folioviz.stories.truth import (
    KERNELS,
    NAMES,
    WHOLE,
    Place,
    calls_of,
    cannot,
    ends,
    judged,
    make,
    scene,
    worth,
)
from folioviz.views import Story
from folioviz.views.story_panels.recorded import Recorded
from folioviz.views.story_panels.verdicts import Verdicts
from tests.evidence.recordings.test_conformance import LISTED

STORY = find("truth")
FEW = (
    "b4_front",
    "d9_pte_munmap",
    "e9_cow_parent",
    "i9_shrink",
    "j9_split_o4",
    "j9_split_shared",
    "l_refault_mthp",
)


def panel(story, kind):
    """Return one of a story's panels."""
    return next(one for one in story.panels if isinstance(one, kind))


def lines(where, number):
    """Return the lines of a step, by group and what they are about."""
    replay = replayed(*where)
    return {
        (group.title, line.what): line
        for group in groups(replay, replay.steps[number])
        for line in group.lines
    }


def test_the_answer_is_recorded():
    """What the series is about, counted in running kernels: 512 calls in 6.1.192, none in 6.12.117."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "512 times, and never"
    assert "512 calls in 6.1.192, 0 in 6.12.117. The model has the same" in because
    assert (calls_of("6.1.192"), calls_of("6.12.117")) == ((512, 512), (0, 0))


def test_every_kernel_and_scenario_can_be_chosen():
    """The menus hold what was recorded, and every combination makes a scenario; those that could not run are empty."""
    options = {choice.name: [value for _, value in choice.options] for choice in STORY.choices}

    assert options == {"kernel": list(kernels()), "recording": list(scenarios("7.3.4"))}
    skipped = [Place("6.1.192", name) for name in NAMES if cannot(Place("6.1.192", name))]
    assert len(skipped) == LISTED["6.1.192"].skipped
    assert not any(cannot(Place(kernel, name)) for kernel in KERNELS[1:] for name in NAMES)
    for where in skipped[:3]:
        assert make({"kernel": where.kernel, "recording": where.name}).ops == ()
        assert judged(where).state == SKIPPED


@pytest.mark.parametrize("kernel", ["6.1.192", "7.3.4"])
@pytest.mark.parametrize("name", FEW)
def test_the_scenario_does_what_the_replay_did(kernel, name):
    """The board's operations leave the same counts behind as the replay's, on a machine of another size."""
    where = Place(kernel, name)
    made, replay = scene(where), replayed(*where)
    lab = Lab(made.kernels[0], made.mmu_gather)
    for op in made.ops:
        lab.apply(op)

    assert made.kernels == (replay.release.model,)
    assert made.ops == tuple(op for done in replay.steps for op in done.ops)
    assert ends(replay)[-1:] == ((len(made.ops),) if replay.steps else ())
    assert lab.costs(0, lab.cursor) == replay.lab.costs(0, replay.lab.cursor)


@pytest.mark.parametrize("kernel", ["6.1.192", "6.18.15"])
@pytest.mark.parametrize("name", FEW)
def test_lines_say_what_the_comparison_found(kernel, name):
    """Equal lines read the same, others do not; a step has lines that differ exactly if it has such findings."""
    replay = replayed(kernel, name)
    for done in replay.steps:
        found = findings(replay, done)
        shown = [line for group in groups(replay, done) for line in group.lines]
        states = Counter(line.state for line in shown)
        assert [line for line in shown if line.state == EQUAL and line.kernel != line.model] == []
        assert [
            line for line in shown if line.state in {DIFFERS, EXCEPTED} and line.kernel == line.model
        ] == []
        assert (states[DIFFERS], states[EXCEPTED]) == (0, len(found))
        assert not (done.not_modelled and states[EQUAL])


@pytest.mark.parametrize(
    ("difference", "line"),
    [
        (
            Difference("counters", "64kB split_deferred", 1, 0),
            ("Counters, by how much they changed", "64kB split_deferred"),
        ),
        (Difference("calls", "deferred_split", 1, 2), ("Calls", "deferred_split_folio()")),
        (Difference("folio 0", "refcount", 12, 13), ("Folio 0", "_refcount")),
        (Difference("P a pages 4-15", "mapcount", 1, 2), ("Page tables", "process P, region a")),
        (Difference("P a page 4", "exclusive", 1, 0), ("Page tables", "process P, region a")),
        (Difference("P a memory", "Pss", 48, 40), ("smaps of process P, region a", "Pss")),
        (
            Difference("rmap removal 1", "removal", "", None),
            ("Rmap removals, in order", "which pages, how many at once"),
        ),
    ],
)
def test_a_difference_marks_its_line_and_no_other(difference, line):
    """Whatever the comparison finds is seen where it belongs."""
    replay = replayed("7.3.4", "b4_front")
    done = replay.steps[2]._replace(differences=(difference,))
    shown = {(group.title, one.what): one.state for group in groups(replay, done) for one in group.lines}

    assert [place for place, state in shown.items() if state == DIFFERS] == [line]


def test_a_step_that_the_model_refused_is_a_difference():
    """Nothing else of it is compared."""
    replay = replayed("7.3.4", "b4_front")
    refused = (Difference("operation", "refused", "done", "no such process"),)
    found = groups(replay, replay.steps[2]._replace(differences=refused))

    assert found[0].lines[0][:4] == ("this step", "done", "refused: no such process", DIFFERS)
    assert {line.state for group in found[1:] for line in group.lines} == {ALONE}


def test_values_read_as_recorded():
    """A quarter of an order-4 folio dropped on 7.3.4 : 12 pages are left, and it is queued."""
    found = lines(Place("7.3.4", "b4_front"), 2)

    assert found["Folio 0", "_refcount"][1:4] == ("12", "12", EQUAL)
    assert found["Folio 0", "_mapcount + 1, page by page"].kernel == "4 × 0, 12 × 1"
    assert found["Deferred split queue", "which folios are on it"].model == "folio 0"
    assert found["Page tables", "process P, region a"].kernel.startswith(
        "4–15: folio 0 from its page 4 on, kpagecount 1"
    )
    assert found["Counters, by how much they changed", "64kB split_deferred"].model == "+1"
    assert found["Calls", "batches of pages freed"][1:4] == ("1", "", ALONE)
    assert (
        found["Rmap removals, in order", "which pages, how many at once"].kernel
        == "folio 0: 4 from page 0 on"
    )


def test_folios_that_are_alike_share_their_lines():
    """64 folios of order 4 are one group, not 64."""
    replay = replayed("7.3.4", "b4_64folios")
    titles = [group.title for group in groups(replay, replay.steps[1])]

    assert "Folios 0 to 63, each of them" in titles
    assert len(titles) < 8


def test_the_first_step_is_worth_looking_at():
    """A difference, or where a folio was queued; the same on every kernel."""
    assert worth(Place("6.18.15", "j9_split_shared")) == 3
    assert {worth(Place(kernel, WHOLE)) for kernel in KERNELS} == {4}
    assert replayed("7.3.4", "b4_front").steps[worth(Place("7.3.4", "b4_front"))].text == "P dontneed a 0 4"


def test_every_exception_is_told():
    """The table's reasons are those of the list."""
    exceptions, left = STORY.numbers(STORY.values)

    assert {row[-1] for row in exceptions.rows} == {one.reason for one in EXCLUSIONS}
    assert len(left.rows) >= 6


def test_the_playhead_and_the_step_follow_each_other():
    """A step moves the playhead to its end; a link's place is the step under it; the explorer opens there."""
    story = Story("truth")
    story.events.heard({"click": "guess:skip"})
    view = panel(story, Recorded)
    assert view.step == 4
    story.events.heard({"click": "do:rec1"})
    assert story.session.frame.position == story.session.frame.begins[ends(view.replay)[1]]
    story.session.seek(story.session.frame.last)
    assert view.step == 5
    for _ in range(9):
        story.events.heard({"click": "do:recback"})
    assert view.step == 0
    story.events.heard({"click": "do:rec60"})
    assert view.step == 0

    at = story.session.frame.position
    story = Story("truth", link=f"?kernel=6.1.192&recording={WHOLE}&at={at}")
    assert panel(story, Recorded).step == 0
    link = share.query(scenario.replace(scene(Place("6.1.192", WHOLE)), at=at, step=None))
    assert link.replace("&", "&amp;") in story.screen.get_state()["parts"]["recsides"][2][1]


def test_a_cell_chooses_and_comparing_can_be_cancelled():
    """The menus, the board and the steps go with it; verdicts that were found stay."""

    async def some():
        story = Story("truth")
        story.events.heard({"click": "guess:skip"})
        table, view = panel(story, Verdicts), panel(story, Recorded)
        assert len(table.found) == LISTED["6.1.192"].skipped + 1
        story.events.heard({"click": "do:verdicts"})
        for _ in range(4):
            await asyncio.sleep(0)
        story.events.heard({"click": "do:verdictstop"})
        found = len(table.found)
        assert 31 <= found < len(table.places())
        story.events.heard({"click": f"do:cell2x{NAMES.index('j9_split_shared')}"})
        assert story.pickers["kernel"].value == "6.18.15"
        assert story.session.frame.ops == scene(Place("6.18.15", "j9_split_shared")).ops
        assert (view.place, view.step, len(table.found)) == (("6.18.15", "j9_split_shared"), 3, found + 1)
        story.events.heard({"click": f"do:cell0x{NAMES.index('a4_fault')}"})
        assert "could not run" in story.screen.get_state()["parts"]["recsides"][0][1]
        assert story.session.frame.ops == ()
        story.events.heard({"click": "do:recnext"})
        assert view.step == 0 or not view.replay.steps

    asyncio.run(some())
