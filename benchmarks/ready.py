"""How long the explorer takes to be ready in Voila, as a ratio to a notebook of one cell with one widget.

Both cold and with a kernel that waits (as `folioviz serve` has them), a new page each time, alternating; medians of
seven. Between two visits the pools are given time to fill again.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks import _pages
from tools import dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VISITS = 7
REFILL = 9
"""Seconds between two visits to preheated pages."""
PAGES = {"one cell": (_pages.ONE_CELL, ".ready"), "explorer": (_pages.EXPLORER, ".fv-trace button.now")}


def visits(browser: Browser, urls: dict[str, str], pause: float) -> dict[str, float]:
    """Return the median time until ready of each page."""
    times: dict[str, list[float]] = {name: [] for name in urls}
    for _ in range(VISITS + 1):
        for name, url in urls.items():
            time.sleep(pause)
            page = browser.new_page()
            dashboard.keep_offline(page)
            start = time.perf_counter()
            page.goto(url)
            page.wait_for_selector(PAGES[name][1], timeout=60_000)
            times[name].append(time.perf_counter() - start)
            page.close()
    return {name: statistics.median(found[1:]) for name, found in times.items()}


def main() -> None:
    """Print the table."""
    table = Table(title=f"seconds until ready in Voila, median of {VISITS}")
    for name in ("page", "cold", "ratio", "preheated", "ratio "):
        table.add_column(name, justify="left" if name == "page" else "right")
    with tempfile.TemporaryDirectory() as name, dashboard.chromium() as browser, ExitStack() as servers:
        folder, urls = Path(name), {}
        for page, (source, _) in PAGES.items():
            (folder / page).mkdir()
            dashboard.write_notebook(folder / page / "explorer.ipynb", source)
            at = servers.enter_context(
                dashboard.served(folder / page, folder / f"{page}.log", FOLIOVIZ_POOL="1")
            )
            urls[page] = f"{at}voila/render/explorer.ipynb"
        cold = visits(browser, {page: f"{url}?theme=light" for page, url in urls.items()}, 0)
        warm = visits(browser, urls, REFILL)
    for page in PAGES:
        ratios = [f"{times[page] / times['one cell']:.2f}" for times in (cold, warm)]
        table.add_row(page, f"{cold[page]:.2f} s", ratios[0], f"{warm[page]:.2f} s", ratios[1])
    Console().print(table)


if __name__ == "__main__":
    main()
