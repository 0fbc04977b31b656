"""The scenarios of a trial: a seed gives the same ones, whatever runs, and each has a machine that is large enough."""

from __future__ import annotations

import pytest

from folioviz.compare import walks
from folioviz.compare.outcome import Ground
from folioviz.compare.random_ops import SIZES, wander
from folioviz.compare.walks import LENGTH, at_random, of_library
from folioviz.engine import choice
from folioviz.engine.batch import Batch
from folioviz.files import scenario

V4 = "v6.5-rc3+v4"


@pytest.fixture
def anew():
    """Let nothing that was made be known; return what forgets."""

    def forget():
        for kept in (walks._kept, walks._place, walks._is_small):
            kept.cache_clear()

    forget()
    yield forget
    forget()


@pytest.mark.parametrize(
    ("kernel", "mode"), [(V4, "batched"), ("v7.3", "none"), ("v6.1", "batched"), ("v3", "none")]
)
@pytest.mark.parametrize("engine", ["python", "auto"])
def test_random_scenarios_are_the_same_whatever_runs(kernel, mode, engine, anew, monkeypatch):
    """They are what a lab finds possible; v3 hits a bug, and nothing comes after it."""
    monkeypatch.setenv(choice.VARIABLE, engine)
    found = list(at_random(kernel, mode, 12))

    assert isinstance(walks._place(kernel, mode), Ground if engine == "python" else Batch)
    assert [one.ops for one in found] == [wander(seed, LENGTH, kernel, mode) for seed in range(1, 13)]
    assert {one.sizes for one in found} == {SIZES}
    assert list(at_random(kernel, mode, 12)) == found


@pytest.mark.parametrize("engine", ["python", "auto"])
def test_the_library_has_machines_that_refuse_nothing_needlessly(engine, anew, monkeypatch):
    """A small one where that does, whatever runs."""
    monkeypatch.setenv(choice.VARIABLE, engine)
    found = {one.name: one for one in of_library(V4, "batched")}

    assert {name: one.ops for name, one in found.items()} == {
        name: one.ops for name, one in scenario.library().items()
    }
    for one in found.values():
        ground = Ground(V4, "batched", sizes=SIZES)
        assert (one.sizes == SIZES) == all(ground.does(op) for op in one.ops)
    assert {one.sizes for one in found.values()} == {SIZES, None}
