"""What it takes to try every schedule of two and three CPUs, in CPU seconds: the plain engine, folios of order 2."""

from __future__ import annotations

from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from folioviz import Race
from folioviz.race.library import FORKED, LIBRARY, ONE, QUEUED


class Row(NamedTuple):
    """A race, and the CPU seconds that it may take."""

    what: str
    kernel: str
    setup: str
    cpus: tuple[str, ...]
    wanted: float


BOTH = ("dontneed 1 0 4", "dontneed 2 0 4")
ROWS = (
    Row("zap, zap after fork", "v6.5-rc3", FORKED, BOTH, 2),
    Row("the same", "v6.5-rc3+v4", FORKED, BOTH, 2),
    Row("zap the rest, shrinker", "v6.5-rc3+v4", QUEUED, ("dontneed 1 0 3", "shrink 4"), 2),
    Row(
        "zap, zap, shrinker",
        "v6.12",
        f"{QUEUED}; fork 1",
        ("dontneed 1 0 1", "dontneed 2 0 1", "shrink 4"),
        10,
    ),
    Row("zap, zap after fork", "v6.8", FORKED, BOTH, 8),
    Row("K1", LIBRARY["k1"].kernel, LIBRARY["k1"].setup, LIBRARY["k1"].cpus, 2),
    Row("K2", LIBRARY["k2"].kernel, LIBRARY["k2"].setup, LIBRARY["k2"].cpus, 2),
    Row("exit, shrinker", "v6.5-rc3+v4", f"{ONE}; dontneed 1 3 1; fork 1", ("exit 2", "shrink 4"), 8),
)


def main() -> None:
    """Print the table."""
    table = Table(title="every schedule, two or three CPUs")
    for column in ("race", "kernel", "states", "schedules", "CPU s", "wanted"):
        table.add_column(column, justify="left" if column in {"race", "kernel"} else "right")
    for row in ROWS:
        found = Race(row.kernel, row.setup, row.cpus).explore()
        if not found.complete or found.schedules is None:
            raise SystemExit(f"{row.what} is not complete")
        table.add_row(
            row.what,
            row.kernel,
            f"{found.states:,}",
            f"{found.schedules:.1e}",
            f"{found.cpu_seconds:.2f}",
            f"at most {row.wanted:g}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
