"""What the line under a picker opens to."""

from __future__ import annotations

import pytest
from markupsafe import escape

from folioviz.kernels import CHANGES, KERNELS
from folioviz.views.panels.pickers import changes


@pytest.mark.parametrize("key", [key for key, kernel in KERNELS.items() if kernel.parent])
def test_a_kernel_opens_to_the_changes_that_it_is_made_of(key):
    """Each once, with commit and title as the registry has them, and whether its text is from before it."""
    kernel = KERNELS[key]
    made = {one for module in kernel.modules for one in CHANGES[module.__name__.rpartition(".")[2]]}
    text = changes(kernel)

    assert text.count("<li>") == len(made)
    assert f"Made of {escape(KERNELS[kernel.parent].label)} and:" in text
    for one in made:
        commit = f"<code>{one.commit}</code> " if one.commit else ""
        assert (
            f"{'before ' if one.before else ''}{commit}{escape(one.title)} <small>· {escape(one.text)}, "
            in text
        )


def test_the_base_is_made_of_nothing_else():
    """v6.5-rc3 follows no change."""
    assert changes(KERNELS["v6.5-rc3"]) == ""
