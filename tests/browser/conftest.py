"""A Voila on a free port, and a Chromium that looks at it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
START_SECONDS = 60
OFFLINE = re.compile(r"https://(cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net)/")
"""Fonts and icons that Voila's template links from public networks; the page works without them."""
HARMLESS = re.compile(r"websocket_ping_timeout|Setting websocket_ping_timeout")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def voila(tmp_path_factory):
    """Serve the explorer; afterwards, its log must hold no error."""
    port = free_port()
    log = tmp_path_factory.mktemp("voila") / "log"
    command = [sys.executable, "-m", "voila", "notebooks/explorer.ipynb", "--no-browser", f"--port={port}"]
    with log.open("w") as out:
        server = subprocess.Popen([*command, "--show_tracebacks=True"], cwd=ROOT, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url + "voila/static/voila.js", timeout=5).close()  # noqa: S310
            break
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                pytest.fail(f"Voila did not start:\n{log.read_text()}")
            time.sleep(0.1)
    yield url
    server.terminate()
    server.wait(30)
    bad = [
        line for line in log.read_text().splitlines() if re.search("ERROR|Traceback|CRITICAL|Exception", line)
    ]
    assert [line for line in bad if not HARMLESS.search(line)] == []


@pytest.fixture(scope="session")
def chromium():
    """Start the browser; without one, skip, but fail where tests must run."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium: run tools/chromium.py")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, voila):
    """Open the explorer; afterwards, the browser's console must hold no error and the page no traceback."""
    errors = []
    view = chromium.new_page(viewport={"width": 1440, "height": 1400})
    view.set_default_timeout(30_000)
    view.route(OFFLINE, lambda route: route.fulfill(status=200, body=""))
    view.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    view.on("pageerror", lambda error: errors.append(str(error)))
    view.goto(voila)
    view.wait_for_selector(".fv-trace button.now")
    view.wait_for_selector(".fv-lane image[href^='blob:'], .fv-lane image")
    yield view
    tracebacks = view.locator(".jp-RenderedText[data-mime-type$=stderr]").count()
    view.close()
    assert errors == []
    assert tracebacks == 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Take a picture of the page of a test that failed."""
    report = yield
    if report.when == "call" and report.failed and "page" in getattr(item, "funcargs", {}):
        folder = ROOT / "screenshots"
        folder.mkdir(exist_ok=True)
        item.funcargs["page"].screenshot(path=folder / f"failed-{item.name[:60]}.png")
    return report
