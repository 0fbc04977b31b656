"""Are whole folios still queued today? the numbers that the story tells, and what running kernels did.

docs/kernel/findings.md#two-runs
"""

from __future__ import annotations

import itertools
import json
import lzma
from pathlib import Path

import pytest

from folioviz import kernels
from folioviz.lab import Lab
from folioviz.readout import counters, state
from folioviz.stories import find
from folioviz.stories.parts.pieces import ran
from folioviz.stories.parts.still_seen import LEFT
from folioviz.stories.still_spurious import CASES, EDGES, has_mprotect, moved, ops, text_for, visit
from folioviz.views.story_panels.visit import drawn, judged, passage, words

STORY = find("still-spurious")
KEYS = tuple(kernels.KERNELS)
PMD_ONLY = ("v6.1.0", "v6.1")
MTHP = ("v6.8", "v6.9", "v6.10", "v6.12", "v7.3", "v7.3+no-page-mapcount")
FLAGS = MTHP[3:]
PAGE_BY_PAGE = ("v6.5-rc3+v4.1", "v6.5-rc3+v4.2", "v6.8")
QUEUES_WHAT_GOES = (*PAGE_BY_PAGE, "v6.9")


def seen(case, key, size=4, edge="half"):
    """Return what a case does under a kernel."""
    return visit(text_for(case, size, edge, key), key)


def test_the_answer_is_computed():
    """All kernels that there are; without the edge, those that take a whole folio in one batch count nothing."""
    right, because = STORY.question.answer()
    spared = set(KEYS) - {*PMD_ONLY, "v6.5-rc3", *QUEUES_WHAT_GOES}

    assert STORY.question.options[right] == "all of them"
    assert f"{len(KEYS)} of {len(KEYS)} kernels do" in because
    assert "256 pages are still mapped" in because
    assert f"Without the edge {len(spared)} of the {len(KEYS)}" in because


@pytest.mark.parametrize("key", [key for key in KEYS if key not in (*PMD_ONLY, "v6.5-rc3")])
@pytest.mark.parametrize("case", ["vma", "table", "split"])
def test_two_locks_and_one_event_everywhere(case, key):
    """The first run queues and counts, the second or the split takes off the queue."""
    found = seen(case, key)

    assert (found.locks, found.events, found.stays) == (2, 1, False)


@pytest.mark.parametrize("key", KEYS)
def test_a_2_mib_folio_is_counted_on_all_kernels(key):
    """Recorded: the batch is per VMA and per page table; 6.1 queues at its first page, edge or not."""
    locks = 513 if key == "v6.1.0" else 2
    for case in ("vma", "table"):
        assert seen(case, key, 9)[:2] == (locks, 1)


@pytest.mark.parametrize("key", [key for key in KEYS if key not in PMD_ONLY])
def test_without_an_edge_nothing_is_counted_since_v6_10(key):
    """One folio of order 4: two locks before v6.10 with patch 1/3, none since, none in v4."""
    wanted = (2, 1) if key in QUEUES_WHAT_GOES else (0, 0)

    assert seen("whole", key)[:2] == wanted
    assert seen("vma", key, edge="start")[:2] == wanted
    assert seen("table", key, edge="end")[:2] == wanted


def test_a_whole_2_mib_folio_as_on_running_kernels():
    """Recorded, d9_pte_munmap: queue locks and thp_deferred_split_page."""
    assert seen("whole", "v6.1", 9)[:2] == (2, 1)
    assert seen("whole", "v6.12", 9)[:2] == (1, 0)
    assert seen("whole", "v7.3", 9)[:2] == (1, 0)


def test_the_table_edge_of_the_recording():
    """Recorded, f9_mremap_unaligned: 512 PTEs over two page tables, 509 and 3."""
    text = "mm; mmap 1 0 1024; faultpmd 1 0; splitpmd 1 0; mremap 1 0 512 1027; munmap 1 1027 512"
    for key in ("v6.12", "v7.3"):
        assert visit(text, key)[:2] == (2, 1)
        lab = ran(text, key)
        found = passage(lab, lab.applied[-1].start, lab.applied[-1].end)
        assert [one.mapped for one in found.moments] == [512, 3, 0]


@pytest.mark.parametrize("key", MTHP)
def test_a_failed_migration_leaves_a_whole_folio_queued(key):
    """Fully mapped, queued (flagged since v6.12), and the next shrink really splits it."""
    text = ops("remap", 4)
    lab = ran(text, key)
    (folio,) = state.folios(lab.machine)

    assert seen("remap", key) == (1, 1, 0, True, "")
    assert (folio.pages_mapped, folio.queue_place) == (16, 1)
    assert folio.flagged == (1 if key in FLAGS else None)
    assert len(state.folios(ran(f"{text}; shrink 1", key).machine)) == 16


@pytest.mark.parametrize("key", MTHP)
def test_a_healthy_folio_is_flagged_by_its_migration_and_split_by_the_next(key):
    """The first migration moves it, the second splits it; v6.8 to v6.10 never queue the new folio."""
    first, second = seen("migrate", key), seen("again", key)
    (new,) = state.folios(ran(ops("migrate", 4), key).machine)

    assert (first.result, second.result) == (0, 1 if key in FLAGS else 0)
    assert new.pages_mapped == 16
    assert (new.queue_place, new.flagged) == ((1, 1) if key in FLAGS else (0, None))
    row = next(row for row in moved(4).rows if row[0] == kernels.find(key).label)
    assert row[1] == "16 of 16"
    assert row[4] == (1 if key in FLAGS else "–")
    assert row[5].value == ("is split" if key in FLAGS else "moves")


