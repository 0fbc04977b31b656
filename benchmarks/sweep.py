"""What a sweep adds to its cells: two workers against a plain loop, as a share of the loop's time.

Each cell waits 50 ms within its last operation, and does what it does beside that, so that two workers of an idle
machine should take half of the loop's time. The pool runs already: what it takes to start is told apart. Medians.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

import folioviz

if TYPE_CHECKING:
    from folioviz import Sweep

JOBS, ROUNDS = 2, 7
CELLS = 120
SECONDS = 0.05
WANTED = 0.10


def waiting() -> Any:
    """Return a patch of a system call that waits first."""
    wait, seconds = time.sleep, SECONDS

    def madvise_dontneed(_m: Any, _mm: int, _start: int, _end: int) -> int:
        wait(seconds)
        return 0

    return madvise_dontneed


def taken(cells: int, jobs: int, *patches: Any) -> tuple[float, Sweep]:
    """Return how many seconds a sweep of so many cells takes, and what it found."""
    start = time.perf_counter()
    done = folioviz.sweep(
        "mm; mmap 1 0 512; fault 1 0 {order}; dontneed 1 0 {pages}",
        "v7.3",
        orders=4,
        parameters={"pages": range(1, cells + 1)},
        patches=patches,
        jobs=jobs,
        progress=False,
    )
    return time.perf_counter() - start, done


def main() -> None:
    """Print the table."""
    started, _ = taken(JOBS, JOBS)
    overheads, loops, pools = [], [], []
    for _ in range(ROUNDS):
        loop, one = taken(CELLS, 1, waiting())
        pool, two = taken(CELLS, JOBS, waiting())
        if one.rows != two.rows or one.without_result:
            raise SystemExit("the rows differ")
        loops.append(loop)
        pools.append(pool)
        overheads.append(pool * JOBS / loop - 1)
    table = Table(title=f"{CELLS} cells that wait {1000 * SECONDS:.0f} ms, medians of {ROUNDS} rounds")
    for column in ("what", "measured"):
        table.add_column(column, justify="left" if column == "what" else "right")
    table.add_row("a plain loop", f"{statistics.median(loops):.2f} s")
    table.add_row(f"{JOBS} workers", f"{statistics.median(pools):.2f} s")
    table.add_row("their start, and the first cells", f"{started:.2f} s")
    table.add_row(f"overhead (wanted: at most {WANTED:.0%})", f"{statistics.median(overheads):.1%}")
    Console().print(table)


if __name__ == "__main__":
    main()
