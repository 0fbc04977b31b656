"""A notebook served by Voila on a free port, and a Chromium to look at it: for tests, pictures and benchmarks."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Frame, Page

ROOT = Path(__file__).parents[1]
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
PATIENCE = 180
"""Seconds that anything is waited for: a machine that is busy with other things is slow, not broken."""
SERVE = """
import sys
from pathlib import Path
from folioviz.serving.serve import serve
serve("127.0.0.1", int(sys.argv[1]), browser=False, folder=Path(sys.argv[2]), base=sys.argv[3])
"""
OFFLINE = re.compile(r"https://(cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net)/")
"""Fonts and icons that Voila's template links from public networks; the page works without them."""


def write_notebook(path: Path, *code: str, words: str = "") -> Path:
    """Write a notebook: a cell of words, if there are any, and cells of code."""
    cells: list[dict[str, Any]] = (
        [{"cell_type": "markdown", "metadata": {}, "source": words}] if words else []
    )
    for source in code:
        cell = {"cell_type": "code", "metadata": {}, "source": source.strip()}
        cells.append(cell | {"execution_count": None, "outputs": []})
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    found = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(found))
    return path


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def voila(notebook: Path, log: Path, *flags: str) -> Iterator[str]:
    """Serve a notebook, yield its address, stop; what Voila says goes to ``log``.

    Raises:
        RuntimeError: if it does not start; the message is its log.
    """
    port = free_port()
    command = [sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={port}", *flags]
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for(server, port, log)
        yield url
    finally:
        server.terminate()
        server.wait(PATIENCE)


@contextmanager
def served(folder: Path, log: Path, base: str = "/", **env: str) -> Iterator[str]:
    """Serve a folder of notebooks as ``folioviz serve`` does, yield the address, stop; what it says goes to ``log``.

    All is below ``base``, which has a slash at both ends.

    Raises:
        RuntimeError: if it does not start; the message is its log.
    """
    port = free_port()
    command = [sys.executable, "-c", SERVE, str(port), str(folder), base]
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=os.environ | env, stdout=out, stderr=out)
    try:
        wait_for(server, port, log)
        yield f"http://127.0.0.1:{port}{base}"
    finally:
        server.terminate()
        server.wait(PATIENCE)


def wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until a server listens.

    Raises:
        RuntimeError: if it ends, or does not listen in time; the message is its log.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{log.read_text()}") from None
            time.sleep(0.02)
        else:
            return


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds.

    Raises:
        RuntimeError: if it does not in time.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited for {PATIENCE} s: {what}")
        time.sleep(0.02)


def holds(view: Page | Frame, condition: str, arg: Any = None) -> None:
    """Wait until a function in the page tells true.

    Playwright's own wait asks again from within the page, where the policy lets no text become code.

    Raises:
        RuntimeError: if it does not in time.
    """

    def tells() -> bool:
        with suppress(Error):  # another document is on its way
            return bool(view.evaluate(condition, arg))
        return False

    until(tells, condition)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser that CHROMIUM names or the PATH holds, yield it, close it.

    Raises:
        RuntimeError: if there is none.
    """
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        raise RuntimeError("no Chromium: run `python tools/chromium.py` and set CHROMIUM to what it prints")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS, timeout=PATIENCE * 1000)
        yield browser
        browser.close()


@contextmanager
def window(browser: Browser, **kind: Any) -> Iterator[BrowserContext]:
    """Open a window, yield it, close it with its pages; ``kind`` as for Playwright's ``new_context``."""
    with browser.new_context(**kind) as context:
        context.set_default_timeout(PATIENCE * 1000)
        yield context


def keep_offline(page: Page) -> None:
    """Answer what would be fetched from public networks with nothing."""
    page.route(OFFLINE, lambda route: route.fulfill(status=200, body=""))