@pytest.mark.parametrize("case", [case for case in CASES if case not in ("remap", "migrate", "again")])
@pytest.mark.parametrize("edge", EDGES)
def test_both_ways_to_an_edge_are_one(case, edge):
    """Where mprotect is modelled, half of the folio moved away and back gives the same numbers."""
    for key in MTHP:
        found = [visit(ops(case, 4, edge, mprotect=way), key) for way in (True, False)]
        assert found[0] == found[1]
        assert found[0].refused == ""


def test_what_cannot_be_done_is_a_dash_and_never_a_number():
    """No order-4 folio in v6.1, no migration before v6.8."""
    assert "order 4" in seen("vma", "v6.1").refused
    assert "no migrate" in seen("migrate", "v6.5-rc3+v4").refused
    grid = STORY.numbers(STORY.values)[0]
    rows = {row[0]: [cell.value for cell in row[1:]] for row in grid.rows}

    assert rows["v6.1 (stable), 2 MiB"] == ["2 / 1"] * 4 + ["–"] * 3
    assert rows["v6.5-rc3"] == ["0 / 0"] * 3 + ["1 / 0"] + ["–"] * 3
    assert rows["v7.3"] == [
        "0 / 0",
        "2 / 1",
        "2 / 1",
        "2 / 1",
        "1 / 1, stays",
        "3 / 2, stays",
        "1 / 0, split",
    ]
    assert len(rows) == len(KEYS)


@pytest.mark.parametrize(("case", "key"), list(itertools.product(CASES, KEYS)))
def test_every_choice_can_be_made(case, key):
    """A scenario for every combination; where a kernel refuses, it says so, and the panel has no numbers."""
    for order in (2, 4):
        made = STORY.make(STORY.values | {"case": case, "order": order, "a": key, "b": "none"})
        assert made.kernels == (key,)
        lab = Lab(key)
        for op in made.ops:
            if lab.refusal(op) is None:
                lab.apply(op)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("key", MTHP)
def test_the_bars_are_what_the_kernel_counted(case, key):
    """They begin with all pages, end with none, and say "for nothing" exactly where an event was counted."""
    lab = ran(text_for(case, 4, "half", key), key)
    step, before = lab.applied[-1], lab.cursor
    found = passage(lab, step.start, step.end)

    assert lab.cursor == before
    assert [found.moments[0].mapped, found.moments[-1].mapped] == [16, 0]
    assert [one.mapped for one in found.moments] == sorted(
        (one.mapped for one in found.moments), reverse=True
    )
    assert found.locks == seen(case, key).locks
    bad = seen(case, key).events > 0 or (case == "again" and key in FLAGS)
    assert judged(found)[1] == ("bad" if bad else "good")
    assert words(found)[0].startswith("16 of 16 pages mapped")


def test_many_steps_are_thinned_out():
    """Of 512 steps a few are drawn: the first two, the last, in order."""
    lab = ran(text_for("whole", 9, "half", "v6.1"), "v6.1")
    found = passage(lab, lab.applied[-1].start, lab.applied[-1].end)
    shown = drawn(found.moments)

    assert len(found.moments) == 513
    assert len(shown) <= 34
    assert shown[:2] == list(found.moments[:2])
    assert shown[-1] == found.moments[-1]
    assert [one.row for one in shown] == sorted(one.row for one in shown)


def test_a_partial_unmap_is_queued_rightly():
    """Half of the folio stays: nothing spurious about that."""
    lab = ran("mm; mmap 1 0 64; fault 1 0 4; munmap 1 0 8", "v7.3")
    found = passage(lab, lab.applied[-1].start, lab.applied[-1].end)

    assert judged(found)[1] == "good"
    assert counters.size_stats(lab.machine)[4]["split_deferred"] == 1
    assert passage(lab, lab.applied[0].start, lab.applied[0].end) is None


def test_only_the_series_has_no_mprotect():
    """Their edge is made by mremap."""
    assert [key for key in KEYS if not has_mprotect(key)] == list(KEYS[2:9])


MORE = Path(__file__).parents[1] / "evidence/recordings/more"


def recorded(kernel, scenario):
    """Return the steps of a recorded scenario, [] if that kernel did not do it."""
    with lzma.open(MORE / f"{kernel}.jsonl.xz", "rt") as lines:
        return [step for step in map(json.loads, lines) if step["scenario"] == scenario and "op" in step]


@pytest.mark.parametrize(
    "kernel", [path.name.removesuffix(".jsonl.xz") for path in MORE.glob("*[0-9].jsonl.xz")]
)
def test_what_running_kernels_leave_is_what_was_recorded(kernel):
    """A healthy folio after its migration, and half of a folio whose cgroup is gone: of each kernel that is at hand."""
    (row,) = (row for row in LEFT.rows if kernel in row[0].split(", "))
    moves = [step for step in recorded(kernel, "m4_healthy") if " migrate " in step["op"]]
    (folio,), stats = moves[0]["folios"].values(), moves[0]["mthp"]["64kB"]
    flagged = row[1] == "flagged and queued"

    assert (folio["raw"]["pm"], folio["raw"]["dq"], folio["order"]) == (flagged, flagged, 4)
    assert (stats["split_deferred"], stats.get("nr_anon_partially_mapped", 0)) == (1 + flagged, int(flagged))
    assert moves[1]["mthp"]["64kB"].get("split", 0) == int(flagged)
    if flagged:
        assert visit(ops("migrate", 4), "v7.3").events == stats["split_deferred"]
    gone = [step for step in recorded(kernel, "r9_reparent") if step["op"].startswith("dropcaches")]
    left = {row[2]} if gone else set()
    assert left <= {"still queued" if step.get("folios") else "split" for step in gone}
    assert bool(gone) == (row[2] != "–")
