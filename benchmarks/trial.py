"""How long the trial of a patch takes: 1,000 random scenarios as it tries them, and 40 on two labs, as it did once.

CPU time, in one process; compare the ratios. The 1,000 runs without a patch are made once, and then read from disk.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from folioviz import Lab
from folioviz.compare import kept_walks
from folioviz.compare.quick import Quick
from folioviz.compare.random_ops import SIZES, wander
from folioviz.compare.trial import RANDOM
from folioviz.compare.walks import LENGTH, Walker
from folioviz.errors import FoliovizError
from folioviz.laws.every_kernel import check
from folioviz.stories.own_patch import PREPARED
from folioviz.stories.parts.pieces import V4

if TYPE_CHECKING:
    from types import ModuleType

FEW = 40


def on_two_labs(patch: ModuleType) -> None:
    """Try a patch on a few scenarios: both sides traced, refusals asked twice, every law after each operation."""
    for seed in range(1, FEW + 1):
        plain, patched = (Lab(V4, patches=patches, sizes=SIZES, engine="python") for patches in ([], [patch]))
        for op in wander(seed, LENGTH, V4):
            if any(lab.refusal(op) for lab in (plain, patched)):
                continue
            plain.apply(op)
            try:
                patched.apply(op)
                check(patched.machine)
            except FoliovizError:
                break
            np.array_equal(plain.machine.mem, patched.machine.mem)


def main() -> None:
    """Print the table."""
    start, walker = time.process_time(), Walker(V4, "batched", small=True)
    kept_walks.keep(V4, "batched", [walker.random(seed) for seed in range(1, RANDOM + 1)])
    made, start = time.process_time() - start, time.process_time()
    walks = kept_walks.read(V4, "batched")
    took = time.process_time() - start
    title = f"{RANDOM:,} random scenarios, CPU s; made in {made:.1f} s, read in {took:.2f} s"
    table = Table(title=title)
    for column in ("patch", "reached", f"{RANDOM:,}", f"{FEW} on two labs", "ratio", "the first time"):
        table.add_column(column, justify="left" if column == "patch" else "right")
    for name, patch in PREPARED.values():
        on_two_labs(patch)  # warm
        start = time.process_time()
        on_two_labs(patch)
        few, start = time.process_time() - start, time.process_time()
        quick = Quick([patch], V4)
        reached = sum(quick.effect(walk).reached for walk in walks)
        many = time.process_time() - start + took
        row = (
            name,
            f"{reached:,}",
            f"{many:.2f}",
            f"{few:.2f}",
            f"{many / few:.2f}",
            f"{(many + made) / few:.2f}",
        )
        table.add_row(*row)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
