"""The compiled engine: what it takes to compile, load and keep; random scenarios; a machine of 16 GiB; the explorer.

CPU time is measured; compare the ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from folioviz import KERNELS, Lab, parse_line
from folioviz.compare.outcome import Ground
from folioviz.compare.random_ops import SIZES, wander
from folioviz.engine import native
from folioviz.engine.batch import Batch
from folioviz.engine.compiled import Compiled
from folioviz.kernels import GATHER_MODES, drops, find, keeps, link
from folioviz.machine.memory import MOST_PAGES, Machine
from folioviz.views import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.ops.op import Op

ROUNDS: Final = 7
LENGTH: Final = 25
FOLIOS: Final = 64
SEEDS: Final = (1, 2, 3)
AGAIN: Final = 20
LOAD: Final = """
import time
start = time.process_time()
import folioviz
imported = time.process_time()
folioviz.Lab("v7.3", engine="compiled")
print(imported - start, time.process_time() - imported)
"""
SIXTEEN_GIB: Final = """
import resource, time
from pathlib import Path
from folioviz import Lab, parse_line
from folioviz.machine.memory import MOST_PAGES, NR_VPNS, Sizes

def mib():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / (1 << 20)

def timed(line):
    start = time.process_time()
    for op in parse_line(line):
        lab.apply(op)
    print(f"{time.process_time() - start:.2f}", end=" ")

Lab("v7.3", calls=False, engine="compiled")
before, start = mib(), time.process_time()
lab = Lab("v7.3", sizes=Sizes(pages=MOST_PAGES), calls=False, engine="compiled")
print(f"{time.process_time() - start:.2f} {mib() - before:.0f}", end=" ")
half = NR_VPNS // 2
folios = "; ".join(f"fault 1 {vpn} 9" for vpn in range(0, half, 512))
timed(f"mm; mmap 1 0 {NR_VPNS}; {folios}; touch 1 {half} {half}")
timed("fork 1")
timed(f"munmap 1 0 {NR_VPNS}; munmap 2 0 {NR_VPNS}")
assert lab.machine.nr_free_pages[0] == MOST_PAGES and not lab.machine.bug[0]
print(f"{mib() - before:.0f} {len(lab.journal)}")
"""


def cpu_of(start: float) -> float:
    """Return how many CPU seconds have gone since."""
    return time.process_time() - start


def compiling() -> tuple[list[float], int]:
    """Return the CPU seconds of every kernel in both gather modes, and the bytes of what is kept."""
    native.compiled(
        Compiled(link("v6.5-rc3"), "calls", checked=False, roots=["set_gather_limit"]).text
    )  # LLVM starts
    taken, size = [], 0
    for key in KERNELS:
        for mode in GATHER_MODES:
            linked, start = link(key, mode), time.process_time()
            code = native.compiled(Compiled(linked, "calls", checked=False).text)
            taken.append(cpu_of(start))
            size += len(code)
    return taken, size


def child(script: str, folder: str) -> list[float]:
    """Return the numbers that a process of its own prints, with machine code kept in a folder."""
    said = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {native.FOLDER: folder},
    ).stdout
    return [float(word) for word in said.split()]


def replayed(histories: list[tuple[str, tuple[Op, ...]]], engine: str) -> float:
    """Return the CPU seconds of all histories: a new lab each, every operation checked, rows and state kept."""
    start = time.process_time()
    for key, history in histories:
        lab = Lab(key, sizes=SIZES, engine=engine)
        for op in history:
            lab.apply(op)
    return cpu_of(start)


def outcomes(histories: list[tuple[str, tuple[Op, ...]]]) -> Callable[[], object]:
    """Return what runs all histories in plain Python and keeps what a batch keeps: the machine and the costs."""
    grounds = {key: Ground(key, "batched", sizes=SIZES) for key in KERNELS}

    def run() -> None:
        for key, history in histories:
            ground = grounds[key]
            ground.reset()
            for op in history:
                if ground.refusal(op) is not None:
                    raise AssertionError("an operation was refused")
                ground.apply(op)

    return run


def batches(histories: list[tuple[str, tuple[Op, ...]]]) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return what writes all histories down as plans, and what runs them: every operation checked, costs counted.

    A machine for each kernel is made idle again before each history; nothing but the machine and the costs is kept.
    """
    grounds = {}
    for key in KERNELS:
        kernel = find(key)
        machine = Machine(SIZES, keeps(kernel), drops(kernel))
        grounds[key] = Batch(link(key), machine, kernel.orders, costs=True)
    plans = [(grounds[key], grounds[key].plan(history)) for key, history in histories]

    def write_down() -> None:
        for key, history in histories:
            grounds[key].plan(history)

    def run() -> None:
        for ground, plan in plans:
            ground.reset()
            if ground.run(plan) < len(plan):
                raise AssertionError("an operation was refused")

    return write_down, run


