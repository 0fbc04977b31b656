"""What the files of each kernel say in the end: the report's table, and ``folioviz run --proc``."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from folioviz import KERNELS
from folioviz.cli import app
from folioviz.compare.compare import compare_in
from folioviz.compare.memory import memory, text_of, to_the_end
from folioviz.compare.report import report
from folioviz.files.scenario import Scenario
from folioviz.lab import Lab
from folioviz.ops.ops import parse_line
from folioviz.ops.walk import live_mms
from folioviz.proc.files import FILES, files
from folioviz.proc.node import totals
from folioviz.proc.page import dump
from folioviz.proc.smaps import rollup
from tests.compare.test_report import section

HALF = "mm; mmap 1 0 16; fault 1 0 4; dontneed 1 0 8; fork 1; dontneed 2 8 4"


def ran(line, *keys):
    """Return labs that have done operations, at the end of their runs."""
    labs = [Lab(key) for key in keys]
    to_the_end(labs, compare_in(labs, parse_line(line)))
    return labs


def printed(*words, line=HALF):
    """Return the lines that ``folioviz run`` prints of operations, and its error."""
    done = CliRunner().invoke(app, ["run", "-", *words], input=line)
    return done.stdout.splitlines(), done.stderr


def test_the_report_says_what_is_held_and_mapped():
    """Held, mapped, lost, and each process's Rss and Pss, in kB, a column per kernel."""
    text = report(Scenario(tuple(parse_line(HALF)), kernels=("v6.5-rc3", "v7.3+no-page-mapcount")))

    assert [line.split() for line in section(text, "Memory at the end, in kB")] == [
        ["A", "B"],
        ["held", "64", "64"],
        ["mapped", "32", "32"],
        ["held", "and", "mapped", "by", "nobody", "32", "32"],
        ["Rss", "of", "process", "1", "32", "32"],
        ["Pss", "of", "process", "1", "24", "32"],
        ["Rss", "of", "process", "2", "16", "16"],
        ["Pss", "of", "process", "2", "8", "16"],
    ]


@pytest.mark.parametrize("key", KERNELS)
def test_the_table_is_the_machines(key):
    """Every number of every kernel; a process that has ended has no row."""
    (lab,) = ran("mm; mmap 1 0 512; faultpmd 1 0; fork 1; fork 1; write 2 3; dontneed 1 0 8; exit 3", key)
    found = totals(lab.machine)
    lines = memory([lab], ["A"])
    numbers = [int(line.split()[-1]) for line in lines[2:]]
    parts = [rollup(lab.machine, slot).kb() for slot in live_mms(lab.machine)]

    assert numbers[:3] == [4 * found.held, 4 * found.mapped, 4 * found.lost]
    assert numbers[3:] == [value for part in parts for value in (part["Rss"], part["Pss"])]
    assert not any("process 3" in line for line in lines)


def test_what_a_kernel_does_not_have_is_a_dash():
    """A process that only one kernel has has a dash elsewhere; where nothing is held there is no table."""
    labs = [*ran("mm; mmap 1 0 16; fault 1 0 4; mm", "v7.3"), *ran("mm", "v7.3")]

    assert [line.split()[-2:] for line in memory(labs, "AB")[-2:]] == [["0", "-"], ["0", "-"]]
    assert memory(labs[1:], "B") == []


def test_before_a_bug_is_the_end():
    """A run that hits a kernel bug is shown before the operation that did."""
    line = "mm; mmap 1 0 16; fault 1 0 1; fault 1 4 2; dontneed 1 0 1"
    first, second = ran(line, "v6.5-rc3+v4.1", "v7.3")

    assert (totals(first.machine).mapped, totals(second.machine).mapped) == (6, 5)


@pytest.mark.parametrize("name", FILES)
def test_run_prints_the_files(name):
    """Each line is the kernel's or begins with #; under each kernel that is asked for."""
    lines, _ = printed("--kernel", "v6.8", "--kernel", "v7.3", "--proc", name)
    wanted = [file for lab in ran(HALF, "v6.8", "v7.3") for file in files(lab, [name])]

    assert [line for line in lines if not line.startswith("#")] == [
        line for file in wanted for line in file.lines
    ]
    assert [line[2:] for line in lines if line.startswith("#")] == [
        text
        for lab in ran(HALF, "v6.8", "v7.3")
        for file in files(lab, [name])
        for text in (f"{lab.kernel.label}: {file.path}", *file.notes)
    ]


def test_run_dumps_pages():
    """The line of the page and the kernel's dump; where nothing is mapped, the line alone."""
    lines, _ = printed("--kernel", "v7.3", "--page", "1:12", "--page", "2:9")
    (lab,) = ran(HALF, "v7.3")

    assert lines == list(text_of(lab, (), [(1, 12), (2, 9)]))
    assert tuple(lines[1:3]) == dump(lab.machine, 12)
    assert lines[-1].endswith("nothing is mapped")
    assert len(lines) == 5


def test_run_says_what_a_kernel_could_not_do():
    """An operation that only another kernel has, one that failed, and a bug stand before the files."""
    both = ("--kernel", "v6.5-rc3+v4.1", "--kernel", "v7.3", "--proc", "vmstat")
    lines, _ = printed(*both, line="mm; mmap 1 0 16; touch 1 0 1; fault 1 8 1; dontneed 1 8 1")

    assert lines[0].startswith("# v4 1/3: operation 3, touch 1 0 1: the model of v6.5-rc3+v4.1 has no touch")
    assert lines[1] == (
        "# v4 1/3: operation 5, dontneed 1 8 1: BUG, shown is what was before: vm_bug:folio_order(folio) < 2"
    )
    assert lines[2] == "# v4 1/3: /proc/vmstat"
    assert [line for line in lines if line.startswith("nr_anon_pages")] == [
        "nr_anon_pages 2",
        "nr_anon_pages 2",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--proc", "maps"), "the name of a file is 'maps': it must be one of smaps, smaps_rollup, vmstat,"),
        (("--proc", "smaps,"), "the name of a file is ''"),
        (("--page", "1-2"), "'1-2' is no page of a process: write MM:VPN, 1:16 for example"),
        (("--page", "7:1"), "the process is 7: it must be one that is alive: 1, 2"),
        (("--page", "1:999999"), "the page is 999999: it must be 0 to 262143"),
        (
            ("--proc", "smaps", "--format", "json"),
            "--proc and --page print text, not json: leave --format out",
        ),
    ],
)
def test_what_is_asked_wrongly_is_said(words, message):
    """The name, the value and what is allowed."""
    lines, error = printed("--kernel", "v7.3", *words)

    assert lines == []
    assert message in error
