"""Three programs that lose memory: what the story says, what the programs do, and what a running kernel had."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from folioviz.capture.sums import by_region
from folioviz.stories import find
from folioviz.stories.parts.parts import bare
from folioviz.stories.parts.pieces import ran
from folioviz.stories.parts.programs import GUARD, OTHER, OWN, PROGRAMS, RUN, THEN, USED, WRITTEN, parts, text
from folioviz.stories.parts.programs_seen import capture, had
from folioviz.stories.parts.programs_told import (
    Amount,
    amount,
    by_kernel,
    comes,
    computed,
    less,
    memory,
    running,
    whole,
)
from folioviz.stories.parts.standing import MAPPED, NOBODY, called, standing
from folioviz.stories.parts.wholeness import HUGE, SMALL, spans
from folioviz.stories.three_programs import KERNELS
from folioviz.views.session.session import Session
from folioviz.views.story_panels.program import DONE, LATER, NOW, lines
from tests.recipes.following import ROOT

STORY = find("three-programs")
LOST = {"allocator": (32, 480), "stacks": (16, 496), "saver": (512, 64)}
"""Pages of 512 that are mapped in the end, and pages that are held and mapped by nobody: by the programs' texts."""


@pytest.fixture
def examples(monkeypatch):
    """Return what imports a program of examples/."""
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    yield import_module
    for name in (*PROGRAMS, "held"):
        sys.modules.pop(name, None)


def test_the_answer_is_computed():
    """Sixteen huge pages, and 64 copies of each: 36 MiB for 32."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "36 MiB: the old pages, too"
    assert because.startswith("36 MiB, for 32 MiB that are mapped.")
    assert "4 MiB in 16 huge pages" in because
    assert because.endswith("and 4 MiB go back.")


def test_the_operations_are_those_of_the_programs(examples):
    """As many huge pages, as long runs, zones and stacks as the files of examples/ say."""
    allocator, stacks, saver, held = map(examples, ("allocator", "stacks", "saver", "held"))

    assert [one.blocks for one in PROGRAMS.values()] == [allocator.BLOCKS, stacks.STACKS, saver.BLOCKS]
    assert (allocator.RUN, saver.WRITTEN) == (RUN, WRITTEN)
    assert (stacks.GUARD, stacks.USED) == (GUARD * held.PAGE, USED * held.PAGE)
    assert parts("allocator")[0][3:5] == ["dontneed 1 1 15", "dontneed 1 17 15"]
    assert parts("stacks")[0][3:] == ["protnone 1 0 4", "dontneed 1 0 496"]
    assert parts("saver")[0][3:] == ["fork 1", "touch 1 0 64", "exit 2"]
    for program in PROGRAMS.values():
        source = (ROOT / "examples" / f"{program.key}.py").read_text(encoding="utf-8")
        assert [step.code for step in program.steps[OWN] if step.code not in source] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_kernel_loses_what_the_text_says(program):
    """As many pages are mapped, held and queued under each; the shrinker gives back all, an exit leaves nothing."""
    mapped, lost = LOST[program]
    for key in KERNELS:
        assert amount(text(program), key) == Amount(mapped, mapped + lost, lost, 1)
        assert amount(text(program, then="shrinker"), key) == Amount(mapped, mapped, 0, 0)
        assert amount(text(program, then="exit"), key) == Amount(0, 0, 0, 0)


@pytest.mark.parametrize("program", PROGRAMS)
def test_all_of_a_program_is_so_many_times_a_part(program):
    """The tables multiply what 2 MiB come to; here the program's own number of huge pages is done in one machine."""
    blocks = PROGRAMS[program].blocks
    lab = ran(text(program, blocks=blocks), "v7.3")
    mapped, lost = LOST[program]

    found = standing(lab.machine)
    assert [made.rss for made in found.processes.values()] == [mapped * blocks]
    assert (found.held, found.lost, found.queued) == ((mapped + lost) * blocks, lost * blocks, blocks)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_running_kernel_had_the_same(program):
    """The capture that is shipped: mapped, held and folios; and it has no addresses and one process."""
    blocks, (mapped, lost) = PROGRAMS[program].blocks, LOST[program]
    found = capture(program)

    assert had(program)[1:] == (mapped * blocks, lost * blocks, blocks)
    assert len(found.processes) == 1
    assert {(one.address, one.name) for one in found.regions} == {(None, None)}
    assert int(by_region(found).guards.sum()) == 0


def test_the_guard_zones_that_were_captured_are_no_markers():
    """Eight regions without rights, four pages each, beside eight that may be written."""
    regions = capture("stacks").regions

    assert [(one.rights, one.pages) for one in regions] == [("---p", GUARD), ("rw-p", 512 - GUARD)] * 8


def test_what_a_guard_zone_costs():
    """PROT_NONE keeps its pages mapped; a marker takes them, and only v7.3 of these kernels has it."""
    zone = "mm; mmap 1 0 512; faultpmd 1 0; "
    for key in KERNELS:
        assert amount(f"{zone}protnone 1 0 4", key)[:3] == (512, 512, 0)
    assert amount(f"{zone}guard 1 0 4", "v7.3")[:3] == (508, 512, 4)
    assert computed(text("stacks", way=OTHER), "v6.12") is None
    assert amount(text("stacks", way=OTHER), "v7.3") == amount(text("stacks"), "v7.3")


