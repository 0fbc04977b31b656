"""From a click to the last change on the screen, as a ratio to a bare Button -> Label round trip in the same page.

Compare mode, 8 and 64 folios of 512 pages; the click is "next step". A change is a DOM mutation or an image that has
loaded. Medians of 25 clicks; also the websocket's messages and bytes per click.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks import _pages
from tools import dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Page, WebSocket

CLICKS = 25
QUIET_MS = 250
STEP = "button[title^='next step'], .fv-transport button.fv-next-step"

CLICK = """async ([selector, quiet]) => {
  const button = document.querySelector(selector);
  let last = 0;
  const seen = () => { last = performance.now(); };
  const observer = new MutationObserver(seen);
  observer.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
  document.addEventListener('load', seen, true);
  const start = performance.now();
  button.click();
  await new Promise(done => {
    const wait = () => {
      const now = performance.now();
      if (last > start && now - last > quiet || now - start > 10000) done(); else setTimeout(wait, 20);
    };
    setTimeout(wait, 20);
  });
  observer.disconnect();
  document.removeEventListener('load', seen, true);
  return last - start;
}"""


def clicks(page: Page, selector: str) -> float:
    """Return the median of the milliseconds from a click to the last change; the first three clicks warm up."""
    times = [page.evaluate(CLICK, [selector, QUIET_MS]) for _ in range(CLICKS + 3)][3:]
    return statistics.median(times)


def measure(folios: int) -> dict[str, float]:
    """Return the figures for so many folios of 512 pages."""
    received: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: received.append(len(frame)))

    with tempfile.TemporaryDirectory() as folder:
        notebook = dashboard.write_notebook(
            Path(folder) / "latency.ipynb", _pages.LATENCY.format(folios=folios)
        )
        with dashboard.voila(notebook, Path(folder) / "log") as url, dashboard.chromium() as browser:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            dashboard.keep_offline(page)
            page.on("websocket", listen)
            page.goto(url)
            page.wait_for_selector(".fv-trace button.now", timeout=60_000)
            page.wait_for_selector(".bare-button")
            bare = clicks(page, ".bare-button")
            received.clear()
            step = clicks(page, STEP)
            return {
                "bare": bare,
                "step": step,
                "ratio": step / bare,
                "messages": len(received) / (CLICKS + 3),
                "bytes": sum(received) / (CLICKS + 3),
            }


def main() -> None:
    """Print the table."""
    table = Table(title=f"click to last change, median of {CLICKS}")
    for name in ("folios of 512", "bare ms", "step ms", "ratio", "messages/click", "bytes/click"):
        table.add_column(name, justify="right")
    for folios in (8, 64):
        found = measure(folios)
        table.add_row(
            str(folios),
            f"{found['bare']:.1f}",
            f"{found['step']:.1f}",
            f"{found['ratio']:.2f}",
            f"{found['messages']:.1f}",
            f"{found['bytes']:,.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
