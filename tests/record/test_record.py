"""The kernel at hand does a scenario, and the model does the same; or it says why it cannot."""

from __future__ import annotations

import json
import os
import re

from typer.testing import CliRunner

from folioviz.capture.system import system
from folioviz.cli import app
from folioviz.errors import FoliovizError
from folioviz.evidence.results import results
from folioviz.files import scenario
from folioviz.record import record
from folioviz.record.record import _agreed

OPS = (
    "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 2; touch 1 20 3; fork 1; write 2 3; dontneed 1 0 8; dontneed 2 0 8;"
    " mprotect 1 8 4 0; mremap 1 16 4 2048; mlock 2 32 4; protnone 2 40 8; munmap 1 20 2; exit 1; free 2 8 8"
)
CANNOT = re.compile(
    "needs root|no switch for each size|cannot be written|not to be seen|reads /proc|no model|pages of|no folios of"
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
    """
    before = system().sizes
    steps, result = recorded(tmp_path)
    if not steps:
        assert CANNOT.search(result), result
        return
    whole = any(folio["order"] == 4 for step in steps for folio in step["folios"].values())

    assert system().sizes == before
    assert len(steps) == result.steps == result.compared
    assert all(step["rc"] == 0 for step in steps)
    assert result.rows == () or not whole, result.rows
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


def test_the_command_refuses_in_words(monkeypatch):
    """What no program can do, and whoever is not root, with the line that works: a message, and status 2."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    none = CliRunner().invoke(app, ["record", "pinned-and-shrinker"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    nobody = CliRunner().invoke(app, ["record", "front", "-o", "front.jsonl"])

    assert (none.exit_code, nobody.exit_code) == (2, 2)
    assert "operation 9, get 2, cannot be recorded: no driver takes references here" in none.stderr
    assert nobody.stderr.endswith("-m folioviz record front -o front.jsonl\n")
