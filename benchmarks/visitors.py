"""Visitors who all come at once: who gets a working explorer, when, and what each one costs.

A visitor counts as served when a press of Undo, and then of Redo, has changed the history on the page.
`python -m benchmarks.visitors 20` is the default; memory is what a kernel's process has to itself (USS).
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from playwright.async_api import async_playwright
from rich.console import Console
from rich.table import Table

from benchmarks import _pages
from tools import dashboard

if TYPE_CHECKING:
    from playwright.async_api import Browser

VISITORS = 20


async def visit(browser: Browser, url: str) -> tuple[float, float]:
    """Open the explorer, use it; return the seconds until it was there and until it had answered."""
    page = await browser.new_page()
    page.set_default_timeout(dashboard.PATIENCE * 1000)
    start = time.perf_counter()
    await page.goto(f"{url}voila/render/explorer.ipynb")
    now = page.locator(".fv-chip[aria-current]")
    await now.wait_for()
    ready = time.perf_counter() - start
    before = await now.inner_text()
    changed = "before => (document.querySelector('.fv-chip[aria-current]')?.innerText ?? '') {} before"
    await page.get_by_role("button", name="Undo").click()
    await page.wait_for_function(changed.format("!=="), arg=before)
    await page.get_by_role("button", name="Redo").click()
    await page.wait_for_function(changed.format("==="), arg=before)
    return ready, time.perf_counter() - start


async def visits(url: str, count: int, server: psutil.Process) -> None:
    """Let them come, and print the table."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=dashboard.ARGS)
        found = await asyncio.gather(*(visit(browser, url) for _ in range(count)), return_exceptions=True)
        kernels = [child for child in server.children() if "ipykernel" in " ".join(child.cmdline())]
        memory = sorted(child.memory_full_info().uss / 2**20 for child in kernels)
        table = Table(title=f"{count} visitors at once")
        table.add_column("what")
        table.add_column("figure", justify="right")
        good = [one for one in found if not isinstance(one, BaseException)]
        table.add_row("served", f"{len(good)} of {count}")
        for name, times in zip(("ready", "has answered"), zip(*good, strict=True), strict=False):
            table.add_row(f"{name}: median", f"{statistics.median(times):.1f} s")
            table.add_row(f"{name}: slowest", f"{max(times):.1f} s")
        table.add_row("kernels, the pool's included", str(len(kernels)))
        table.add_row("a kernel's memory (USS): median", f"{statistics.median(memory):.0f} MiB")
        table.add_row("a kernel's memory (USS): largest", f"{memory[-1]:.0f} MiB")
        table.add_row("the server's memory (USS)", f"{server.memory_full_info().uss / 2**20:.0f} MiB")
        Console().print(table)
        for bad in found:
            if isinstance(bad, BaseException):
                print(f"not served: {str(bad).splitlines()[0]}")
        await browser.close()


def main() -> None:
    """Serve the explorer, and let visitors come once the pool is full."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        dashboard.write_notebook(folder / "explorer.ipynb", _pages.EXPLORER)
        log = folder / "log"
        with dashboard.served(folder, log, FOLIOVIZ_LOG="info") as url:
            [server] = psutil.Process().children()
            deadline = time.monotonic() + dashboard.PATIENCE
            while not re.search("Kernel pool .* is filled", log.read_text()) and time.monotonic() < deadline:
                time.sleep(0.2)
            asyncio.run(visits(url, count, server))


if __name__ == "__main__":
    main()
