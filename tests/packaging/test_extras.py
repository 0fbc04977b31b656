"""Each extra brings what its part needs, and without it one sentence says so: other packages are hidden from Python."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from folioviz import extras

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL = PROJECT["optional-dependencies"]
DRAWING = {"panels.timeline", "story_panels.contention_curves", "story_panels.shares", "story_panels.sweep"}
"""The modules of views/ that draw with bqplot."""
HIDING = """
import os, sys
from importlib.machinery import PathFinder

HIDDEN = set(os.environ["HIDDEN"].split())

class Seeing(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in HIDDEN else super().find_spec(name, path, target)

sys.meta_path[:] = [Seeing if one is PathFinder else one for one in sys.meta_path]
"""
CALL = """
from typer.testing import CliRunner
from folioviz.cli import app

def call(*words):
    done = CliRunner().invoke(app, words)
    return done.exit_code, (done.stdout or done.stderr).strip()
"""


@cache
def brought(*asked):
    """Return the distributions that `pip install folioviz[...]` brings, by the metadata of those that are here."""
    todo, found = [("folioviz", frozenset(asked))], set()
    while todo:
        name, wanted = todo.pop()
        if (name, wanted) in found:
            continue
        found.add((name, wanted))
        if name == "folioviz":
            lines = [*PROJECT["dependencies"], *(line for extra in wanted for line in OPTIONAL[extra])]
        else:
            lines = requires(name) or ()
        todo += [
            (canonicalize_name(one.name), frozenset(one.extras))
            for one in map(Requirement, lines)
            if not one.marker or any(one.marker.evaluate({"extra": extra}) for extra in wanted or {""})
        ]
    return {name for name, _ in found}


def with_only(code, *asked):
    """Return what code prints where nothing is installed but folioviz and some extras."""
    there = brought(*asked)
    hidden = [
        module
        for module, packages in packages_distributions().items()
        if not there & set(map(canonicalize_name, packages))
    ]
    done = subprocess.run(
        [sys.executable, "-c", HIDING + code],
        check=False,
        cwd=ROOT,
        env=os.environ | {"HIDDEN": " ".join(hidden)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_table_is_that_of_pyproject():
    """Every extra for users has a row, with the modules of the packages that it names, and those alone."""
    modules = packages_distributions()
    for extra, names in extras.MODULES.items():
        lines = [Requirement(line) for line in OPTIONAL[extra]]
        inner = [Requirement(line) for one in lines for part in one.extras for line in OPTIONAL[part]]
        wanted = {canonicalize_name(one.name) for one in lines + inner} - {"folioviz"}

        assert {canonicalize_name(modules[name][0]) for name in names} == wanted
    assert set(OPTIONAL) - set(extras.MODULES) == {"docs", "node", "release", "test"}


def test_an_extra_that_is_named_is_one():
    """Pages, messages and docstrings name no extra that pyproject.toml does not have."""
    texts = [
        path.read_text(encoding="utf-8") for end in ("md", "py") for path in ROOT.glob(f"[!.n]*/**/*.{end}")
    ]
    named = {
        extra
        for text in [*texts, (ROOT / "README.md").read_text(encoding="utf-8")]
        for found in re.findall(r"folioviz\[([a-z,]+)\]", text)
        for extra in found.split(",")
    }

    assert {"fast", "parquet"} < named <= set(OPTIONAL)


@pytest.mark.slow
def test_alone_it_computes_and_says_what_else_is_to_be_installed():
    """Reports, tables, sweeps and simulations need no extra; each other part says which one it needs."""
    code = (
        CALL
        + """
print(call("report", "front", "--short")[0], call("run", "front")[0], call("contention", "--cpus", "1,2")[0],
      call("sweep", "front", "--jobs", "1")[0], call("kernels")[0], call("scenarios")[0])
print(call("sweep", "front", "-o", "x.parquet"))
print(call("sweep", "front", "--scheduler", "tcp://127.0.0.1:1"))
print(call("capture", "1", "-o", "x.json.gz", "--vmcore", "vmcore"))
print(call("serve"))
print(call("lab"))
from folioviz import Lab
for part in ('import folioviz.views', 'from folioviz.views.boards import explorer', 'Lab(engine="compiled")'):
    try:
        exec(part)
    except Exception as error:
        print(type(error).__name__, isinstance(error, ImportError), error)
"""
    )
    views = "anywidget, bqplot, ipywidgets, markupsafe"
    first, *lines = with_only(code).splitlines()

    assert first == "0 0 0 0 0 0"
    assert lines == [
        str((2, "folioviz: Parquet needs pyarrow: pip install 'folioviz[parquet]'")),
        str((2, "folioviz: a scheduler needs distributed: pip install 'folioviz[cluster]'")),
        str((2, "folioviz: a capture of the kernel's own memory needs drgn: pip install 'folioviz[drgn]'")),
        str(
            (
                2,
                f"folioviz: folioviz serve needs ipykernel, voila, websockets, {views}: pip install 'folioviz[serve]'",
            )
        ),
        str((2, f"folioviz: folioviz lab needs ipykernel, jupyterlab, {views}: pip install 'folioviz[lab]'")),
        f"MissingError True folioviz.views needs {views}: pip install 'folioviz[views]'",
        f"MissingError True folioviz.views needs {views}: pip install 'folioviz[views]'",
        "KernelError False machine code needs llvmlite: pip install 'folioviz[fast]'",
    ]


ENOUGH = {
    "cluster": "from folioviz.sweep.pool import _dask\n_dask()",
    "drgn": "from folioviz.vmcore import Core, Memory",
    "fast": "from folioviz.engine import native\nassert native.installed()\nnative._linker()",
    "lab": "import jupyterlab.labapp, ipykernel.kernelapp",
    "parquet": "from folioviz.sweep.files import arrow\narrow()",
    "serve": "import ipykernel.kernelapp\nfrom folioviz.serving.server import server\nserver(1, {})",
    "views": "from folioviz.views import Explorer, Story\nExplorer(), Story('costs')",
}
"""Extra -> what it is for."""


@pytest.mark.slow
@pytest.mark.parametrize("extra", ENOUGH)
def test_an_extra_is_enough_for_its_part(extra):
    """With it and nothing else, the part starts."""
    assert set(ENOUGH) == set(extras.MODULES)
    assert with_only(f"{ENOUGH[extra]}\nprint('it runs')", extra) == "it runs\n"


@pytest.mark.slow
def test_bqplot_and_pandas_are_loaded_by_what_draws_alone():
    """Importing every other module of the views loads neither; a board that draws loads both."""
    names = {
        ".".join(path.relative_to(ROOT / "folioviz/views").with_suffix("").parts)
        for path in (ROOT / "folioviz/views").rglob("*.py")
        if path.name != "__init__.py"
    }
    using = {
        name
        for name in names
        for node in ast.walk(
            ast.parse((ROOT / "folioviz/views" / f"{name.replace('.', '/')}.py").read_text())
        )
        if isinstance(node, ast.Import) and any(alias.name == "bqplot" for alias in node.names)
    }
    others = sorted(names - DRAWING | {"panels.timeline"})
    code = f"""
import sys, importlib
for name in {others}:
    importlib.import_module(f"folioviz.views.{{name}}")
print(*sorted({{"bqplot", "pandas"}} & set(sys.modules)), "|")
from folioviz.views import Explorer
Explorer()
print(*sorted({{"bqplot", "pandas"}} & set(sys.modules)))
"""

    assert using == DRAWING
    assert with_only(code, "views").split() == ["|", "bqplot", "pandas"]
