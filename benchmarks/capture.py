"""A capture in CPU time, to a plain read of the same files; and one of 10 GiB, with its document. As root.

Plain: smaps, pagemap, kpageflags and kpagecount of the same ranges are read into a buffer, once each. Six layouts of
1 GiB are made for it: folios of order 0, of order 4 and huge pages, whole and with one page of sixteen given back. What
is set in /sys/kernel/mm/transparent_hugepage meanwhile is set back.
"""

from __future__ import annotations

import mmap
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import _memory
from folioviz.capture import words, write
from folioviz.capture.form import BLOCK, PAGE, Process
from folioviz.capture.live import Live
from folioviz.capture.take import take
from folioviz.readout.runs import spans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from folioviz.capture.captured import Capture

RUNS: Final = 9
MUCH_RUNS: Final = 3
THP: Final = Path("/sys/kernel/mm/transparent_hugepage")
GIB: Final = 1024
MUCH: Final = 10 * GIB
FALLEN_BACK: Final = 0.05
"""So large a share of folios may be of another order: where memory is in pieces, the kernel falls back."""
SPARE: Final = 4 * GIB
"""MiB that others are left."""


class Layout(NamedTuple):
    """What memory is made of: an order, what madvise is told for it, and what the sizes are set to."""

    order: int
    advice: int
    settings: dict[str, str]


LAYOUTS: Final = (
    Layout(0, mmap.MADV_NOHUGEPAGE, {}),
    Layout(4, mmap.MADV_HUGEPAGE, {"64kB": "madvise", "2048kB": "never"}),
    Layout(9, mmap.MADV_HUGEPAGE, {"2048kB": "madvise"}),
)


class Measured(NamedTuple):
    """Medians of CPU seconds, what came out, and the MiB in which frames are read: whole 2 MiB."""

    plain: float
    taken: float
    written: float
    capture: Capture
    bytes: int
    within: int


@contextmanager
def settings(wanted: dict[str, str]) -> Iterator[None]:
    """Set sizes of huge pages meanwhile."""
    files = {THP / f"hugepages-{size}" / "enabled": value for size, value in wanted.items()}
    before = {file: file.read_text().partition("[")[2].partition("]")[0] for file in files}
    try:
        for file, value in files.items():
            file.write_text(value)
        yield
    finally:
        for file, value in before.items():
            file.write_text(value)


@contextmanager
def process(layout: Layout, mib: int, *, holes: bool) -> Iterator[int]:
    """Give the pid of a process that has such memory."""
    line = [sys.executable, _memory.__file__, str(mib), str(layout.advice), str(int(holes))]
    pipe = subprocess.PIPE
    with settings(layout.settings), subprocess.Popen(line, stdin=pipe, stdout=pipe, text=True) as made:
        if made.stdout is None or made.stdout.readline() != "ready\n":
            raise SystemExit(f"there is no such memory: {mib} MiB of order {layout.order}")
        yield made.pid
        made.communicate("")


def plain_read(pid: int, first: int, pages: int) -> tuple[Callable[[], None], int]:
    """Return what reads the files of pages and of their frames into a buffer, and in how many MiB the frames are."""
    buffer = memoryview(bytearray(max(pages, BLOCK) * 8))
    files = {name: os.open(f"/proc/{pid}/{name}", os.O_RDONLY) for name in ("smaps", "pagemap")}
    frames = [os.open(f"/proc/{name}", os.O_RDONLY) for name in ("kpageflags", "kpagecount")]
    found = np.frombuffer(os.pread(files["pagemap"], pages * 8, first * 8), np.uint64)
    found = found[words.bit(found, words.PRESENT)] & words.FRAME
    blocks = np.unique(found // np.uint64(BLOCK)).astype(np.int64)
    parts = [
        (int(blocks[start]) * BLOCK * 8, (end - start) * BLOCK * 8)
        for start, end in spans(np.diff(blocks) != 1)
    ]

    def read() -> None:
        at = 0
        while number := os.preadv(files["smaps"], [buffer], at):
            at += number
        os.preadv(files["pagemap"], [buffer[: pages * 8]], first * 8)
        for file in frames:
            for at, size in parts:
                os.preadv(file, [buffer[:size]], at)

    return read, 2 * blocks.size


def measure(layout: Layout, mib: int, *, holes: bool, runs: int) -> Measured:
    """Measure a layout: in turn a plain read, a capture, its document."""
    first, pages = _memory.BASE // PAGE, mib << 20 >> 12
    with process(layout, mib, holes=holes) as pid, Live([pid]) as source:
        read, within = plain_read(pid, first, pages)
        columns: list[list[float]] = [[], [], []]
        for _ in range(runs + 1):
            begun = [time.process_time()]
            read()
            begun.append(time.process_time())
            capture = take(source, [Process()], (first, first + pages))
            begun.append(time.process_time())
            data = write(capture)
            begun.append(time.process_time())
            for column, value in zip(columns, np.diff(begun).tolist(), strict=True):
                column.append(value)
    if (capture.orders != layout.order).mean() > FALLEN_BACK:
        raise SystemExit(f"the kernel made too few folios of order {layout.order}")
    plain, taken, written = (statistics.median(column[1:]) for column in columns)
    return Measured(plain, taken, written, capture, len(data), within)


def main() -> None:
    """Measure, and print two tables."""
    console = Console()
    if os.geteuid():
        console.print("not measured: only root sees folios")
        return
    table = Table(title=f"1 GiB, CPU ms, medians of {RUNS}")
    for name in ("order", "memory", "in MiB", "plain read", "capture", "ratio", "document", "runs"):
        table.add_column(name, justify="left" if name == "memory" else "right")
    for layout in LAYOUTS:
        for holes in (False, True):
            one = measure(layout, GIB, holes=holes, runs=RUNS)
            ms = [f"{1000 * value:.0f}" for value in (one.plain, one.taken, one.written)]
            ratio, told = f"{one.taken / one.plain:.2f}", "with holes" if holes else "whole"
            table.add_row(
                str(layout.order),
                told,
                f"{one.within:,}",
                *ms[:2],
                ratio,
                ms[2],
                f"{len(one.capture.runs):,}",
            )
    free = os.sysconf("SC_AVPHYS_PAGES") * PAGE >> 20
    mib = MUCH if free > MUCH + SPARE else GIB
    one = measure(LAYOUTS[1], mib, holes=True, runs=MUCH_RUNS)
    times = MUCH // mib
    much = Table(title=f"10 GiB of order 4 with holes, CPU s{f': {times} times 1 GiB' if times > 1 else ''}")
    for name in ("in MiB", "plain read", "capture", "document", "capture and document", "ratio", "MB"):
        much.add_column(name, justify="right")
    parts = [times * value for value in (one.plain, one.taken, one.written, one.taken + one.written)]
    much.add_row(
        f"{times * one.within:,}",
        *(f"{value:.2f}" for value in parts),
        f"{one.taken / one.plain:.2f}",
        f"{times * one.bytes / 1e6:.2f}",
    )
    console.print(table, much)


if __name__ == "__main__":
    main()
