"""How long a story's second opening takes, as a ratio to its first: both are to find a kernel that waits.

Stories in turn, each in a new window: opened, closed as soon as it is ready, and opened again a second later. The pools
are given time to fill before. Medians.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from folioviz.serving import serve
from tools import dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STORIES = ("01-counters", "02-spurious-visit", "05-s390", "10-order-1", "14-partially-mapped")
BETWEEN = 1.0
"""Seconds from the end of the first visit to the second."""
READY = ".fv-guess"


def opened(browser: Browser, url: str) -> float:
    """Return how many seconds a page takes until it shows its question."""
    page = browser.new_page()
    start = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(READY, timeout=60_000)
    taken = time.perf_counter() - start
    page.close(run_before_unload=True)
    return taken


def main() -> None:
    """Print the table."""
    first, second = [], []
    with tempfile.TemporaryDirectory() as name, dashboard.chromium() as browser:
        folder, log = Path(name) / "notebooks", Path(name) / "log"
        folder.mkdir()
        for story in (serve.FIRST.removesuffix(".ipynb"), *STORIES):
            source = serve.notebooks() / f"{story}.ipynb"
            (folder / source.name).write_bytes(source.read_bytes())
        with dashboard.served(folder, log, FOLIOVIZ_POOL="1", FOLIOVIZ_LOG="info") as url:
            page = browser.new_page()
            page.goto(f"{url}{serve.EXPLORER}")
            page.close(run_before_unload=True)
            for story in STORIES:
                filled = f"Kernel pool of {story}.ipynb is filled"
                dashboard.until(lambda said=filled: said in log.read_text(), filled)
                address = f"{url}voila/render/{story}.ipynb"
                first.append(opened(browser, address))
                time.sleep(BETWEEN)
                second.append(opened(browser, address))
    table = Table(title=f"seconds until a story asks, {len(STORIES)} stories")
    for column in ("opening", "median", "slowest"):
        table.add_column(column, justify="left" if column == "opening" else "right")
    for which, found in (("first", first), ("second", second)):
        table.add_row(which, f"{statistics.median(found):.2f} s", f"{max(found):.2f} s")
    ratio = statistics.median(two / one for one, two in zip(first, second, strict=True))
    Console().print(table, f"second, to first: {ratio:.2f}")


if __name__ == "__main__":
    main()
