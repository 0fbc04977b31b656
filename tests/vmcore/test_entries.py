"""Entries of page tables as words of pagemap."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("drgn", reason="drgn is not installed: no kernel's memory is read")
from folioviz.capture import words
from folioviz.vmcore.entries import PRESENT, Leaf, word


def test_what_leads_beyond_memory_is_absent():
    """Device memory, or garbage of a table that was freed meanwhile: the last frame is present, the next one is not."""
    entries = np.array([4095 << 12, 4096 << 12, 1 << 45], np.uint64) | PRESENT
    found = word(Leaf(0, entries, huge=False), (1 << 52) - 1, 4096)

    assert words.bit(found, words.PRESENT).tolist() == [True, False, False]
    assert found.tolist()[1:] == [0, 0]
