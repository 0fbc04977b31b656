"""The last samples, and what they say of a counter: its value, its changes, its rate."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from folioviz.diagnosis.words import SIZES, VMSTAT

if TYPE_CHECKING:
    from folioviz.diagnosis.findings import Bounds
    from folioviz.watch.counters import Sample

KEPT: Final = 120
"""Samples that are kept: two minutes at one a second."""


@dataclass
class Series:
    """The last samples, the oldest first, and the very first one.

    Attributes:
        samples: at most KEPT.
        first: the first of all.
        taken: how many there were.
    """

    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=KEPT))
    first: Sample | None = None
    taken: int = 0
    _held: dict[str, deque[Bounds]] = field(default_factory=dict, repr=False)

    def add(self, sample: Sample) -> None:
        """Take one more."""
        self.first = self.first or sample
        self.samples.append(sample)
        self.taken += 1
        for kind in sample.kinds:
            found = sample.ledger(kind)
            if found is not None and not found.missing:
                self._held.setdefault(kind, deque(maxlen=KEPT)).append(found.held)

    @property
    def last(self) -> Sample:
        """The last sample; there must be one."""
        return self.samples[-1]

    def now(self, kind: str, word: str) -> int | None:
        """Return a counter; None where there is none of that name."""
        return self.last.of.get(kind, {}).get(word)

    def values(self, kind: str, word: str) -> list[int]:
        """Return a counter in each sample."""
        return [one.of.get(kind, {}).get(word, 0) for one in self.samples]

    def rates(self, kind: str, word: str) -> list[float]:
        """Return how much a counter rose in a second, from each sample to the next one."""
        values, times = self.values(kind, word), [one.at for one in self.samples]
        return [
            (values[at + 1] - values[at]) / max(times[at + 1] - times[at], 1e-9)
            for at in range(len(values) - 1)
        ]

    def rose(self, kind: str, word: str) -> int:
        """Return how much a counter rose since the first sample of all."""
        before = self.first.of.get(kind, {}).get(word, 0) if self.first else 0
        return (self.now(kind, word) or 0) - before

    def held(self, kind: str = VMSTAT) -> list[Bounds]:
        """Return what is held and mapped by nobody in each sample, in KiB, by one file; [] where it does not tell."""
        return [*self._held.get(kind, ())]

    def sizes(self) -> list[int]:
        """Return the folio sizes in KiB of which there are folios, or have been in a sample; the largest first."""
        kibs = {int(word.partition("/")[0]) for word in self.last.of.get(SIZES, {})}
        return [kib for kib in sorted(kibs, reverse=True) if any(self.values(SIZES, f"{kib}/nr_anon"))]
