"""The recipe of a recording, followed to the letter."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_a_recorded_kernel_is_added(copy):
    """A file is verified, a wrong reference is told, and a further kernel is compared at every step."""
    copy.follow("recording.md")
    told = copy.run("folioviz", "verify", "front.jsonl", fails=True)

    assert ["2", "P", "dontneed", "a", "0", "4", "folio", "0", "refcount", "13", "12"] in [
        line.split() for line in told.splitlines()
    ]
    assert copy.python("from folioviz.evidence.recordings import kernels; print(kernels()[-1])") == "7.3.9\n"
