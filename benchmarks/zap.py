"""How many PTEs per second one munmap zaps: traced and quiet in plain Python, journaled and quiet as machine code.

Every figure is the median of several runs over the same memory; compare the ratios, not the seconds.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from folioviz import Lab, parse_line
from folioviz.engine.compiled import Bound, compiled
from folioviz.link import View

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 7
FOLIOS = 32
PAGES = FOLIOS * 512


def seconds(run: Callable[[], object], prepare: Callable[[], None]) -> float:
    """Return the median time of ``run``, each time after ``prepare``."""
    times = []
    for _ in range(RUNS):
        prepare()
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def measure(kernel: str, order: int) -> dict[str, float]:
    """Return PTEs per second by mode for one kernel and one order of folio."""
    lab = Lab(kernel)
    faults = "; ".join(f"fault 1 {vpn} {order}" for vpn in range(0, PAGES, 1 << order))
    for op in parse_line(f"mm; mmap 1 0 {PAGES}; {faults}"):
        lab.apply(op)
    before = lab.machine.snapshot()

    def reset() -> None:
        lab.machine.restore(before)

    traced, quiet = lab.linked.traced(), lab.linked.quiet()

    def plain(functions: dict[str, Any]) -> Callable[[], object]:
        def run() -> None:
            view = View(lab.machine)
            functions["do_munmap"](view, 0, 0, PAGES)
            if view.rows:
                np.array(view.rows, np.int32)

        return run

    def native(bound: Bound) -> Callable[[], object]:
        return lambda: bound.call("do_munmap", (0, 0, PAGES))

    modes = {
        "traced": plain(traced),
        "quiet": plain(quiet),
        "machine code, journaled": native(compiled(lab.linked, "writes").bind(lab.machine)),
        "machine code, quiet": native(compiled(lab.linked, "none").bind(lab.machine)),
    }
    for run in modes.values():  # compile, and warm up
        reset()
        run()
    return {name: PAGES / seconds(run, reset) for name, run in modes.items()}


def main() -> None:
    """Print the table."""
    table = Table(title=f"PTEs zapped per second, one munmap of {PAGES} pages, median of {RUNS}")
    table.add_column("kernel")
    table.add_column("order", justify="right")
    for order in (4, 9):
        for kernel in ("v6.5-rc3", "v6.5-rc3+v4"):
            rates = measure(kernel, order)
            if not table.rows:
                for name in rates:
                    table.add_column(name, justify="right")
                table.add_column("compiled/traced", justify="right")
            ratio = rates["machine code, journaled"] / rates["traced"]
            table.add_row(kernel, str(order), *(f"{rate:,.0f}" for rate in rates.values()), f"{ratio:.0f}x")
    Console().print(table)


if __name__ == "__main__":
    main()
