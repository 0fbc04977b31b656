"""From a click to the last change on the screen, as a ratio to a bare Button -> Label round trip in the same page.

Served as ``folioviz serve`` does, compare mode, 8 and 64 folios of 512 pages; the click is "next step". A change is a
DOM mutation or an image that has loaded. Medians of 25 clicks; also the websocket's messages and bytes per click.

In a row: 200 clicks, each as soon as the page shows what the one before it did; milliseconds of each, and the ratio to
as many bare round trips in a row.
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
IN_A_ROW = 200
WARM = 10
"""Clicks in a row that only warm up."""
STEP = "button[title^='next step'], .fv-transport button.fv-next-step"
PLAYHEAD = ".fv-playhead input"

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

ROW = """async ([selector, place, clicks]) => {
  const shown = () => {
    const node = document.querySelector(place);
    return node.ariaValueText ?? node.textContent;
  };
  const click = () => new Promise(done => {
    const before = shown();
    const observer = new MutationObserver(() => {
      if (shown() === before) return;
      observer.disconnect();
      done();
    });
    observer.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
    document.querySelector(selector).click();
  });
  const start = performance.now();
  for (let n = 0; n < clicks; n += 1) await click();
  return (performance.now() - start) / clicks;
}"""


def clicks(page: Page, selector: str) -> float:
    """Return the median of the milliseconds from a click to the last change; the first three clicks warm up."""
    times = [page.evaluate(CLICK, [selector, QUIET_MS]) for _ in range(CLICKS + 3)][3:]
    return statistics.median(times)


def row(page: Page, selector: str, place: str) -> float:
    """Return the milliseconds of each of many clicks in a row, every one of which changes the text of ``place``."""
    page.evaluate(ROW, [selector, place, WARM])
    return page.evaluate(ROW, [selector, place, IN_A_ROW])


def measure(folios: int) -> dict[str, float]:
    """Return the figures for so many folios of 512 pages."""
    received: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: received.append(len(frame)))

    with tempfile.TemporaryDirectory() as folder:
        notebooks = Path(folder) / "notebooks"
        notebooks.mkdir()
        dashboard.write_notebook(notebooks / "latency.ipynb", _pages.LATENCY.format(folios=folios))
        log = Path(folder) / "log"
        with (
            dashboard.served(notebooks, log, FOLIOVIZ_POOL="0") as url,
            dashboard.chromium() as browser,
        ):
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            dashboard.keep_offline(page)
            page.on("websocket", listen)
            page.goto(f"{url}voila/render/latency.ipynb")
            page.wait_for_selector(".fv-trace button.now", timeout=60_000)
            page.wait_for_selector(".bare-button")
            bare = clicks(page, ".bare-button")
            received.clear()
            step = clicks(page, STEP)
            found = {"messages": len(received) / (CLICKS + 3), "bytes": sum(received) / (CLICKS + 3)}
            bare_row, step_row = row(page, ".bare-button", ".bare-label"), row(page, STEP, PLAYHEAD)
            return found | {
                "bare": bare,
                "step": step,
                "ratio": step / bare,
                "bare_row": bare_row,
                "step_row": step_row,
                "ratio_row": step_row / bare_row,
            }


def main() -> None:
    """Print the tables."""
    table = Table(title=f"click to last change, median of {CLICKS}")
    rows = Table(title=f"{IN_A_ROW} clicks in a row, each")
    for name in ("folios of 512", "bare ms", "step ms", "ratio", "messages/click", "bytes/click"):
        table.add_column(name, justify="right")
    for name in ("folios of 512", "bare ms", "step ms", "ratio"):
        rows.add_column(name, justify="right")
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
        numbers = [f"{found['bare_row']:.1f}", f"{found['step_row']:.1f}", f"{found['ratio_row']:.2f}"]
        rows.add_row(str(folios), *numbers)
    Console().print(table, rows)


if __name__ == "__main__":
    main()
