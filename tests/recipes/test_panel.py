"""The recipe of a panel, followed to the letter."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

TESTS = ("tests/test_house.py", "tests/views/panels/test_orders.py", "tests/views/panels/test_panels.py")
"""Its own, and what is asked of every panel."""


def test_a_panel_is_added(copy):
    """It counts folios as the recipe's own test asks; what every panel must do, it does, and the tree is tidy."""
    copy.follow("panel.md")

    assert copy.failures(*TESTS) == []
    copy.run("ruff", "format", "--check")
    copy.mypy("folioviz/views/panels/orders.py")
