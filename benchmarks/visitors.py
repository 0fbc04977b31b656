"""Visitors who all come at once: who gets a working explorer, when, and what each one costs.

As many come to a notebook of one cell on bare Voila before, in the same run and in a browser of their own; nothing is
prepared for either. The ratio of the two slowest is what counts. A visitor to the explorer counts as served when a
press of Undo, and then of Redo, has changed the history on the page. `python -m benchmarks.visitors 20` is the default.
Memory is what a process has to itself (USS), or with its share of what it has in common with others (PSS).
"""

from __future__ import annotations

import asyncio
import os
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
    from collections.abc import Awaitable, Callable

    from playwright.async_api import Page

VISITORS = 20
MIB = 2**20


async def bare(page: Page) -> None:
    """Wait for the one cell's widget."""
    await page.locator(".ready").wait_for()


async def explorer(page: Page) -> None:
    """Wait for the explorer."""
    await page.locator(".fv-chip[aria-current]").wait_for()


async def used(page: Page) -> None:
    """Undo, and redo."""
    now = page.locator(".fv-chip[aria-current]")
    before = await now.inner_text()
    changed = "before => (document.querySelector('.fv-chip[aria-current]')?.innerText ?? '') {} before"
    await page.get_by_role("button", name="Undo").click()
    await page.wait_for_function(changed.format("!=="), arg=before)
    await page.get_by_role("button", name="Redo").click()
    await page.wait_for_function(changed.format("==="), arg=before)


def of_kernel(process: psutil.Process) -> bool:
    """Tell whether a process is a kernel: one that has been started, or forked; one that has ended is none."""
    try:
        return "ipykernel" in " ".join(process.cmdline()) or "mould" in " ".join(process.parent().cmdline())
    except psutil.NoSuchProcess:
        return False


def cpu_seconds(process: psutil.Process) -> float:
    """Return what a process and all that it has started have computed so far, the ended ones included."""
    found = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        found += times.user + times.system
    return found


async def visits(
    url: str, count: int, arrived: Callable[[Page], Awaitable[None]], server: psutil.Process
) -> tuple[list[float], list[float], dict[str, float]]:
    """Let them come to an address.

    Returns:
        Seconds until each page was there, ascending; of the explorer, until it had answered; and what it took:
        CPU seconds of the server with its kernels and of the browser, memory in bytes, and the kernels that are left
        when all have gone.

    Raises:
        RuntimeError: if somebody was not served; the message says why.
    """

    async def visit() -> tuple[float, float]:
        page = await browser.new_page(bypass_csp=True)
        page.set_default_timeout(dashboard.PATIENCE * 1000)
        start = time.perf_counter()
        await page.goto(url)
        await arrived(page)
        ready = time.perf_counter() - start
        if arrived is explorer:
            await used(page)
        return ready, time.perf_counter() - start

    cost, before = {}, cpu_seconds(server)
    others = cpu_seconds(psutil.Process()) - before
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=dashboard.ARGS)
        found = await asyncio.gather(*(visit() for _ in range(count)), return_exceptions=True)
        good = [one for one in found if not isinstance(one, BaseException)]
        if bad := [str(one).splitlines()[0] for one in found if isinstance(one, BaseException)]:
            raise RuntimeError(f"{len(bad)} of {count} not served, the first: {bad[0]}")
        below = server.children(recursive=True)
        memory = [one.memory_full_info() for one in below]
        cost["cpu"] = cpu_seconds(server) - before
        cost["browser"] = cpu_seconds(psutil.Process()) - cpu_seconds(server) - others
        cost["pss"] = sum(one.pss for one in memory) + server.memory_full_info().pss
        cost["uss"] = statistics.median(one.uss for one in memory)
        for context in browser.contexts:  # each has a page, and outlives it, so that its last words are sent
            await context.pages[0].goto("about:blank")
        _, left = await asyncio.to_thread(psutil.wait_procs, [one for one in below if of_kernel(one)], 60)
        cost["left"] = len(left)
        await browser.close()
    return sorted(ready for ready, _ in good), sorted(done for _, done in good), cost


def main() -> None:
    """Let visitors come to bare Voila, then to the explorer, and print both."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else VISITORS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one = dashboard.write_notebook(folder / "one.ipynb", _pages.ONE_CELL)
        with dashboard.voila(one, folder / "bare.log") as url:
            [server] = psutil.Process().children()
            plain, _, cheap = asyncio.run(visits(url, count, bare, server))
        ours = folder / "ours"
        ours.mkdir()
        dashboard.write_notebook(ours / "explorer.ipynb", _pages.EXPLORER)
        env = {"FOLIOVIZ_POOL": "0", "FOLIOVIZ_STORIES": "0"}
        with dashboard.served(ours, folder / "ours.log", **env) as url:
            [server] = psutil.Process().children()
            at = f"{url}voila/render/explorer.ipynb"
            ready, answered, cost = asyncio.run(visits(at, count, explorer, server))
    table = Table(title=f"{count} visitors at once, nothing prepared; all served")
    for heading in ("what", "one cell, bare", "explorer", "ratio"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    rows = (
        ("ready: first", "s", plain[0], ready[0]),
        ("ready: median", "s", statistics.median(plain), statistics.median(ready)),
        ("ready: slowest", "s", plain[-1], ready[-1]),
        ("CPU of server and kernels, each", "s", cheap["cpu"] / count, cost["cpu"] / count),
        ("CPU of the browser, each", "s", cheap["browser"] / count, cost["browser"] / count),
        ("memory of server and kernels (PSS)", "MiB", cheap["pss"] / MIB, cost["pss"] / MIB),
        ("of a kernel alone (USS), median", "MiB", cheap["uss"] / MIB, cost["uss"] / MIB),
    )
    for what, unit, first, second in rows:
        table.add_row(what, f"{first:.1f} {unit}", f"{second:.1f} {unit}", f"{second / first:.2f}")
    table.add_row("has answered: first, slowest", "", f"{answered[0]:.1f} s, {answered[-1]:.1f} s", "")
    table.add_row("kernels left", f"{cheap['left']:.0f}", f"{cost['left']:.0f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()
