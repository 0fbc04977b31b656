"""How long the trial of a patch takes: 1,000 random scenarios as it tries them, and 40 on two labs, as it did once.

CPU time, interleaved, medians; compare the ratios. Each trial is one of a process of its own, and compiles the patch.
A process draws the scenarios once, which "the first time" counts, too. The kernel without the patch is machine code on
disk then; "on a machine" it is not, and is compiled first.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from folioviz import Lab
from folioviz.compare.quick import RANDOM
from folioviz.compare.random_ops import SIZES, wander
from folioviz.compare.walks import LENGTH
from folioviz.engine.native import FOLDER
from folioviz.errors import FoliovizError
from folioviz.laws.every_kernel import check
from folioviz.stories.own_patch import PREPARED
from folioviz.stories.parts.pieces import V4

if TYPE_CHECKING:
    from types import ModuleType

FEW = 40
ROUNDS = 7


def on_two_labs(patch: ModuleType) -> float:
    """Try a patch on a few scenarios: both sides traced, refusals asked twice, every law after each operation."""
    start = time.process_time()
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
    return time.process_time() - start


CHILD = f"""
import sys, time
from folioviz.compare.quick import RANDOM, Quick
from folioviz.compare.walks import at_random
from folioviz.stories.own_patch import PREPARED
patch = PREPARED[sys.argv[1]][1]
start = time.process_time()
walks = list(at_random({V4!r}, "batched", RANDOM))
drawn = time.process_time()
quick = Quick([patch], {V4!r})
reached = sum(quick.effect(walk).reached for walk in walks)
print(drawn - start, time.process_time() - drawn, reached, quick.engine)
"""


def anew(key: str, folder: str) -> tuple[float, float, str, str]:
    """Try a patch in a process of its own, with machine code kept in a folder; compiling counts.

    Return CPU s to draw the scenarios and to try the patch on them, how many reached it, and what ran.
    """
    said = subprocess.run(
        [sys.executable, "-c", CHILD, key],
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {FOLDER: folder},
    )
    drawn, tried, reached, ran = said.stdout.split()
    return float(drawn), float(tried), reached, ran


def main() -> None:
    """Print the table."""
    table = Table(title=f"{RANDOM:,} random scenarios, CPU s, medians of {ROUNDS}")
    for column in (
        "patch",
        "ran",
        "reached",
        "drawn",
        "tried",
        f"{FEW} on two labs",
        "ratio",
        "the first time",
        "on a machine",
    ):
        table.add_column(column, justify="left" if column == "patch" else "right")
    for key, (name, patch) in PREPARED.items():
        on_two_labs(patch)  # warm
        rounds = []
        for _ in range(ROUNDS):
            few_of_them = on_two_labs(patch)
            with tempfile.TemporaryDirectory() as folder:
                first = sum(anew(key, folder)[:2])
                rounds.append((few_of_them, first, *anew(key, folder)))
        few, first, before, many = (
            statistics.median(column) for column in zip(*(one[:4] for one in rounds), strict=True)
        )
        *_, reached, ran = rounds[0]
        times = (
            f"{before:.2f}",
            f"{many:.2f}",
            f"{few:.2f}",
            f"{many / few:.2f}",
            f"{(before + many) / few:.2f}",
            f"{first / few:.2f}",
        )
        table.add_row(name, ran, reached, *times)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
