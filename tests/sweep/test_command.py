from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import folioviz
from folioviz.cli import app
from folioviz.cli.sweeps import INTERRUPTED
from tools.dashboard import until

SMALL = ("--kernel", "v6.9,v7.3", "--order", "2-4", "--share", "50,100", "--processes", "1")


def cli(*words, stdin=None):
    """Run the command in this process."""
    return CliRunner().invoke(app, ["sweep", *words], input=stdin)


def test_the_command_prints_what_python_finds():
    """As CSV and as JSON, and nothing on stderr."""
    done = folioviz.sweep(kernels=["v6.9", "v7.3"], orders=[2, 3, 4], shares=[50, 100], processes=1)

    assert [cli(*SMALL, "--format", form).stdout for form in ("csv", "json")] == [
        done.to_csv(),
        done.to_json(),
    ]
    assert cli(*SMALL).stderr == ""


def test_the_table_has_what_differs():
    """Kernels and parameters that differ, costs that are not 0, and a note of what happened."""
    found = cli("--kernel", "v6.5-rc3+v4.1", "--kernel", "v7.3", "--order", "1,4", "--share", "100").stdout
    head, *rows = [line.split() for line in found.split("\n\n")[0].splitlines()]

    assert head[:2] == ["kernel", "order"]
    assert "share" not in head
    assert [row[:2] for row in rows] == [
        [kernel, order] for kernel in ("v6.5-rc3+v4.1", "v7.3") for order in ("1", "4")
    ]
    assert rows[1][head.index("sqlock")] == "2"
    assert "vm_bug:folio_order(folio)" in rows[0]
    assert "split_queue_lock taken" in found


def test_operations_and_own_parameters_can_be_typed():
    """As an argument, or on stdin; a file goes on."""
    words = ("--kernel", "v7.3", "--set", "n=1,2", "--format", "json")
    text = "mm; mmap 1 0 64; fault 1 0 {n}"
    one, two = cli(text, *words), cli("-", *words, stdin=text)

    assert one.stdout == two.stdout
    assert [row["n"] for row in json.loads(one.stdout)] == [1, 2]


def test_a_file_is_written_and_gone_on_with(tmp_path):
    """Its name says its form; the second time nothing is missing."""
    for form in ("csv", "json", "parquet"):
        path = tmp_path / f"x.{form}"
        assert (cli(*SMALL, "-o", str(path)).exit_code, len(folioviz.Sweep.read(path))) == (0, 12)
        before = path.read_bytes()
        assert cli(*SMALL, "-o", str(path), "--format", form).exit_code == 0
        assert path.read_bytes() == before


def test_a_cell_without_result_is_told_and_has_a_status():
    """How many, and why the first one has none."""
    done = cli("--kernel", "v6.1,v7.3", "--order", "0,4", "--share", "100")

    assert done.exit_code == 1
    assert "4 of 4 cells: 3 done, 1 refused" in done.stderr
    assert "kernel v6.1, order 4, share 100, processes 1: operation 3, fault 1 0 4" in done.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--kernel", "v9"], "no kernel"),
        (["--order", "a"], "order has 'a'"),
        (["--set", "n"], "write NAME=N"),
        (["--order", "1", "--set", "order=2"], "each name once"),
        (["--format", "parquet"], "say -o FILE"),
        (["--format", "table", "-o", "x"], "a table is for reading"),
        (["-o", "x.txt"], "csv, json, parquet"),
        (["frnt"], "did you mean front"),
        (["--jobs", "0"], "jobs is 0"),
        (["--scheduler", "http://localhost"], "no scheduler answers"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(words, why):
    """Status 2, and no traceback."""
    done = cli(*words)

    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_written(tmp_path):
    """It ends with one line, in all processes; the file is whole, and the same command goes on."""
    path = tmp_path / "x.csv"
    words = [sys.executable, "-m", "folioviz", "sweep", "--kernel", "v7.3", "--order", "0-9", "--jobs", "2"]
    command = [*words, "--share", "1-100", "-o", str(path)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    until(lambda: path.exists() and path.read_bytes().count(b"\n") > 9, "ten rows")
    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate()
    found = folioviz.Sweep.read(path)

    assert (running.returncode, len(told.splitlines())) == (INTERRUPTED, 1)
    assert f"interrupted: {len(found):,} of 1,000 cells" in told
    assert 9 <= len(found) < 1000
