"""What the records of random scenarios, and all recordings, cost on either engine: CPU time, ratios in one run.

``python -m benchmarks.vectors [SCENARIOS]``. Each engine does all of it in turn, several times; medians. Machine code
is compiled before the clock runs, as it is once for a machine.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import sys
import time
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from folioviz.compare import output
from folioviz.compare.random_ops import wander
from folioviz.engine.choice import VARIABLE
from folioviz.evidence import verify
from folioviz.evidence.recordings import library
from folioviz.files.scenario import from_builtins

if TYPE_CHECKING:
    from collections.abc import Callable

SCENARIOS = 1600
LENGTH = 25
RUNS = 3
ENGINES = ("python", "compiled")


def seconds(run: Callable[[], object], engine: str) -> float:
    """Return the CPU time of a run on an engine; what it prints is thrown away."""
    os.environ[VARIABLE] = engine
    with contextlib.redirect_stdout(io.StringIO()):
        start = time.process_time()
        run()
        return time.process_time() - start


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SCENARIOS
    scenarios = [from_builtins("; ".join(op.short() for op in wander(seed, LENGTH))) for seed in range(count)]
    work: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        f"records of {count} scenarios": (
            lambda: output.vectors(scenarios[:2]),
            lambda: output.vectors(scenarios),
        ),
        "verify all recordings": (
            lambda: verify.verify(library.kernels()),
            lambda: verify.verify(library.kernels()),
        ),
    }
    table = Table(title=f"CPU seconds, median of {RUNS}")
    for column in ("what", *ENGINES, "ratio"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, (first, whole) in work.items():
        for engine in ENGINES:
            seconds(first, engine)
        runs = [[seconds(whole, engine) for engine in ENGINES] for _ in range(RUNS)]
        plain, native = (statistics.median(times) for times in zip(*runs, strict=True))
        ratio = statistics.median(a / b for a, b in runs)
        table.add_row(what, f"{plain:.2f}", f"{native:.2f}", f"{ratio:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
