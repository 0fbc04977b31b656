"""A running machine in a browser: from a dropped capture of 10 GiB to its heat map, and from a click to what it shows.

10 GiB are 163,840 folios of order 4 with a hole each. The heat map is ready when the file's name and the cells of its
10 GiB are painted. A click selects a cell: until its name stands below the map, and until nothing changes any more, the
answers of a kernel included. The ratio is to "next step" in an explorer with eight huge pages, on the same server. The
first table is of the page's kernel alone, in CPU time, which a busy machine changes less.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from benchmarks import _pages
from benchmarks.latency import CLICKS, PLAYHEAD, QUIET_MS, STEP, clicks
from folioviz import parse_line
from folioviz.views import Explorer, Machine, Session
from folioviz.views.machine_panels import taken
from tools import dashboard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import Page

DROPS: Final = 7
FOLIOS: Final = 163_840
CELL: Final = 15
"""Pixels from a cell to the next."""
MACHINE: Final = """
from folioviz.views import Machine
Machine()
"""

DROP: Final = """async ([text, name]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name));
  const painted = () => {
    const canvas = document.querySelector("canvas[data-heat='0-5120']");
    if (!canvas || !document.querySelector(".fv-mc-what").textContent.includes(name)) return false;
    const { data } = canvas.getContext("2d").getImageData(0, 0, 8, 8);
    return data.some((one) => one > 0);
  };
  const start = performance.now();
  document.querySelector(".fv-machine").dispatchEvent(
    new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  while (!painted()) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""

SHOWN: Final = """async ([selector, place, x, y, quiet]) => {
  const button = document.querySelector(selector);
  const text = () => {
    const node = document.querySelector(place);
    return node.ariaValueText ?? node.textContent;
  };
  const before = text();
  let shown = 0;
  let last = 0;
  const observer = new MutationObserver(() => {
    last = performance.now();
    if (!shown && text() !== before) shown = last;
  });
  observer.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
  const { left, top } = button.getBoundingClientRect();
  const start = performance.now();
  button.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: left + x, clientY: top + y }));
  await new Promise((done) => {
    const wait = () => {
      const now = performance.now();
      if (shown && now - last > quiet || now - start > 20000) done(); else setTimeout(wait, 20);
    };
    setTimeout(wait, 20);
  });
  observer.disconnect();
  return [shown - start, last - start];
}"""


def document() -> bytes:
    """Return a capture of 10 GiB: folios of 64 KiB, each with one page missing somewhere."""
    rows: list[list[Any]] = []
    draw = random.Random(0)
    for _ in range(FOLIOS):
        at = draw.randrange(1, 15)
        rows += [[0, at, "p", 1, 0, 0, 1, "Ham", 1], [1, 15 - at, "p", 0, 0, at + 1, 1, "Ham", 1]]
    whole = {
        "capture": 1,
        "about": {"release": "7.3.4", "privileged": True, "pmds": True},
        "processes": [{}],
        "regions": [{"process": 1, "first": 0, "pages": 16 * FOLIOS, "rights": "rw-p"}],
        "procs": {"1": {"1": rows}},
        "orders": [[FOLIOS, 4]],
    }
    return gzip.compress(json.dumps(whole).encode())


def cpu(what: Callable[[int], object], times: int) -> float:
    """Return the median of the CPU milliseconds of a call; the first one warms up. It is told which one it is."""
    found = []
    for n in range(times + 1):
        start = time.process_time()
        what(n)
        found.append(1000 * (time.process_time() - start))
    return statistics.median(found[1:])


def in_the_kernel(text: str) -> list[tuple[str, float]]:
    """Return CPU milliseconds: of a drop, of a click on a cell, of one with its answers, of a step of the explorer."""
    machine, session = Machine(), Session()
    with patch.object(machine.asking, "ask"):
        drop = cpu(lambda n: machine.take(taken.of_browser, f"{n}.json.gz\n{text}"), DROPS)
        shown = cpu(lambda n: machine.heard({"cell": [1, n]}), CLICKS)
    answered = cpu(lambda n: machine.heard({"cell": [1, n]}), CLICKS)
    found = [("a drop of 10 GiB", drop), ("a cell, shown", shown), ("a cell, answered", answered)]
    faults = "; ".join(f"fault 1 {n * 512} 9" for n in range(8))
    session.run(parse_line(f"mm; mmap 1 0 4096; {faults}; dontneed 1 3 4091"), "v6.5-rc3+v4.1", "v6.5-rc3+v4")
    session.skip(-1)
    explorer = Explorer(session)
    step = cpu(lambda _: session.step(1), CLICKS)
    explorer.close()
    return [*found, ("a step of the explorer", step)]


def opened(page: Page, url: str, ready: str) -> Page:
    """Open a page and wait until it is ready."""
    dashboard.keep_offline(page)
    page.goto(url)
    page.wait_for_selector(ready)
    return page


def until_shown(
    page: Page, selector: str, place: str, at: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return medians of milliseconds until a text changes, and until nothing does; the first three clicks warm up."""
    found = [page.evaluate(SHOWN, [selector, place, x, y, QUIET_MS]) for x, y in at][3:]
    shown, last = (statistics.median(column) for column in zip(*found, strict=True))
    return shown, last


def main() -> None:
    """Measure, and print the tables."""
    text = base64.b64encode(document()).decode()
    kernel = Table(title="in the page's kernel, CPU ms")
    for heading in ("what", "ms", "to a step"):
        kernel.add_column(heading, justify="left" if heading == "what" else "right")
    measured = in_the_kernel(text)
    for what, ms in measured:
        kernel.add_row(what, f"{ms:.1f}", f"{ms / measured[-1][1]:.2f}")
    with tempfile.TemporaryDirectory() as name, dashboard.chromium() as browser:
        folder = Path(name)
        (folder / "notebooks").mkdir()
        dashboard.write_notebook(folder / "notebooks" / "explorer.ipynb", _pages.LATENCY.format(folios=8))
        dashboard.write_notebook(folder / "notebooks" / "machine.ipynb", MACHINE)
        with (
            dashboard.served(folder / "notebooks", folder / "log", FOLIOVIZ_POOL="0") as url,
            dashboard.window(browser, viewport={"width": 1440, "height": 900}) as window,
        ):
            machine = opened(window.new_page(), f"{url}voila/render/machine.ipynb", "canvas[data-heat]")
            drops = [machine.evaluate(DROP, [text, f"file{n}.json.gz"]) for n in range(DROPS + 1)]
            cells = [(7 + CELL * (n % 40), 7 + CELL * (n % 30)) for n in range(5, CLICKS + 8)]
            cell = until_shown(machine, "canvas[data-heat]", ".fv-mc-words h2", cells)
            machine.close()
            explorer = opened(window.new_page(), f"{url}voila/render/explorer.ipynb", ".fv-trace button.now")
            step = until_shown(explorer, STEP, PLAYHEAD, [(5, 5)] * (CLICKS + 3))
            bare = clicks(explorer, ".bare-button")
    table = Table(title=f"10 GiB, dropped: s until the heat map is there, first, and median of {DROPS} more")
    for heading in ("first", "median"):
        table.add_column(heading, justify="right")
    table.add_row(f"{drops[0] / 1000:.2f}", f"{statistics.median(drops[1:]) / 1000:.2f}")
    rows = Table(title=f"a click, ms, median of {CLICKS}; a bare round trip is {bare:.1f}")
    for heading in ("until", "cell", "next step", "ratio"):
        rows.add_column(heading, justify="left" if heading == "until" else "right")
    for what, mine, others in zip(("it is shown", "the last change"), cell, step, strict=True):
        rows.add_row(what, f"{mine:.1f}", f"{others:.1f}", f"{mine / others:.2f}")
    Console().print(kernel, table, rows)


if __name__ == "__main__":
    main()
