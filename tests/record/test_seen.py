"""Folios keep their ids from step to step, and what is split says where it comes from."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from folioviz.capture import words
from folioviz.errors import LiveError
from folioviz.record import seen
from tests.capture.fixture import frames_in

FRAME = 5 * 512
ANON = 1 << words.KPF_ANON | 1 << words.KPF_MMAP
HEAD, TAIL = (1 << words.KPF_THP | ANON | 1 << bit for bit in (15, words.KPF_COMPOUND_TAIL))


class Fake:
    """A kernel with frames 2560 to 3071, in which one process has one region of 16 pages."""

    def __init__(self, pages, flags, counts):
        """Take the frame of each page, 0 for none, and the words of frames."""
        self.pages, self.privileged = pages, True
        self.words = np.zeros((2, 512), np.uint64)
        self.words[0, : len(flags)], self.words[1, : len(counts)] = flags, counts

    def __call__(self, _pids):
        """Be opened."""
        return self

    def __enter__(self):
        """Be read."""
        return self

    def __exit__(self, *_):
        """Be closed."""

    def pagemap(self, _process, _start, _pages):
        """Return the words of the region."""
        pages = np.array(self.pages, np.uint64)
        return np.where(pages, pages | np.uint64(1 << words.PRESENT), np.uint64(0))

    def flags(self, spans):
        """Return kpageflags."""
        return self.words[0, frames_in(spans) % 512]

    def counts(self, spans):
        """Return kpagecount."""
        return self.words[1, frames_in(spans) % 512]


def test_a_split_folio_says_what_it_was(monkeypatch):
    """A folio of four keeps its id while pages go; split, its pages are new ones, and it is gone."""
    monkeypatch.setattr(seen, "_smaps", lambda _: {})
    processes = SimpleNamespace(pids={"P": 1}, starts={"a": 0}, pages={"a": 16})
    steps = [
        Fake(
            [FRAME + 4, FRAME + 5, FRAME + 6, FRAME + 7] + [0] * 12,
            [0] * 4 + [HEAD] + [TAIL] * 3,
            [0] * 4 + [1] * 4,
        ),
        Fake(
            [0, FRAME + 5, FRAME + 6, FRAME + 7] + [0] * 12, [0] * 4 + [HEAD] + [TAIL] * 3, [0] * 5 + [1] * 3
        ),
        Fake([0, FRAME + 5, FRAME + 6, FRAME + 7] + [0] * 12, [0] * 5 + [ANON] * 3, [0] * 5 + [1] * 3),
    ]
    looked, found = seen.Seen(), []
    for step in steps:
        monkeypatch.setattr(seen, "Live", step)
        found.append(looked.step(processes))

    assert [step["procs"]["P"]["a"] for step in found] == [
        [[0, 4, "p", 0, 0, 0, 1, "Ham", 0]],
        [[1, 3, "p", 0, 0, 1, 1, "Ham", 0]],
        [[1, 3, "p", 1, 1, 0, 1, "am", 0, [0, 1]]],
    ]
    assert [step["folios"] for step in found] == [
        {"0": {"order": 2, "fl": "Ham", "kpc": ((4, 1),)}},
        {"0": {"order": 2, "fl": "Ham", "kpc": ((1, 0), (3, 1))}},
        {},
    ]
    assert [step.get("gone") for step in found] == [None, None, [0]]

    steps[0].privileged = False
    monkeypatch.setattr(seen, "Live", steps[0])
    with pytest.raises(LiveError, match="folios are not to be seen"):
        looked.step(processes)
