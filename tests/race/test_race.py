"""A race: what it is made of, how it is explored and played, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from folioviz import DocumentError, KernelError, Lab, OperationError, Race, parse_line
from folioviz.cli.app import app
from folioviz.kernels import KERNELS
from folioviz.machine import journal
from folioviz.machine.concurrency import folio_lock, folio_unlock
from folioviz.machine.fields import FIELDS
from folioviz.race import document, schedule
from folioviz.race.cpu import ADD, WRITE
from folioviz.race.library import FORKED, LIBRARY, ONE, QUEUED, TWO
from folioviz.race.memory import SIZES
from folioviz.race.report import WIDTH
from folioviz.readout import state, trace

ALONE = (
    (ONE, "dontneed 1 1 2"),
    (QUEUED, "shrink 4"),
    (QUEUED, "split 1"),
    (f"{ONE}; fault 1 8 3; dontneed 1 3 1; dontneed 1 9 2; get 1", "shrink 8"),
    (FORKED, "exit 2"),
    (FORKED, "munmap 1 0 3"),
    (ONE, "fork 1"),
    (ONE, "fault 1 8 3"),
)
KERNELS_OF_SMALL_FOLIOS = [key for key, kernel in KERNELS.items() if 2 in kernel.orders]


@pytest.mark.parametrize("key", KERNELS_OF_SMALL_FOLIOS)
def test_one_cpu_alone_is_the_lab(key):
    """It leaves the same rows, calls and decisions included, and the same memory."""
    for setup, op in ALONE:
        lab = Lab(key, sizes=SIZES)
        for one in parse_line(setup):
            lab.apply(one)
        done = lab.apply(parse_line(op)[0])
        history = Race(key, setup, [op]).play(_all(key, setup, op))

        assert history.over
        assert (history.journal[:] == lab.journal[:]).all()
        assert (history.machine.mem == lab.machine.mem).all()
        assert history.costs(done.start) == lab.costs(done.start) == history.costs_of(0)


def _all(key, setup, op):
    """Return the schedule in which one CPU does all that it does."""
    race = Race(key, setup, [op])
    found = race.explore()
    return found.text([])


def test_a_history_is_a_lab():
    """Seeking back and forth restores every byte; each row has its CPU, and costs add up."""
    race = Race("v6.12", f"{ONE}; queue 1", ["dontneed 1 0 1", "shrink 4"])
    history = race.find(race.explore())
    start, end = history.applied[-1].start, len(history.journal)
    last = history.machine.mem.copy()

    history.seek(0)
    history.seek(end)
    assert (history.machine.mem == last).all()
    assert history.applied[-1].op.short() == "dontneed 1 0 1 | shrink 4"
    assert len(history.cpus) == end
    assert set(history.cpus[:start].tolist()) == {-1}
    assert set(history.cpus[start:].tolist()) == {0, 1}
    both = history.costs(start)
    assert both == {name: history.costs_of(0)[name] + history.costs_of(1)[name] for name in both}
    assert history.costs_of(1)["sqlock"] == 2
    assert {step.cpu for step in history.steps} == {0, 1}
    assert all(start <= step.row <= end for step in history.steps)
    assert "deferred_split_scan" in {name for step in history.steps for name in step.functions}
    for row in range(start, end, 7):
        history.seek(row)
        for address in history.journal[row : row + 1][:, 1].tolist():
            if address >= 0 and history.journal[row : row + 1][0, 0] < journal.WHY:
                assert history.machine.where(address)[0] in range(len(FIELDS))


@pytest.mark.parametrize("name", ["k1b", "k3", "three-shrink"])
def test_a_step_knows_its_row(name):
    """What a step writes is the row at its place, or the one before where its function went on by itself."""
    race = document.find(name).race()
    history = race.find(race.explore())
    rows, start = history.journal[:], history.applied[-1].start
    places = [step.row for step in history.steps]
    wrote = [step for step in history.steps if step.kind in {WRITE, ADD}]

    def written(step, row):
        kind, address = rows[row][:2] if start <= row < len(rows) else (journal.WHY, -1)
        if kind >= journal.WHY or address < 0 or history.cpus[row] != step.cpu:
            return False
        number, index = history.machine.where(int(address))
        return step.thing == f"{FIELDS[number].label}[{index}]"

    assert places == sorted(places)
    assert all(start <= place <= len(rows) for place in places)
    assert len(wrote) > 20
    assert all(written(step, step.row) or written(step, step.row - 1) for step in wrote[:-1])


def test_each_cpu_has_a_gather_of_its_own():
    """Two zaps at the same time fill two mmu_gathers; a row's address says which field it is, whoever's."""
    race = Race("v6.5-rc3", FORKED, ["dontneed 1 0 4", "dontneed 2 0 4"])
    found = race.explore()
    history = race.play(found.text(_one_after_the_other(found)))

    rows = history.journal[:]
    own = [history.machine.where(int(a))[0] for a in rows[(rows[:, 1] >= 0) & (rows[:, 0] < journal.WHY), 1]]
    assert history.over
    assert history.violation == ""
    assert {row.number for row in FIELDS if row.name == "tlb_page"} <= set(own)
    assert (history.machine.tlb_batch_nr == 0).all()


def _one_after_the_other(found):
    """Return a schedule, step by step, in which each CPU goes on as long as it can."""
    path = []
    while can := found.can(path):
        path.append(path[-1] if path and path[-1] in can else can[0])
    return path


def test_the_map_counts_the_states():
    """Every state is in one place of the map; the first one has the odds of the whole."""
    race = Race("v6.12", f"{ONE}; queue 1", ["dontneed 1 0 1", "shrink 4"])
    found = race.explore()
    cells = found.map()

    assert sum(cell.states for cell in cells.values()) == found.states
    assert cells[0, 0].odds == pytest.approx(found.odds)
    assert found.can([]) == [0, 1]


def test_a_search_can_be_stopped():
    """By a number of states, or by who looks at its progress; it says that it is not complete."""
    race = Race("v6.5-rc3+v4", FORKED, ["dontneed 1 0 4", "dontneed 2 0 4"])
    few, seen = race.explore(states=50), []
    stopped = race.explore(progress=lambda states: seen.append(states) or False)

    assert not few.complete
    assert few.states == 50
    assert few.schedules is None
    assert not stopped.complete
    assert seen == [1024]


def test_a_bound_covers_less():
    """No preemption: each CPU goes on as long as it can, so that two CPUs have two schedules; one allows more."""
    race = Race("v6.9", FORKED, ["dontneed 1 0 2", "dontneed 2 0 2"])
    none, one, every = race.explore(preemptions=0), race.explore(preemptions=1), race.explore()

    assert none.states < one.states < every.states
    assert none.ends <= one.ends <= every.ends


def test_the_rule_of_references_can_be_asked_for():
    """v3 and v4 of the series break it without an mmu_gather; v6.9 does not."""
    broken = Race("v6.5-rc3+v4", FORKED, ["dontneed 2 0 4"], "none", laws=["references"])
    kept = Race("v6.9", FORKED, ["dontneed 2 0 4"], "none", laws=["references"])

    found = broken.explore()
    assert [one.law for one in found.violations] == ["fewer references than mappings"]
    assert broken.play(found.violations[0].schedule).violation == "fewer references than mappings"
    assert kept.explore().violations == ()


def remap_folio(m: Any, folio: int) -> None:
    """Take a folio's lock, and then the other's, whichever that is."""
    folio_lock(m, folio)
    folio_lock(m, 4 - folio)
    folio_unlock(m, 4 - folio)
    folio_unlock(m, folio)


def test_two_locks_in_two_orders_are_a_deadlock():
    """Two CPUs that wait for each other are told, with a schedule that plays to the same."""
    race = Race("v6.12", TWO, ["remap 1", "remap 2"], patches=(remap_folio,))
    found = race.explore()

    assert [one.law for one in found.violations] == [
        "deadlock: each CPU waits for a lock that another one holds"
    ]
    assert (found.violations[0].preemptions, found.violations[0].odds) == (1, 0.5)
    assert race.play(found.violations[0].schedule).violation == found.violations[0].law
    with pytest.raises(OperationError, match=r"CPU 1 waits for PG_locked\[0\]"):
        race.play("0x1.1x2")


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("v6.13", ONE, ["shrink 1"]), KernelError, "v6.13"),
        (("v6.12", ONE, []), DocumentError, "1 to 4 CPUs"),
        (("v6.12", ONE, ["shrink 1"] * 5), DocumentError, "this has 5"),
        (("v6.12", ONE, [""]), DocumentError, "CPU 0 has 0 operations"),
        (("v6.12", ONE, ["fly 1"]), DocumentError, "fly 1"),
        (("v6.12", ONE, ["gup 1"]), DocumentError, "gup 1 0"),
        (("v6.12", ONE, ["observe 99999999999"]), DocumentError, "whole numbers"),
        (("v6.12", ONE, ["gup 9 0"]), OperationError, "there is no process 9"),
        (("v6.12", ONE, ["gup 1 100"]), OperationError, "no VMA at page 100"),
        (("v6.12", ONE, ["observe 7"]), OperationError, "there is no folio 7"),
        (("v6.12", ONE, ["queue 1"]), OperationError, "belongs into the setup"),
        (("v6.12", ONE, ["zero 1 0 1"]), OperationError, "page table only"),
        (("v6.9", ONE, ["move 1"]), OperationError, "v6.12 or later"),
        (("v6.12", FORKED, ["exit 2", "dontneed 2 0 1"]), OperationError, "no other CPU"),
    ],
)
def test_what_cannot_be_is_refused(arguments, error, words):
    """Clearly, and before anything runs."""
    with pytest.raises(error) as told:
        Race(*arguments)

    assert words in str(told.value)


@pytest.mark.parametrize(
    "text", ["1", "1x", "x1", "0x1,1x2", "9x1", "0x-1", "0x1..1x1", "0x9999999", "1x1 0x1"]
)
def test_a_schedule_that_is_none_is_refused(text):
    """The part that is wrong is named."""
    with pytest.raises(DocumentError, match="schedule"):
        schedule.parse(text, 2)


def test_a_schedule_that_cannot_be_is_refused():
    """A CPU that is done has no more steps; one that waits for a lock cannot go on."""
    race = Race("v6.9", FORKED, ["dontneed 1 0 2", "dontneed 2 0 2"])

    with pytest.raises(OperationError, match="CPU 0 is done"):
        race.play("0x999")


def test_schedules_are_written_as_they_are_read():
    """Neighbours of one CPU are one run, empty runs are left out."""
    assert schedule.parse("1x12.0x18.1x4", 2) == [(1, 12), (0, 18), (1, 4)]
    assert schedule.text([(1, 5), (1, 7), (0, 0), (0, 18), (1, 4)]) == "1x12.0x18.1x4"
    assert schedule.parse("", 2) == []


def test_documents_are_read():
    """YAML and JSON; what is no field, or of another kind, is named."""
    text = (
        "kernel: v6.9\nsetup: mm; mmap 1 0 64; fault 1 0 2; fork 1\ncpus: [dontneed 1 0 2, dontneed 2 2 2]\n"
    )
    found = document.loads(text).race().explore()

    assert found.schedules == 2
    for wrong in ("cpus: 3", "cpus: [a]\nkernels: x", "setup: mm", "[]"):
        with pytest.raises(DocumentError, match="no race"):
            document.loads(wrong)
    with pytest.raises(DocumentError, match="k9"):
        document.find("k9")


def run(*arguments):
    """Run the command; return its status and what it prints."""
    done = CliRunner().invoke(app, ["race", *arguments])
    return done.exit_code, done.output


def test_the_command_says_what_is_broken():
    """Status 1 and a schedule that it plays itself; 0 where no law is; 2 for bad input; 72 columns."""
    status, text = run("k1b")
    fixed, right = run("k1b-fixed")

    assert status == 1
    assert "not confirmed on a" in text
    assert (fixed, "No law is broken." in right) == (0, True)
    assert max(map(len, (text + right).splitlines())) <= WIDTH
    assert run("k9")[0] == 2
    assert run("k1b", "--states", "10")[1].count("Stopped at 10 states") == 1


def test_the_command_lists_the_library():
    """A line for each race, with its kernel and what each CPU does."""
    status, text = run()

    assert status == 0
    assert [line.split()[0] for line in text.splitlines()] == list(LIBRARY)
    assert max(map(len, text.splitlines())) <= WIDTH


def test_the_command_plays_a_schedule():
    """It prints who did what, and the law that is broken; a schedule that cannot be is bad input."""
    race = document.find("k3").race()
    text = race.explore().violations[0].schedule
    status, told = run("k3", "--schedule", text)

    assert status == 1
    assert "vm_warn" in told
    assert max(map(len, told.splitlines())) <= WIDTH
    assert run("k3", "--schedule", "0x1.7x1")[0] == 2


@pytest.mark.parametrize("name", ["k1", "k3", "same-half-v4"])
def test_what_reads_a_lab_reads_a_history(name):
    """State, trace and the gathered pages can be read at any row, also where a law is broken."""
    race = document.find(name).race()
    found = race.explore(preemptions=2)
    history = race.find(found) or race.play(found.text(_one_after_the_other(found)))

    for row in range(history.applied[-1].start, len(history.journal) + 1, 9):
        history.seek(row)
        assert len(state.folios(history.machine)) <= 8
        assert len(state.processes(history.machine)) <= 3
    shown = trace.lines(history, len(history.applied) - 1, allocator=True)
    assert len(shown) > 20
