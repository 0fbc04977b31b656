"""Machines behind views are small here: a frame reads them whole."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def small_machines(small):
    """Make them small in every test of a view."""
