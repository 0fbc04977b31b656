"""No module of a kernel goes without a mutation."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from folioviz.kernels import CHANGES, KERNELS, no_gather
from folioviz.kernels.since_v6_8 import no_gather_runs
from folioviz.link import V6_5_RC3

FILES = (
    "tests.kernels.test_v6_1",
    *(f"tests.mutations.{path.stem}" for path in Path(__file__).parent.glob("test_*.py")),
)
BROKEN = {
    mutation.function.__module__
    for file in FILES
    for mutation in getattr(import_module(file), "MUTATIONS", {}).values()
    if hasattr(mutation, "function")
}
MODULES = {
    module.__name__.rpartition(".")[2]: module.__name__
    for kernel in KERNELS.values()
    for module in (*kernel.modules, no_gather, no_gather_runs)
    if module not in V6_5_RC3
}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_broken_somewhere(module):
    """Tests notice if a rule of it is changed: in a MUTATIONS of tests/mutations/ one of its functions is."""
    assert MODULES[module] in BROKEN, f"no mutation of {MODULES[module]}: see docs/recipes/kernel.md"


def test_every_module_of_the_base_is_broken_somewhere():
    """The same for the files of mm/."""
    assert {module.__name__ for module in V6_5_RC3} <= BROKEN
    assert set(MODULES) == set(CHANGES)
