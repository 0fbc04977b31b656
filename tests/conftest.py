"""Settings for every test."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from folioviz.engine import native
from folioviz.lab import Lab
from folioviz.machine.journal import WHY
from folioviz.machine.memory import Sizes
from folioviz.ops.ops import parse_line

# Workers, too, need no grammars of IRIs (folioviz/serving/serve.py).
sys.modules.setdefault("rfc3987_syntax", None)

# A profile decides how many histories a law is tried on. All but `deep` take the same ones each time;
# `pytest --hypothesis-profile deep tests/laws/test_laws.py` looks for new ones.
ALWAYS = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
settings.register_profile("quick", max_examples=12, derandomize=True, database=None, **ALWAYS)
settings.register_profile("thorough", max_examples=100, derandomize=True, database=None, **ALWAYS)
settings.register_profile("deep", max_examples=1000, **ALWAYS)

# Vectors and recordings are millions of small values that live long: looking for circles among them again and again
# takes longer than reading them.
gc.set_threshold(100_000, 50, 100)


def pytest_addoption(parser):
    """Let a run take some cases of each test."""
    parser.addoption(
        "--few", type=int, default=0, help="so many cases of each test at most, spread over all of them"
    )


def pytest_configure(config):
    """Take fewer examples where slow tests are left out, too."""
    if not config.getoption("--hypothesis-profile", None):
        settings.load_profile("quick" if "not slow" in config.option.markexpr else "thorough")


# All tests of all runs share what is compiled, and nothing outside this folder is written.
os.environ.setdefault(native.FOLDER, str(Path(__file__).parents[1] / ".pytest_cache" / "machine-code"))

FIRST = ("engine", "recipes", "packaging", "")
"""Where the slow tests are that take longest, and then all the others."""


def spread(cases, few):
    """Return so many cases, the first and the last among them; all, if there are no more."""
    return (
        cases if len(cases) <= few else [cases[n * (len(cases) - 1) // max(1, few - 1)] for n in range(few)]
    )


def pytest_collection_modifyitems(config, items):
    """Take few cases of each test, if asked; begin with what takes long, so that no worker is left alone with it."""
    few = config.getoption("--few")
    if few:
        tests = {}
        for item in items:
            tests.setdefault(item.nodeid.partition("[")[0], []).append(item)
        kept = {item for cases in tests.values() for item in spread(cases, few)}
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = [item for item in items if item in kept]

    def rank(item):
        slow = item.get_closest_marker("slow") is not None
        return next(place for place, name in enumerate(FIRST) if name in item.nodeid) if slow else len(FIRST)

    items.sort(key=rank)


SIZES = Sizes(pages=8192, tables=96, vmas=64)


@pytest.fixture
def after():
    """Return a function that runs a line of operations and returns the lab."""

    def run(line, kernel="v6.5-rc3", mmu_gather="batched", sizes=SIZES):
        lab = Lab(kernel, mmu_gather, sizes=sizes)
        for op in parse_line(line):
            lab.apply(op)
        return lab

    return run


@pytest.fixture
def small(monkeypatch):
    """Make machines small where nobody says how large: reading one whole takes its time from its size."""
    monkeypatch.setattr(Sizes.__init__, "__defaults__", (SIZES.pages, SIZES.tables, SIZES.vmas))


@pytest.fixture
def reasons():
    """Return a function that tells the decisions of a lab's last operation: (reason, folio id, detail)."""

    def decisions(lab):
        rows = lab.rows(len(lab.applied) - 1)
        return [tuple(row) for row in rows[rows[:, 0] == WHY, 1:].tolist()]

    return decisions


@pytest.fixture
def spent():
    """Return a function that tells what a lab's last operation cost, zeros left out."""

    def costs(lab):
        step = lab.applied[-1]
        return {name: n for name, n in lab.costs(step.start, step.end).items() if n}

    return costs
