"""What a page of one munmap of 64 MiB costs: the compiled model, the bare stores of a zap, this machine's kernel.

Every figure is the median of rounds; in each round everything runs once, over the same memory, and CPU time is
measured. Compare the ratios. Two loops say how fast it could be at best. One makes the very stores that the model
makes, from a list of them, and decides nothing. The other makes four for each page: it is what a PTE needs at least,
and keeps no free memory, no queue and no count of a folio. Where this machine has no mTHP, order 4 is compared with
its order 0.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import _stores
from benchmarks._munmap import PAGES, munmap
from folioviz import Lab, parse_line
from folioviz.engine.compiled import Compiled, compiled
from folioviz.link import V6_5_RC3, Linked
from folioviz.machine.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS: Final = 15
TRACED_ROUNDS: Final = 7
KERNELS: Final = ("v6.5-rc3", "v6.5-rc3+v4", "v6.12", "v7.3")
ROOM: Final = 40 * PAGES


class Mapped(NamedTuple):
    """How the 64 MiB are mapped.

    Attributes:
        name: in words.
        word: the operation that faults a folio in.
        order: the folio's.
        machine: what of this machine it is compared with.
        of_machine: at most so much of the machine's time is wanted.
    """

    name: str
    word: str
    order: int
    machine: str
    of_machine: float


MAPPED: Final = (
    Mapped("order 0", "fault 1 {} 0", 0, "order 0", 0.5),
    Mapped("order 4", "fault 1 {} 4", 4, "order 0", 0.5),
    Mapped("order 9, PTEs", "fault 1 {} 9", 9, "order 9, PTEs", 1),
    Mapped("order 9, PMDs", "faultpmd 1 {}", 9, "order 9, PMDs", 1),
)


def median(values: list[float]) -> float:
    """Return the median, not a number if there is none."""
    return statistics.median(values) if values else float("nan")


def lab_of(kernel: str, mapped: Mapped) -> Lab:
    """Return a lab with 64 MiB mapped so."""
    lab = Lab(kernel, engine="compiled")
    faults = "; ".join(mapped.word.format(vpn) for vpn in range(0, PAGES, 1 << mapped.order))
    for op in parse_line(f"mm; mmap 1 0 {PAGES}; {faults}"):
        lab.apply(op)
    return lab


class Quiet(NamedTuple):
    """CPU ns for a page: of a munmap that keeps nothing, and of loops that only store; and its stores for a page."""

    zap: float
    same: float
    bare: float
    stores: float


def quiet(kernel: str, mapped: Mapped) -> Quiet:
    """Return what a page takes; what the model and the loop of its own stores leave is compared."""
    lab = lab_of(kernel, mapped)
    before = lab.machine.snapshot()
    linked = Linked((*V6_5_RC3, _stores))
    bare = Compiled(linked, "none", checked=False, roots=["bare_stores"]).bind(lab.machine)
    zap = compiled(lab.linked, "none").bind(lab.machine)
    writes = compiled(lab.linked, "writes").bind(lab.machine)
    writes.call("do_munmap", (0, 0, PAGES), ROOM)
    after = lab.machine.snapshot()
    same, stores = _stores.same_stores(lab.machine, writes.rows)
    runs: dict[str, Callable[[], int]] = {
        "zap": lambda: zap.call("do_munmap", (0, 0, PAGES)),
        "same": same,
        "bare": lambda: bare.call("bare_stores", (0, 0, PAGES)),
    }
    found = defaultdict(list)
    for number in range(ROUNDS + 1):
        for name, run in runs.items():
            lab.machine.restore(before)
            found[name].append(cpu_ns(run) / PAGES)
            if (
                not number and name != "bare"
            ):  # comparing takes memory out of the caches: in the first round only
                np.testing.assert_array_equal(lab.machine.mem, after)
    return Quiet(*(median(found[name][1:]) for name in runs), stores / PAGES)


def journaled(kernel: str, mapped: Mapped) -> tuple[float, float]:
    """Return rows per CPU second of a munmap that journals writes and calls: compiled, and traced in plain Python.

    Both end with an int32 array of rows, which is what a lab keeps.
    """
    lab = lab_of(kernel, mapped)
    before, functions = lab.machine.snapshot(), lab.linked.traced()
    bound = compiled(lab.linked, "calls").bind(lab.machine)
    view = View(lab.machine)
    found: list[float] = []
    for _ in range(ROUNDS + 1):
        lab.machine.restore(before)
        taken = cpu_ns(lambda: bound.call("do_munmap", (0, 0, PAGES), ROOM))
        found.append(len(bound.rows) / taken * 1e9)
    plain: list[float] = []
    rows = bound.rows.copy()

    def traced() -> np.ndarray:
        functions["do_munmap"](view, 0, 0, PAGES)
        return np.array(view.rows, np.int32)

    for _ in range(TRACED_ROUNDS):
        lab.machine.restore(before)
        view.rows.clear()
        plain.append(len(rows) / cpu_ns(traced) * 1e9)
    np.testing.assert_array_equal(np.array(view.rows, np.int32), rows)
    return median(found[1:]), median(plain)


def cpu_ns(run: Callable[[], object]) -> int:
    """Return how much CPU time something takes."""
    start = time.process_time_ns()
    run()
    return time.process_time_ns() - start


def machine() -> dict[str, float]:
    """Return this machine's CPU ns for a page, by how the 64 MiB are mapped."""
    asked = {"order 0": (False, False), "order 9, PTEs": (True, True), "order 9, PMDs": (True, False)}
    found: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, (huge, by_ptes) in asked.items():
            taken = munmap(huge=huge, by_ptes=by_ptes)
            if taken is not None:
                found[name].append(taken)
    return {name: median(values) for name, values in found.items()}


def main() -> None:
    """Print the tables."""
    mine = machine()
    table = Table(
        title=f"CPU ns for a page: one munmap of {PAGES} pages, nothing kept; median of {ROUNDS}\n"
        "beside it a bare loop that makes the same stores, and one that makes four for each page"
    )
    names = (
        "kernel",
        "mapped",
        "model",
        "stores",
        "the same stores",
        "same/model (>= 0.5)",
        "4 stores",
        "4/model",
    )
    for column in names:
        table.add_column(column, justify="left" if column in {"kernel", "mapped"} else "right")
    table.add_column("this machine", justify="right")
    table.add_column("model/machine", justify="right")
    for kernel in KERNELS:
        for mapped in MAPPED:
            zap, same, bare, stores = quiet(kernel, mapped)
            own = mine[mapped.machine]
            table.add_row(
                *(kernel, mapped.name, f"{zap:.2f}", f"{stores:.1f}"),
                *(f"{same:.2f}", f"{same / zap:.2f}", f"{bare:.2f}", f"{bare / zap:.2f}"),
                *(f"{own:.1f}", f"{zap / own:.2f} (<= {mapped.of_machine:g})"),
            )
    Console(width=140).print(table)
    table = Table(
        title=f"Rows per CPU second, writes and calls kept; median of {ROUNDS}, plain Python {TRACED_ROUNDS}"
    )
    for column in ("kernel", "mapped", "machine code (>= 100 M)", "plain Python", "ratio (>= 500)"):
        table.add_column(column, justify="left" if column in {"kernel", "mapped"} else "right")
    for kernel in ("v6.5-rc3", "v7.3"):
        for mapped in MAPPED[:3]:
            native, plain = journaled(kernel, mapped)
            table.add_row(
                kernel, mapped.name, f"{native / 1e6:.0f} M", f"{plain / 1e3:.0f} k", f"{native / plain:.0f}"
            )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
