"""Files that earlier versions saved are read, and are written again with the same numbers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from folioviz.cli import app
from folioviz.compare.report import report
from folioviz.files import export, scenario
from folioviz.lab import Lab
from folioviz.ops.walk import live_folios
from folioviz.proc.page import dump

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/links.json"))
NUMBER = re.compile(r"(\w+):(\w+)")
"""A number of a dump and what it is called."""


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request):
    """Yield each earlier version's folder."""
    return request.param


def text(folder, name):
    """Return a file's text."""
    return (folder / name).read_text(encoding="utf-8")


def test_a_scenario_file_opens(folder):
    """YAML and JSON are the same scenario, with its playhead; saved again, they are the same text."""
    found = scenario.load(folder / "scenario.yaml")

    assert found == scenario.load(folder / "scenario.json")
    assert scenario.dumps(found) == text(folder, "scenario.yaml")
    assert scenario.dumps(found, "json") == text(folder, "scenario.json")


def test_numbers_at_the_ends_of_their_ranges_open(folder):
    """The largest place, page and number of folios to scan are still allowed."""
    found = scenario.load(folder / "limits.yaml")

    assert found.at == 2**31 - 1
    assert scenario.dumps(found) == text(folder, "limits.yaml")


def without_flush_of_mprotect(lines):
    """Return records of ``--format vectors`` without what was wrong: mprotect() counted no flush of its mmu_gather."""
    runs = [json.loads(line) for line in lines.splitlines()]
    for run in runs:
        for op, record in zip(run["ops"], run["records"], strict=True):
            if op.startswith("mprotect"):
                record.get("C", {}).pop("tflush", None)
    return runs


def test_records_are_the_same(folder):
    """The stream that ``folioviz run --format vectors`` printed then is printed now, but for mprotect's own flush."""
    kernels = dict.fromkeys(json.loads(line)["kernel"] for line in text(folder, "records.jsonl").splitlines())
    words = [word for key in kernels for word in ("--kernel", key)]
    done = CliRunner().invoke(
        app, ["run", "-", "--format", "vectors", *words], input=text(folder, "operations.txt")
    )

    assert without_flush_of_mprotect(done.output) == without_flush_of_mprotect(text(folder, "records.jsonl"))


def test_a_report_has_the_same_numbers(folder):
    """Every table of costs and every state at the end is as it was; sentences may have become better ones."""

    def numbers(whole):
        costs = re.search(r"^Cost of all operations\n(.*?)^\w", whole, re.MULTILINE | re.DOTALL)[1]
        end = re.search(r"^State at the end\n(.*?)^\w", whole, re.MULTILINE | re.DOTALL)[1]
        return [re.findall(r"\b0x[0-9a-f]+|-?\b\d+\b", part) for part in (costs, end)]

    then, now = text(folder, "report.txt"), report(scenario.load(folder / "scenario.yaml"))

    assert min(map(len, numbers(then))) > 20
    assert numbers(now) == numbers(then)


def test_a_trace_has_the_same_rows(folder):
    """The columns, every line about a folio in its order, and each other line as often.

    How fork copies a VMA is told in more lines than then: vm_area_dup() and anon_vma_fork() are calls of their own.
    """
    then = list(csv.DictReader(io.StringIO(text(folder, "trace.csv"))))
    found = scenario.load(folder / "scenario.yaml")
    parts = []
    for key in found.kernels:
        lab = Lab(key, found.mmu_gather)
        *_, step = map(lab.apply, found.ops)
        parts.append((lab, len(found.ops), found.ops[-1].short(), step.start, step.end))
    now = list(csv.DictReader(io.StringIO(export.trace_csv(parts))))

    named = {row["name"] for row in then}

    def told(rows):
        lines = [(row["kernel"], row["operation"], row["done"], row["name"], row["folio"]) for row in rows]
        lines = [line for line in lines if line[3] in named]
        return [line for line in lines if line[4]], Counter(line for line in lines if not line[4])

    assert list(now[0]) == list(then[0])
    assert told(now) == told(then)


def test_folios_are_dumped_with_the_same_numbers(folder):
    """Each line has the numbers that the file has; but for the mapcount, which has had its kernel's meaning since."""
    parts = re.findall(
        r"# (\S+), after row (\d+) of its journal\n(.*?)(?:\n\n|\Z)", text(folder, "folios.txt"), re.DOTALL
    )
    found = scenario.load(folder / "scenario.yaml")

    assert [key for key, _, _ in parts] == list(found.kernels)
    for key, row, dumped in parts:
        lab = Lab(key, found.mmu_gather)
        for op in found.ops:
            lab.apply(op)
        lab.seek(int(row))
        now = [line for head in live_folios(lab.machine).tolist() for line in dump(lab.machine, head)]
        for ours, theirs in zip(now, dumped.splitlines(), strict=True):
            kept = {
                number for number in NUMBER.findall(theirs) if number[0] not in {"page", "head", "mapcount"}
            }
            assert kept <= set(NUMBER.findall(ours))
            assert ours.split(":")[0] == theirs.split(":")[0]
