"""When is a huge page made whole again? What the story says, and what running kernels made."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from folioviz.files import share
from folioviz.readout import state
from folioviz.stories import find
from folioviz.stories.parts.comers import CAME_APART, EVERY, TODAY, WHO, computed, text
from folioviz.stories.parts.made_seen import RAN, RECORDED, bounds, least, recorded
from folioviz.stories.parts.parts import bare
from folioviz.stories.parts.pieces import ran
from folioviz.stories.parts.wholeness import HUGE, NOTHING, PART, SMALL, ZERO, makeup, spans, told_of
from folioviz.views.session.session import Session
from folioviz.views.story_panels.stages import stages, strip, width

STORY = find("made-whole")
MORE = Path(__file__).parents[1] / "evidence" / "recordings" / "more"


def made(how, who="nobody", order=9, bound=511, key=TODAY):
    """Return what is there in the end, without what was computed before."""
    return computed(text(how, who, order, bound), key).made


def test_the_answer_is_computed():
    """Half of 512 pages come back as folios of their own; the whole is a new folio of 512."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right].startswith("khugepaged")
    assert because.startswith("The writes bring 256 new small folios: ")
    assert "keeps 256 pages that nobody maps" in because
    assert "leaves 512 small pages" in because
    assert "a new one, 512 pages" in because


@pytest.mark.parametrize("key", ["v6.1", *EVERY])
def test_only_a_collapse_makes_2_mib_whole(key):
    """Neither writes nor the shrinker do, under any kernel; whole means one folio, one PMD, and nothing kept."""
    for who, whole in (("nobody", False), ("shrinker", False), ("khugepaged", True), ("collapse", True)):
        found = made("written", who, key=key)
        assert (found.huge, found.rss) == (whole, 512)
        assert found.kept == (256 if who == "nobody" else 0)
    assert computed(text("ptes", "khugepaged", 9, 511), key).new == 512


@pytest.mark.parametrize(("how", "order", "words"), [
    ("half", 9, "part of 2 MiB"),
    ("written", 4, "part of 64 KiB + 8 small"),
    ("ptes", 9, "1 × 2 MiB by PTEs"),
    ("flagged", 9, "1 × 2 MiB by PTEs, flagged"),
    ("sparse", 9, "1 × 2 MiB"),
    ("sparse", 4, "1 × 64 KiB"),
    ("small", 4, "60 small"),
])  # fmt: skip
def test_what_came_apart_is_told(how, order, words):
    """The largest first; a whole folio says if its kernel takes it for one that is not."""
    assert made(how, order=order).words == words


def test_before_the_flag_the_queue_says_so():
    """v6.8 has no flag: what it queues, it takes for partially mapped. v6.1 has no migration here."""
    before = made("flagged", order=4, key="v6.8")

    assert before
    assert (before.words, before.healthy) == ("1 × 64 KiB, queued", False)
    assert made("flagged", key="v6.1") is None
    assert made("half", order=4, key="v6.1") is None


def test_a_64_kib_folio_is_not_mended_until_it_is_split():
    """v7.3's khugepaged leaves what is as large already; after the shrinker it makes one folio, where others do not."""
    assert made("written", "khugepaged", 4).words == "part of 64 KiB + 8 small"
    assert made("written", "both", 4).words == "1 × 64 KiB"
    assert made("written", "both", 4, key="v6.12").words == "16 small"


def test_what_is_underused_stays_small():
    """The shrinker splits it since v6.12, and khugepaged with the same bound leaves it; before, it stays whole."""
    for who in ("shrinker", "both"):
        assert made("sparse", who, bound=409).words == "1 small + 511 × zero page"
        assert made("sparse", who, bound=409, key="v6.10").huge
    assert made("sparse", "collapse", bound=409).huge


def test_max_ptes_none_asks_the_same_of_both():
    """512 pages without the bound; folios of 64 KiB may have holes with 511 alone."""
    rows = {int(str(row[0]).split(",")[0]): row[1:] for row in bounds().rows}

    assert {bound: row[0] for bound, row in rows.items()} == {bound: 512 - bound for bound in rows}
    assert [row[1] for row in rows.values()] == [row[0] for row in rows.values()]
    assert [row[2] for row in rows.values()] == [1, 16, 16, 16]


