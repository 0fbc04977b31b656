"""How long a simulation of several CPUs takes: seven numbers of CPUs under five kernels, in CPU seconds.

Bands are simulated, too, so each point is three runs. Nothing is kept from run to run.
"""

from __future__ import annotations

import statistics
import time

from rich.console import Console
from rich.table import Table

from folioviz.contention import WORKLOADS, contention
from folioviz.contention.curves import CPUS, KERNELS, point
from folioviz.contention.loops import compiled

RUNS = 3


def seconds(name: str, keys: list[str]) -> float:
    """Return the median CPU time of one simulation from nothing."""
    times = []
    for _ in range(RUNS):
        compiled.cache_clear()
        point.cache_clear()
        start = time.process_time()
        contention(keys, CPUS, name)
        times.append(time.process_time() - start)
    return statistics.median(times)


def rows(name: str, keys: list[str]) -> int:
    """Return how many journal rows the simulated loops would be, bands included."""
    runs = sum(
        point(key, WORKLOADS[name], WORKLOADS[name].hardware, cpus).loops
        * compiled(key, WORKLOADS[name]).rows
        for key in keys
        for cpus in CPUS
    )
    return round(3 * runs)


def main() -> None:
    """Print the table."""
    table = Table(
        title=f"{len(CPUS)} numbers of CPUs ({min(CPUS)} to {max(CPUS)}), five kernels, median of {RUNS}"
    )
    for column in ("workload", "CPU seconds", "journal rows stood for, per CPU second"):
        table.add_column(column, justify="left" if column == "workload" else "right")
    for name in WORKLOADS:
        keys = ["v6.1.0", "v6.1", "v6.5-rc3", "v6.12", "v7.3"] if name == "ld.lld" else [*KERNELS]
        took = seconds(name, keys)
        table.add_row(name, f"{took:.2f}", f"{rows(name, keys) / took / 1e6:,.0f} M")
    Console().print(table)


if __name__ == "__main__":
    main()
