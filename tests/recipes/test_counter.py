"""The recipe of a counter, followed to the letter."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

MUTATION = "tests/mutations/test_every_module.py::test_a_module_is_broken_somewhere[example]"
TESTS = (
    "tests/recipes/counter_example.py",
    "tests/machine",
    "tests/laws/test_some_kernels.py",
    "tests/kernels/test_registry.py",
    "tests/kernels/test_changes.py",
    "tests/mutations/test_every_module.py",
    "tests/test_house.py",
    "tests/test_docs.py::test_every_word_has_two_sentences_and_every_counter_a_place",
)


def test_a_counter_is_added(copy):
    """Four files; it is seen wherever counters are, its law holds, the tree is tidy, and a mutation is asked for."""
    copy.follow("counter.md")

    assert len(copy.touched) <= 4
    assert copy.failures(*TESTS) == [MUTATION]
    copy.run("ruff", "check")
    copy.run("ruff", "format", "--check")
    copy.mypy("folioviz/kernels/since_v6_12/example.py", "folioviz/laws/some_kernels.py")
