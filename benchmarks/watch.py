"""A sample of a machine's counters, in CPU time: to a bare read of the same files, with the screen and as CSV."""

from __future__ import annotations

import io
import os
import statistics
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from folioviz.watch import Counters, Series
from folioviz.watch.counters import MOST_BYTES
from folioviz.watch.screen import screen
from folioviz.watch.table import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS, SAMPLES = 7, 100


def milliseconds(what: Callable[[], object]) -> float:
    """Return the CPU time of one call: the median of RUNS means."""
    found = []
    for _ in range(RUNS):
        start = time.process_time()
        for _ in range(SAMPLES):
            what()
        found.append((time.process_time() - start) / SAMPLES * 1000)
    return statistics.median(found)


def main() -> None:
    """Measure, and print a table."""
    with Counters() as counters:
        files = [fd for _, _, fd in counters.files]
        series = Series()
        for _ in range(SAMPLES):
            series.add(counters.sample())
        writer = Writer(io.StringIO())
        console = Console(file=io.StringIO(), width=80)
        found = {
            "a bare read": milliseconds(lambda: [os.pread(fd, MOST_BYTES, 0) for fd in files]),
            "a sample": milliseconds(counters.sample),
            "a sample, kept, as CSV": milliseconds(lambda: writer.add(counters.sample())),
            "the screen, drawn": milliseconds(lambda: console.print(screen(series, "this machine"))),
        }
    table = Table(title=f"{len(files)} files; CPU ms")
    for heading in ("what", "ms", "to a bare read"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    bare = found["a bare read"]
    for what, ms in found.items():
        table.add_row(what, f"{ms:.3f}", f"{ms / bare:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
