"""Take pictures of the explorer, light and dark, at three sizes, into screenshots/.

    python tools/screenshots.py [NAME ...]     only pictures whose name begins so

Needs a Chromium (CHROMIUM, or one on the PATH: tools/chromium.py finds or gets one).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

ROOT = Path(__file__).parents[1]
OUT = ROOT / "screenshots"
START_SECONDS = 60
ARGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
SIZES = {"1440x900": (1440, 900), "1280x720": (1280, 720), "390": (390, 844)}


def scenario(label: str) -> Callable[[Page], None]:
    """Return what opens a scenario of the menu, by how its title begins."""

    def go(page: Page) -> None:
        menu = page.get_by_label("scenario", exact=True)
        labels = [text.replace("\xa0", " ") for text in menu.locator("option").all_text_contents()]
        menu.select_option(index=next(place for place, text in enumerate(labels) if text.startswith(label)))
        page.wait_for_function(
            "text => document.querySelector('.fv-about')?.textContent.includes(text)", arg=label
        )

    return go


def error(page: Page) -> None:
    """Type an address that is none."""
    field = page.get_by_label("from", exact=True)
    field.fill("0x7f0000000123")
    field.press("Enter")
    page.wait_for_selector(".fv-error")


def empty(page: Page) -> None:
    """Go to where nothing has been done."""
    page.locator("body").press("Home")
    page.wait_for_selector(".fv-lane-head", state="detached")


def helped(page: Page) -> None:
    """Open the help."""
    page.locator("body").press("?")
    page.wait_for_selector(".fv-help", state="visible")


STATES: dict[str, Callable[[Page], None]] = {
    "first": lambda _: None,
    "empty": empty,
    "error": error,
    "help": helped,
    "fork": scenario("After fork, each"),
    "pmd": scenario("Mapped by a PMD"),
    "many": scenario("64 folios"),
    "s390": scenario("s390"),
}


def serve(port: int) -> subprocess.Popen[bytes]:
    """Start Voila and wait until it answers."""
    command = [sys.executable, "-m", "voila", "notebooks/explorer.ipynb", "--no-browser", f"--port={port}"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/voila/static/voila.js", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return server
    server.kill()
    raise SystemExit("screenshots: Voila did not start")


def pictures() -> list[tuple[str, str, str, str]]:
    """Return (name, state, theme, size) of every picture."""
    wanted = [("first", theme, size) for theme in ("light", "dark") for size in SIZES]
    wanted += [(state, "light", "1440x900") for state in STATES if state != "first"]
    wanted += [("many", "dark", "1440x900"), ("fork", "light", "390")]
    return [(f"{state}-{theme}-{size}", state, theme, size) for state, theme, size in wanted]


def main(names: list[str]) -> int:
    """Take the pictures."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise SystemExit("screenshots: no Chromium; run tools/chromium.py")
    OUT.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = serve(port)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGS))
            for name, state, theme, size in pictures():
                if names and not name.startswith(tuple(names)):
                    continue
                width, height = SIZES[size]
                page = browser.new_page(viewport={"width": width, "height": height})
                page.goto(f"http://127.0.0.1:{port}/?theme={theme}")
                page.wait_for_selector(".fv-trace button.now")
                page.wait_for_selector(".fv-lane image")
                STATES[state](page)
                page.wait_for_timeout(400)  # fonts and the figures' first layout
                page.screenshot(path=OUT / f"{name}.png")
                full = page.evaluate("document.querySelector('.fv-root').getBoundingClientRect().height")
                page.set_viewport_size({"width": width, "height": int(full) + 60})
                page.wait_for_timeout(400)
                page.screenshot(path=OUT / f"{name}-full.png")
                page.close()
                print(OUT / f"{name}.png")
            browser.close()
    finally:
        server.terminate()
        server.wait(30)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