def test_what_the_words_say_of_calls():
    """The PMD is split once; v6.1 asks 480 times whether to queue, v7.3 twice, once of them at the fault."""
    cells = {bare(row[0]): row[1:] for row in by_kernel(STORY.values).rows}

    assert cells["v6.1 (stable)"] == (1, 480, 480, 1, 1)
    assert cells["v7.3"] == (1, 33, 2, 1, 2)
    lab = ran(text("stacks"), "v6.1")
    cut = lab.applied[3]
    assert called(lab, cut.start, cut.end) == {"__split_vma": 1, "__split_huge_pmd": 1, "change_pte": 4}


@pytest.mark.parametrize(("program", "lost"), [
    ("allocator", ["1.875 MiB", "0", "1.875 MiB", "384 KiB", "0"]),
    ("stacks", ["1.938 MiB", "1.938 MiB", "0", "0", "0"]),
    ("saver", ["256 KiB", "0", "0", "0", "0"]),
])  # fmt: skip
def test_what_would_lose_less(program, lost):
    """As it does, other advice, 64, 16 and 4 KiB; under v6.1 there are no folios between."""
    table = less({**STORY.values, "program": program})

    assert [bare(row[3]) for row in table.rows] == lost
    assert [one.mark for one in (row[3] for row in table.rows)] == [
        "good" if one == "0" else "bad" for one in lost
    ]
    old = less({**STORY.values, "program": program, "a": "v6.1"})
    assert [bare(row[3]) for row in old.rows][2:4] == ["–", "–"]


@pytest.mark.parametrize(("program", "mapped", "lost"), [
    ("allocator", "2 MiB", "0"), ("stacks", "64 KiB", "1.938 MiB"), ("saver", "2 MiB", "0"),
])  # fmt: skip
def test_khugepaged_maps_all_again_where_one_vma_has_it(program, mapped, lost):
    """A stack with a PROT_NONE zone is of two VMAs: it stays as it is."""
    [row] = [row for row in comes({**STORY.values, "program": program}).rows if row[0] == "khugepaged"]

    assert (bare(row[1]), bare(row[3])) == (mapped, lost)


def test_the_tables_say_what_they_come_to():
    """All of a program, kernel by kernel; the captured one beside the model."""
    table = whole({**STORY.values, "program": "saver"})

    assert {tuple(map(bare, row[1:])) for row in table.rows} == {("32 MiB", "36 MiB", "4 MiB", "16", "0")}
    assert table.result(table.rows).startswith("mapped by nobody, v6.1 (stable): 4 MiB; ")
    assert running().result(running().rows) == "the same for 3 of 3"
    assert [memory(pages) for pages in (0, 1, 255, 256, 480)] == [
        "0",
        "4 KiB",
        "1020 KiB",
        "1 MiB",
        "1.875 MiB",
    ]


def test_what_stands_after_an_operation():
    """The server's copies are single pages; the folio's first 64 pages are mapped by nobody once the child is gone."""
    made = standing(ran(text("saver"), "v7.3").machine)
    before = standing(ran("; ".join(parts("saver")[0][:-1]), "v7.3").machine)

    assert {*before.processes} == {1, 2}
    assert [one[:2] for one in spans(before.processes[1])] == [(0, 64), (64, 512)]
    assert spans(before.processes[1])[0][2] == SMALL
    assert spans(before.processes[2]) == [(0, 512, HUGE)]
    assert before.folios == [(0, 512, MAPPED)]
    assert made.folios == [(0, 64, NOBODY), (64, 512, MAPPED)]
    assert (made.large, made.lost, made.held) == (1, 64, 576)


@pytest.mark.parametrize("way", [OWN, OTHER])
@pytest.mark.parametrize("then", THEN)
def test_every_operation_is_of_one_line(way, then):
    """From the first write on; those of one line follow each other."""
    for program in PROGRAMS:
        ops, steps = parts(program, way=way, then=then)
        assert [first for _, first, _ in steps] == [2, *(end for _, _, end in steps[:-1])]
        assert steps[-1].end == len(ops)


def test_the_lines_follow_the_playhead():
    """Before an operation is complete it counts for none; what is not reached is later."""
    session = Session(STORY.make({**STORY.values, "b": "none"}))
    steps = parts("allocator")[1]
    session.seek(session.history.axis.begins[10] + 1)
    before = lines(session.frame, steps)
    session.seek(session.history.axis.begins[3] + 1)
    first = lines(session.frame, steps)
    session.seek(session.history.axis.last)
    last = lines(session.frame, steps)
    session.seek(0)

    assert [(one.upto, one.when) for one in before] == [(3, DONE), (10, NOW)]
    assert [(one.upto, one.when) for one in first] == [(3, DONE), (3, NOW)]
    assert [(one.upto, one.when) for one in last] == [(3, DONE), (35, NOW)]
    assert {one.when for one in lines(session.frame, steps)} == {LATER}
