"""How long the explorer takes to be ready in Voila, as a ratio to a notebook of one cell with one widget.

Cold starts, a new page each time, alternating; medians of seven.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import _pages
from tools import dashboard

VISITS = 7


def main() -> None:
    """Print the table."""
    pages = {"one cell": (_pages.ONE_CELL, ".ready"), "explorer": (_pages.EXPLORER, ".fv-trace button.now")}
    times: dict[str, list[float]] = {name: [] for name in pages}
    with tempfile.TemporaryDirectory() as folder, dashboard.chromium() as browser:
        for name, (source, _) in pages.items():
            _pages.write(Path(folder) / f"{name.replace(' ', '-')}.ipynb", source)
        with dashboard.voila(Path(folder), Path(folder) / "log") as url:
            for _ in range(VISITS + 1):
                for name, (_, ready) in pages.items():
                    page = browser.new_page()
                    dashboard.keep_offline(page)
                    start = time.perf_counter()
                    page.goto(f"{url}voila/render/{name.replace(' ', '-')}.ipynb")
                    page.wait_for_selector(ready, timeout=60_000)
                    times[name].append(time.perf_counter() - start)
                    page.close()
    medians = {name: statistics.median(found[1:]) for name, found in times.items()}
    table = Table(title=f"seconds until ready in Voila, cold, median of {VISITS}")
    table.add_column("page")
    table.add_column("seconds", justify="right")
    table.add_column("ratio", justify="right")
    for name, seconds in medians.items():
        table.add_row(name, f"{seconds:.2f}", f"{seconds / medians['one cell']:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