def explorer() -> tuple[float, float]:
    """Return what 64 folios of 512 pages and their munmap take in the explorer, CPU s, and a step there, CPU ms."""
    faults = "; ".join(f"fault 1 {vpn} 9" for vpn in range(0, FOLIOS * 512, 512))
    history = parse_line(f"mm; mmap 1 0 {FOLIOS * 512}; {faults}; munmap 1 0 {FOLIOS * 512}")
    runs, steps = [], []
    for _ in range(ROUNDS + 1):
        session, start = Session(), time.process_time()
        session.run(history, "v6.5-rc3+v4.1", "v6.5-rc3+v4")
        runs.append(cpu_of(start))
        for by in (-1, 1) * ROUNDS:
            start = time.process_time()
            session.step(by)
            steps.append(cpu_of(start) * 1e3)
    return statistics.median(runs[1:]), statistics.median(steps)


def scenarios() -> list[float]:
    """Return CPU ms of a random scenario.

    A lab in plain Python, one on machine code; plain Python for its outcome alone; a batch, writing a plan for it.
    """
    histories = [(key, wander(seed, LENGTH, key)) for key in KERNELS for seed in SEEDS]
    write_down, run = batches(histories)
    found: list[list[float]] = [[], [], [], [], []]
    outcome = outcomes(histories)
    for _ in range(ROUNDS + 1):
        taken = [replayed(histories, "python"), replayed(histories, "compiled")]
        for work, times in ((outcome, 1), (run, AGAIN), (write_down, AGAIN)):
            start = time.process_time()
            for _ in range(times):
                work()
            taken.append(cpu_of(start) / times)
        for values, one in zip(found, taken, strict=True):
            values.append(one / len(histories) * 1e3)
    return [statistics.median(values[1:]) for values in found]


def main() -> None:
    """Print the table."""
    table = Table(title=f"The compiled engine, {native.compiler()}")
    for column in ("what", "measured"):
        table.add_column(column)
    taken, size = compiling()
    spread = f"{min(taken):.2f} to {max(taken):.2f}, median {statistics.median(taken):.2f}"
    table.add_row(f"compile a whole kernel, CPU s ({len(taken)}: all kernels, both modes)", spread)
    table.add_row(
        "all of them on disk", f"{size / (1 << 20):.1f} MiB, {size / len(taken) / 1024:.0f} KiB each"
    )
    with tempfile.TemporaryDirectory() as folder:
        child(LOAD, folder)
        kept = len(list((Path(folder) / "kernels").iterdir()))
        imports, loads = zip(*(child(LOAD, folder) for _ in range(ROUNDS)), strict=True)
        table.add_row(
            f"second process, CPU s ({kept} file kept): import folioviz, then the first lab",
            f"{statistics.median(imports):.2f}, {statistics.median(loads):.2f}",
        )
        child(SIXTEEN_GIB, folder)  # compiles
        made, empty, filled, forked, unmapped, most, rows = child(SIXTEEN_GIB, folder)
    table.add_row(
        "machine of 16 GiB: CPU s to make it, MiB, bytes for a page",
        f"{made:.2f}, {empty:.0f}, {empty * (1 << 20) / MOST_PAGES:.0f}",
    )
    table.add_row(
        "on it, CPU s: fill 1 GiB (order 9 and 0), fork, two munmaps",
        f"{filled:.2f}, {forked:.2f}, {unmapped:.2f} ({rows / 1e6:.1f} M rows; {most:.0f} MiB then)",
    )
    plain, fast, outcome, batch, written = scenarios()
    table.add_row(
        f"a random scenario of {LENGTH} operations, CPU ms: a lab in plain Python, a lab on machine code",
        f"{plain:.2f}, {fast:.2f}: {plain / fast:.1f}x",
    )
    table.add_row(
        "the same in a batch, a machine used again: plans at hand, and with writing them down",
        f"{batch:.3f}, {batch + written:.3f}: {plain / batch:.0f}x, {plain / (batch + written):.0f}x",
    )
    table.add_row(
        "plain Python that keeps what a batch keeps, on a machine used again; the batch to it",
        f"{outcome:.2f}: {outcome / batch:.0f}x, {outcome / (batch + written):.0f}x",
    )
    run, step = explorer()
    table.add_row(
        f"explorer: fault {FOLIOS} folios of 512 pages, munmap, CPU s; a step, CPU ms",
        f"{run:.2f}, {step:.2f}",
    )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
