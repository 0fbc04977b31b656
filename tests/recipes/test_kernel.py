"""The recipe of a kernel, followed to the letter."""

from __future__ import annotations

import pytest

from tests.recipes.following import ROOT, steps

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "recipes" / "kernel.md").read_text(encoding="utf-8")
ASKING = (
    *(
        "tests/kernels/test_changes.py",
        "tests/kernels/test_registry.py",
        "tests/mutations/test_every_module.py",
    ),
    *("tests/test_house.py", "tests/stories/test_from_3n_to_2.py"),
)
"""Tests that ask what kernels there are, or show all of them."""


def test_a_kernel_is_added(copy):
    """Two files of the package; then one test fails, which asks for a mutation, and with that none does."""
    asked = steps(PAGE)
    tests = [at for at, step in enumerate(asked) if step.path.startswith("tests/")]
    for step in asked[: tests[0]]:
        copy.do(step)

    assert [path for path in copy.touched if path.startswith("folioviz/")] == copy.touched[:2]
    assert copy.failures(*ASKING) == [
        "tests/mutations/test_every_module.py::test_a_module_is_broken_somewhere[my_births]"
    ]
    for step in asked[tests[0] :]:
        copy.do(step)
    copy.run("ruff", "check")
    copy.run("ruff", "format", "--check")
    copy.mypy("folioviz/kernels")
