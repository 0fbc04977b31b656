"""The counters as CSV: a line for each sample, all counters, the held estimate first."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from folioviz.watch.counters import Sample

TIMES: Final = ("time", "seconds")


@dataclass
class Writer:
    """Writes samples; each line is there as soon as its sample is.

    Attributes:
        out: where they go.
        columns: what the first sample had; a counter that a later one has beside is left out.
    """

    out: TextIO
    columns: list[str] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        """Write a line, and the head before the first one."""
        found = flat(sample)
        writer = csv.writer(self.out, lineterminator="\n")
        if not self.columns:
            self.columns = list(found)
            writer.writerow(self.columns)
        writer.writerow([found.get(name, "") for name in self.columns])
        self.out.flush()


def flat(sample: Sample) -> dict[str, object]:
    """Return a sample as one row: the time (UTC, ISO 8601), seconds, held KiB, then "file word" -> number."""
    when = datetime.fromtimestamp(sample.when, UTC).isoformat(timespec="milliseconds")
    found: dict[str, object] = dict(zip(TIMES, (when, f"{sample.at:.3f}"), strict=True))
    for kind in sample.kinds:
        one = sample.ledger(kind)
        if one is not None and not one.missing:
            found |= {f"held KiB low {kind}": one.held.low, f"held KiB high {kind}": one.held.high}
    for kind, values in sample.of.items():
        found |= {f"{kind} {word}": number for word, number in values.items()}
    return found
