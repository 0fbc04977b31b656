"""What tests of recipes share."""

from __future__ import annotations

import pytest

from tests.recipes.following import Copy


@pytest.fixture
def copy(tmp_path):
    """Return a copy of the repository, in which a page can be followed."""
    return Copy(tmp_path / "folioviz")