@pytest.mark.parametrize("guess", [1, 7, 12])
def test_the_least_is_found_from_anywhere(guess):
    """From below, from above, and at once."""
    assert least(lambda pages: pages >= 7, guess) == 7


def as_told(found):
    """Return runs of recorded pages as the story tells them: (vpn, pages, "p", folio, each, offset, ...)."""
    small = sum(run[1] for run in found if run[4])
    large = [run[1] for run in found if not run[4]]
    parts = [
        told_of(HUGE, pages.bit_length() - 1, "", large.count(pages))
        for pages in sorted({*large}, reverse=True)
    ]
    return " + ".join(parts + ([told_of(SMALL, 0, "", small)] if small else []))


@pytest.mark.parametrize("place", range(len(RAN)))
def test_the_recorded_table_is_what_was_recorded(place):
    """Read again from the recordings: the pages after khugepaged's pass, or after the call."""
    with lzma.open(MORE / f"{RAN[place]}.jsonl.xz", "rt") as lines:
        steps = [json.loads(line) for line in lines]
    for one in RECORDED:
        [last] = [
            step
            for step in steps
            if step["scenario"] == one.name and {"khugepaged", "collapse"} & {*step.get("op", "").split()[:2]}
        ]
        assert as_told(last["procs"]["P"]["a"]) == one.seen[place]


def test_the_models_make_what_the_kernels_made():
    """v6.12 as 6.12.118, v7.3 as 7.3.4; the folded table says how often."""
    table = recorded()

    assert [[bare(cell) for cell in row[4:]] for row in table.rows] == [
        [row[1], row[3]] for row in table.rows
    ]
    assert table.result(table.rows) == f"the same {2 * len(RECORDED)} of {2 * len(RECORDED)} times"


def test_the_tables_have_all_ways_and_all_comers():
    """Green is whole, red keeps pages; a kernel that has no such size has dashes."""
    every, kernels, *_ = STORY.numbers(STORY.values | {"size": 4})

    assert [row[0] for row in every.rows] == [*CAME_APART.values()]
    assert {len(row) for row in (*every.rows, *kernels.rows)} == {1 + len(WHO)}
    assert [cell.mark for cell in every.rows[1][1:]] == ["bad", "", "bad", "good", "good"]
    assert {bare(cell) for cell in kernels.rows[0][1:]} == {"–"}
    wanted = STORY.make(STORY.values | {"size": 4, "how": "half", "who": "nobody"})
    assert every.rows[0][1].query == share.query(wanted)


def test_a_strip_has_every_page_once():
    """Runs of one folio or of single pages, in order; what nobody maps is beside them, to the same scale."""
    [line] = [text("written", "nobody", 9, 511)]
    found = makeup(ran(line, TODAY).machine)

    assert spans(found) == [(0, 256, SMALL), (256, 512, PART)]
    assert "left:100.000%" not in strip(found, 512, 256)
    assert f"width:{100 * 256 / (512 * 1.03 + 256):.3f}%" in strip(found, 512, 256)
    zeros = makeup(ran(text("sparse", "shrinker", 9, 409), TODAY).machine)
    assert spans(zeros) == [(0, 1, SMALL), (1, 512, ZERO)]
    four = makeup(ran(text("small", "khugepaged", 4, 511), TODAY).machine)
    assert [span[:2] for span in spans(four)] == [(0, 16), (16, 32), (32, 48), (48, 64)]
    assert (four.kinds == NOTHING).sum() == 448


def test_the_stages_are_the_operations_from_the_first_page_on():
    """What each left, and the playhead stays where it was; a folio of 64 KiB is drawn with as much room as it needs."""
    session = Session(STORY.make(STORY.values))
    [track] = session.history.tracks
    before = track.lab.cursor
    found = stages(track)

    assert [one.made.words for one in found] == [
        "1 × 2 MiB", "part of 2 MiB", "part of 2 MiB + 256 small", "512 small", "1 × 2 MiB",
    ]  # fmt: skip
    assert track.lab.cursor == before
    assert width(found) == 512
    assert len(state.folios(track.lab.machine)) == 1
    small = Session(STORY.make(STORY.values | {"size": 4, "who": "khugepaged"}))
    assert width(stages(small.history.tracks[0])) == 16
