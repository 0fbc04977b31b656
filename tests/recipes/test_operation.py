"""The recipe of an operation, followed to the letter."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow
TRIED = "populate.yaml"
"""What the page writes to try the operation; it is no part of it."""


def test_an_operation_is_added(copy):
    """Seven files, and it is refused, reported, shared, on the screen and in random tests; the house agrees."""
    copy.follow("operation.md")
    link = "from folioviz.files import share; print(share.query(share.scenario.load('populate.yaml')))"

    assert len(set(copy.touched) - {TRIED}) <= 7
    assert copy.failures("tests/test_house.py", "tests/test_link.py") == []
    assert copy.python(link).startswith("s=")
