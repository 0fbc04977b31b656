from __future__ import annotations

import re
import runpy
import shlex

import pytest
from typer.testing import CliRunner

import folioviz
from folioviz.cli import app
from folioviz.sweep.plan import FOUND, MAX_CELLS, STATUS, TEXT, WHERE
from folioviz.sweep.pool import FEW
from folioviz.sweep.source import BOUNDS
from tests.pages import DOCS, table

PAGE = (DOCS / "sweeps.md").read_text(encoding="utf-8")


def block(language):
    """Return the first block in a language."""
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.mark.slow
@pytest.mark.parametrize("line", block("console").splitlines())
def test_a_command_of_the_page_works(line, tmp_path, monkeypatch):
    """With the page's document as a file; cells may be refused under old kernels."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two-halves.yaml").write_text(block("yaml"))
    done = CliRunner().invoke(app, shlex.split(line)[2:])

    assert done.exit_code == (1 if "--kernel all" in line else 0), done.stderr
    assert done.stdout or folioviz.Sweep.read("found.csv").rows


def test_the_python_of_the_page_works(tmp_path, monkeypatch):
    """It leaves the file that it says."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.py").write_text(block("python"))
    names = runpy.run_path(str(tmp_path / "example.py"))

    assert folioviz.Sweep.read("found.csv").rows == names["done"].rows


def test_bounds_and_columns_are_those_of_the_code():
    """Each number and each name that the page says."""
    said = " ".join(PAGE.split())
    bounds = [
        f"`{{{name}}}` {'is ' if name == 'order' else ''}{low} to {high}"
        for name, (low, high) in BOUNDS.items()
    ]
    named = [
        name for row in table(DOCS / "sweeps.md", "the-table") for name in re.findall(r"\w+", row["columns"])
    ]

    assert all(one in said for one in (*bounds, f"{MAX_CELLS:,} cells", f"up to {FEW} cells"))
    assert tuple(named[: len(WHERE)]) == WHERE
    assert set(named) - {*WHERE, *["the", "parameters"]} <= set(FOUND)
    assert (TEXT | {STATUS}) <= set(named)
