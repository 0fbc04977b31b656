"""The recipe of a patch, followed to the letter."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_a_patch_is_tried(copy):
    """Written, run beside the kernel's own function, and tried on the library; the package stays as it is."""
    copy.follow("patch.md")

    assert copy.touched == ["my_patch.py", "my_trial.py"]
