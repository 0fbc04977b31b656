"""A schedule of several CPUs in the explorer: all panels show it, nothing is done in it, and a link brings it back."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from markupsafe import Markup

from folioviz.errors import DocumentError
from folioviz.files.share import fields_of
from folioviz.race import document, link
from folioviz.race.library import LIBRARY
from folioviz.views import Explorer

BAD = "1x22.0x32.1x8"
"""A schedule of k1b that breaks a law."""


@pytest.fixture(scope="module")
def played():
    """Return what the schedule is in Python."""
    return document.of(LIBRARY["k1b"]).race().play(BAD)


@pytest.fixture
def explorer():
    """Return the explorer at its end."""
    return Explorer(link=f"?race=k1b&schedule={BAD}")


def text(board, name):
    """Return what a slot says."""
    return " ".join(Markup().join(board.screen._now[name].values()).striptags().split())


def test_the_history_is_the_schedule(explorer, played):
    """Rows, machine, costs and sentence are those that were played; the law stands first; a candidate is called one."""
    frame, lab = explorer.session.frame, explorer.session.history.tracks[0].lab

    assert np.array_equal(lab.journal[:], played.journal[:])
    assert np.array_equal(lab.machine.mem, played.machine.mem)
    assert frame.sides[0].cost == played.costs(played.applied[-1].start)
    assert frame.told.startswith(f"breaks a law: {played.violation}; ")
    assert frame.position == frame.last
    assert "candidate, not confirmed on a kernel" in frame.title
    assert "Sequentially consistent" in frame.about
    assert frame.failed[-1] == "A"
    assert "A law" not in text(explorer, "summary")


def test_each_line_of_the_trace_has_its_cpu_and_its_depth(explorer, played):
    """The CPU is that of the row; what a CPU calls is one deeper than the call, whatever the other does between."""
    track = explorer.session.history.tracks[0]
    part = track.parts[len(explorer.session.history.ops) - 1]
    stacks = {0: [], 1: []}
    for pair in explorer.session.frame.trace:
        [cell] = pair.cells
        if cell.row < 0:
            continue
        assert cell.cpu == played.cpus[cell.row]
        stack = stacks[cell.cpu]
        del stack[cell.depth :]
        assert len(stack) == cell.depth
        stack.append(cell.name)
    assert part.lines.size > 40
    rows = "".join(explorer.screen._now["tracelines"].values())
    assert 'class="fv-who">0</b>' in rows
    assert 'title="CPU 1: deferred_split_scan()"' in rows


def test_a_step_is_one_of_one_cpu(explorer, played):
    """Keys step; the code is that of the CPU which is at work."""
    session = explorer.session
    begin = session.frame.begins[-2]
    explorer.events.heard({"key": "Shift+ArrowLeft"})
    assert session.frame.position == begin
    explorer.events.heard({"click": "read:code"})
    names = set()
    while session.frame.position < session.frame.last:
        explorer.events.heard({"key": "ArrowRight"})
        row = session.frame.sides[0].at
        names.add((int(played.cpus[row]), session.frame.code.source.name))
    assert {(1, "deferred_split_scan"), (0, "deferred_split_folio")} <= names
    assert "the line is not followed" in text(explorer, "trace")


def test_a_link_brings_the_moment_back(explorer):
    """What is shared is the race, its schedule and the step; pasted, it opens as well."""
    explorer.session.seek(explorer.session.frame.begins[-2] + 12)
    shared = explorer.screen._data["link"]
    assert shared["plain"] == f"race=k1b&schedule={BAD}"
    again = Explorer(link=f"{shared['plain']}&at={explorer.session.frame.plain}")
    for board in (again, other := Explorer()):
        if board is other:
            other.events.heard(
                {"open": f"http://x/explorer.ipynb?{shared['plain']}&at={again.session.frame.plain}"}
            )
        assert board.session.frame.position == explorer.session.frame.position
        assert board.screen._now["tracelines"] == explorer.screen._now["tracelines"]


def test_what_is_saved_is_the_race(explorer):
    """A document that opens it again, a report of 72 columns with a link, a trace with a column for the CPU."""
    sent = []
    explorer.screen.send = lambda content, buffers=(): sent.append((content, buffers))
    for what in ("scenario", "report", "trace", "folios"):
        explorer.events.heard({"click": f"do:save{what}"})
    files = {content["file"]: buffers[0].decode() for content, buffers in sent if "file" in content}

    assert document.loads(files["race.yaml"]) == explorer.session.history.race
    report = files["report.txt"]
    assert max(map(len, report.splitlines())) <= 72
    assert "flagged folio at page 0" in report.replace("\n        ", " ")
    assert (
        link.pasted("".join(report.splitlines()).partition("folioviz open ")[2].partition("'folioviz")[0])
        is not None
    )
    rows = [*csv.DictReader(io.StringIO(files["trace.csv"]))]
    assert {row["cpu"] for row in rows} == {"0", "1"}
    assert "head: order:2" in files["folios.txt"]


def test_nothing_is_done_in_a_schedule(explorer):
    """Buttons, edits and kernels that cannot do the same steps are refused in words; nothing changes."""
    session = explorer.session
    before = session.frame.ops, session.frame.race, session.frame.position
    explorer.events.heard({"click": "act:munmap"})
    assert "is looked at" in session.messages["operations"]
    explorer.events.heard({"edit": ["delete", 1, ""]})
    assert "is looked at" in session.messages["operations"]
    explorer.events.heard({"kernel": ["B", "v6.9"]})
    assert "one kernel" in session.messages["kernels"]
    explorer.events.heard({"kernel": ["A", "v6.5-rc3"]})
    assert session.messages["kernels"]
    assert (session.frame.ops, session.frame.race, session.frame.position) == before
    explorer.events.heard({"click": "do:every"})
    assert "one kernel" in text(explorer, "every")
    session.open("first-look")
    assert session.frame.race is None
    assert session.frame.refusals["munmap"] == ""


def test_the_kernel_of_a_race_may_be_one_that_no_menu_lists():
    """v6.12-rc stands in the menu as long as it is shown; its fix cannot do the same steps, and that is said."""
    explorer = Explorer(link="?race=k1")
    assert "v6.12-rc" in text(explorer, "kernels")
    explorer.session.seek(explorer.session.frame.last)
    assert explorer.session.frame.told.startswith("the schedule ends before all CPUs are done")
    explorer.session.open("first-look")
    assert "v6.12-rc" not in text(explorer, "kernels")


@pytest.mark.parametrize("query", ["race=nope", "race=k1b&schedule=0x999", "race=own&cpus=fault 7 0 2"])
def test_a_link_that_cannot_be_played_is_refused_in_words(query):
    """What was there stays."""
    explorer = Explorer(link=query)

    assert explorer.session.frame.race is None
    assert explorer.session.frame.scenario == "first-look"
    assert explorer.session.messages["scenario"]
    with pytest.raises(DocumentError):
        link.read(fields_of("race=own&cpus=|"))
