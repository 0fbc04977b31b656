"""The kernel at hand does a scenario, and the model does the same; or it says why it cannot."""

from __future__ import annotations

import json
import os
import re
import sys

from typer.testing import CliRunner

from folioviz.capture.system import system
from folioviz.cli import app
from folioviz.errors import FoliovizError
from folioviz.evidence.results import results
from folioviz.files import scenario
from folioviz.record import record, record_library
from folioviz.record.acts import acts_of
from folioviz.record.record import _agreed
from folioviz.record.settings import NoSizeError

OPS = (
    "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 2; touch 1 20 3; fork 1; write 2 3; dontneed 1 0 8; dontneed 2 0 8;"
    " mprotect 1 8 4 0; mremap 1 16 4 2048; mlock 2 32 4; protnone 2 40 8; munmap 1 20 2; exit 1; free 2 8 8"
)
CANNOT = re.compile(
    "needs root|no switch for the sizes|cannot be written|not to be seen|reads /proc|no model|pages of|no folios of"
)
"""What a machine may lack."""


def recorded(folder):
    """Return the steps that are recorded here, and what comes of them; or why there are none."""
    found = scenario.replace(scenario.loads(OPS), name="mixed")
    try:
        lines = list(record(found, 2))
        (folder / "mixed.jsonl").write_text("\n".join(lines))
        return [json.loads(line) for line in lines[1:]], next(results(str(folder / "mixed.jsonl")))
    except FoliovizError as error:
        return [], str(error)


def test_a_recording_of_this_machine_is_what_the_model_does(tmp_path):
    """Page tables, folios, sizes and smaps of each step are equal, and the machine's settings are as they were.

    A machine that has no such files, or is not ours, says so; one whose memory is in pieces may bring small pages.
    Where runs do not agree on counters, other programs move them.
    """
    before = system().sizes
    steps, result = recorded(tmp_path)
    if not steps:
        assert CANNOT.search(result), result
        return
    noisy = {step["i"] for step in steps if "noisy" in step}
    rows = [row for row in result.rows if row.step not in noisy or not row.what.startswith("counters")]
    whole = any(folio["order"] == 4 for step in steps for folio in step["folios"].values())

    assert system().sizes == before
    assert len(steps) == result.steps == result.compared
    assert all(step["rc"] == 0 for step in steps)
    assert rows == [] or not whole, rows
    assert {"page_tables", "folio kpagecount", "nr_anon", "Pss", "vmas"} <= result.fields


def test_most_runs_decide():
    """Of counters that other programs move the change of most runs is kept, and the others are told."""
    runs = [{"rc": 0, "vm": {"a": 1}, "mthp": {"64kB": {"nr_anon": 1}}} for _ in range(3)]
    runs[1] = {"rc": 0, "vm": {"a": 1, "b": 5}, "mthp": {}}

    assert _agreed(runs) == {
        "rc": 0,
        "vm": {"a": 1},
        "mthp": {"64kB": {"nr_anon": 1}},
        "noisy": ["vm b:2/3", "64kB nr_anon:2/3"],
    }


def test_the_library_is_recorded_as_far_as_the_kernel_goes(monkeypatch):
    """What no program can do is not there; what needs a size that the kernel lacks says so."""

    def does(one, times):
        if "4" in acts_of(one.ops)[0]:
            raise NoSizeError("no folios of order 4")
        yield json.dumps({"scenario": one.name, "times": times})

    monkeypatch.setattr(sys.modules["folioviz.record.record"], "record", does)
    lines = [json.loads(line) for line in record_library(1)]
    names = {line["scenario"] for line in lines}

    assert {"cow-pmd-thp", "front", "guard-basic"} <= names
    assert not {"pinned-and-shrinker", "migration-thp"} & names
    assert {"scenario": "cow-pmd-thp", "times": 1} in lines
    front = [line for line in lines if line["scenario"] == "front"]
    assert front[0]["release"] == os.uname().release
    assert front[1] == {"scenario": "front", "skip": "no folios of order 4"}


def test_the_command_refuses_in_words(monkeypatch):
    """What no program can do, and whoever is not root, with the line that works: a message, and status 2."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    none = CliRunner().invoke(app, ["record", "pinned-and-shrinker"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    library = CliRunner().invoke(app, ["record", "-o", "mine.jsonl"])
    nobody = CliRunner().invoke(app, ["record", "front", "-o", "front.jsonl"])

    assert (none.exit_code, nobody.exit_code) == (2, 2)
    assert "operation 9, get 2, cannot be recorded: no driver takes references here" in none.stderr
    assert library.stderr.endswith("-m folioviz record -o mine.jsonl\n")
    assert nobody.stderr.endswith("-m folioviz record front -o front.jsonl\n")
