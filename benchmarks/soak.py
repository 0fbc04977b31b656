"""One long session: whether memory grows, widgets leak, or it gets slower.

2,000 operations and 4,000 steps through an Explorer in this process, in one history, then in many; then 200
presses of Undo and Redo in Voila. Compared are the state after the first 200 (20) and the state at the end.
`python -m benchmarks.soak 600 0` takes other numbers.

The operations are drawn at random, again if no kernel would do one, so that every one lengthens the history. What
the machine holds does not grow with it, for a fuller machine has more to show however it came to be: all happens in
256 pages, and children are told to exit twice as often as to be born.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import _pages
from folioviz import parse_line
from tools import dashboard

if TYPE_CHECKING:
    from folioviz.ops.ops import Op
    from folioviz.views.player.history import History

COUNT = 2000
PRESSES = 200
WARM = 200
LINES = (
    *("fault 1 {lo} 4", "fault 1 {lo} 4", "munmap 1 {lo} 16", "mmap 1 {lo} 16", "mmap 1 {lo} 16"),
    *("dontneed 1 {lo} 5", "write 1 {lo}", "fork 1", "exit {child}", "exit {child}", "shrink 64"),
)
BEGIN = "mm; mmap 1 0 256"


def drawn(rng: random.Random, history: History) -> Op:
    """Return an operation that some kernel would do now; the first process never exits."""
    machine = history.tracks[0].lab.machine
    while True:
        line = rng.choice(LINES).format(lo=rng.randrange(16) * 16, child=machine.mm_id.max())
        [op] = parse_line(line)
        if line != "exit 1" and history.refused(op) is None:
            return op


def in_process(count: int, again: int) -> dict[str, tuple[float, float]]:
    """Return memory, widgets and time per operation, after the first 200 and at the end.

    Args:
        count: how many operations.
        again: begin a new history after so many: what grows then is not the history.
    """
    import ipywidgets

    from folioviz.views import Explorer, Session

    rng, session, process = random.Random(3), Session(), psutil.Process()
    explorer = Explorer(session)
    times, early = [], (0.0, 0)
    instances = getattr(ipywidgets.widgets.widget, "_instances", None)

    def state() -> tuple[float, int]:
        return process.memory_full_info().uss / 2**20, len(instances if instances is not None else ())

    for done in range(count):
        if done % again == 0:
            session.run(parse_line(BEGIN), "v6.5-rc3+v4.1", "v6.5-rc3+v4")
        op = drawn(rng, session.history)
        start = time.perf_counter()
        session.act(op)
        session.step(-3)
        session.step(3)
        times.append(time.perf_counter() - start)
        if done + 1 == WARM:
            early = state()
    end = state()
    explorer.close_all()
    what = "one history" if again >= count else f"a new history every {again}"
    return {
        f"{what}: memory, MiB (USS)": (early[0], end[0]),
        f"{what}: widgets": (early[1], end[1]),
        f"{what}: an operation and two steps, ms": (
            1000 * statistics.median(times[:WARM]),
            1000 * statistics.median(times[-WARM:]),
        ),
    }


def in_browser(count: int) -> dict[str, tuple[float, float]]:
    """Return the same for a page in Voila: undo and redo, pressed by a browser."""
    warm, times = max(count // 10, 10), []
    with tempfile.TemporaryDirectory() as name, dashboard.chromium() as browser:
        folder = Path(name)
        dashboard.write_notebook(folder / "explorer.ipynb", _pages.EXPLORER)
        with dashboard.voila(folder / "explorer.ipynb", folder / "log") as url:
            page = browser.new_page(bypass_csp=True)
            page.set_default_timeout(60_000)
            dashboard.keep_offline(page)
            page.goto(url)
            page.wait_for_selector(".fv-trace button.now")
            kernel = next(
                child
                for child in psutil.Process().children(recursive=True)
                if "ipykernel" in " ".join(child.cmdline())
            )
            comms = "window.jupyterapp.widgetManager.kernel._comms.size"
            early = (0.0, 0)
            for done in range(count):
                before = page.locator(".fv-playhead input").get_attribute("aria-valuetext")
                start = time.perf_counter()
                page.get_by_role("button", name=("Undo", "Redo")[done % 2]).click()
                page.wait_for_function(
                    "b => document.querySelector('.fv-playhead input')?.ariaValueText !== b", arg=before
                )
                times.append(time.perf_counter() - start)
                if done + 1 == warm:
                    early = (kernel.memory_full_info().uss / 2**20, page.evaluate(comms))
            end = (kernel.memory_full_info().uss / 2**20, page.evaluate(comms))
    return {
        "browser: memory of the kernel, MiB (USS)": (early[0], end[0]),
        "browser: comms in the page": (early[1], end[1]),
        "browser: a press, ms": (
            1000 * statistics.median(times[:warm]),
            1000 * statistics.median(times[-warm:]),
        ),
    }


def main() -> None:
    """Print the table."""
    count, presses = (*map(int, sys.argv[1:]), *(COUNT, PRESSES)[len(sys.argv) - 1 :])
    found = in_process(count, count) | in_process(count, 40) | (in_browser(presses) if presses else {})
    table = Table(title=f"{count} operations in one session, {presses} presses in a browser")
    for name in ("what", "after the first", "at the end", "ratio"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for what, (early, end) in found.items():
        table.add_row(what, f"{early:.1f}", f"{end:.1f}", f"{end / early:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
