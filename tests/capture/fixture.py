"""A source of words that were once read in a VM, of a layout that was made on purpose, and what the layout was."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path

import numpy as np

from folioviz.capture.form import BLOCK
from folioviz.capture.words import Scan, System, Vma

FOLDER = Path(__file__).with_name("fixtures")
NAMES = ("7.3.4", "7.3.4-no_page_mapcount")
BASE = 0x1000_0000_0000 >> 12


def frames_in(spans):
    """Return the frames of spans, one after the other."""
    return np.concatenate([np.zeros(0, np.int64), *(np.arange(first, end) for first, end in spans.tolist())])


class Fixture:
    """Words of two processes, the second of which the first has forked; frames count from 512 on."""

    privileged = True

    def __init__(self, name, *, no_page_mapcount=None, base=BASE, blocks=1):
        """Read a file, for a layout from another page on, in other frames: from so many 2 MiB blocks on."""
        self.base, self.blocks = base, blocks
        self.file = np.load(FOLDER / f"{name}.npz", allow_pickle=False)
        self.about = json.loads(self.file["about"].tobytes())
        self.no_page_mapcount = no_page_mapcount

    @cached_property
    def parts(self):
        """Return (process, first page) -> words of pagemap."""
        meta, all_words = self.file["meta"].tolist(), self.file["pagemap"].copy()
        all_words[all_words >> np.uint64(63) > 0] += np.uint64(512 * (self.blocks - 1))
        ends = np.cumsum([pages for _, _, pages in meta])
        return {
            (p, self.base + s): all_words[end - n : end] for (p, s, n), end in zip(meta, ends, strict=True)
        }

    def system(self):
        """Return what is known of the machine."""
        return System(self.about["release"], no_page_mapcount=self.no_page_mapcount)

    def vmas(self, process):
        """Return the mappings that were read."""
        found = []
        for line in self.about["maps"][str(process)]:
            span, rights, *_ = line.split()
            start, end = (int(text, 16) >> 12 for text in span.split("-"))
            found.append(Vma(start - BASE + self.base, end - BASE + self.base, rights))
        return found

    def pagemap(self, process, start, pages):
        """Return the words of a mapping."""
        return self.parts[process, start].copy()

    def populated(self, process, start, pages):
        """Return nothing: no mapping is wide."""

    def scan(self, process, start, pages):
        """Return what PMDs mapped; of the zero page nothing was read."""
        huge = [(self.base + s, n) for p, s, n in self.file["huge"].tolist() if p == process]
        return Scan([(first, n) for first, n in huge if start <= first < start + pages], [])

    def flags(self, spans):
        """Return kpageflags."""
        return self.file["flags"].ravel()[frames_in(spans) - self.blocks * BLOCK]

    def counts(self, spans):
        """Return kpagecount."""
        return self.file["counts"].ravel()[frames_in(spans) - self.blocks * BLOCK]

    def raw(self, heads):
        """Return nothing: /proc does not tell."""
        return {}
