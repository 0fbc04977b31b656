"""How far a sweep is: a bar in a terminal or in a notebook, or nothing."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from folioviz.extras import missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OFTEN = 0.1
"""Seconds between two changes of a bar in a notebook: each is a message."""


def in_notebook() -> bool:
    """Tell whether this is the kernel of a notebook."""
    if "ipykernel" not in sys.modules or "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


@contextmanager
def bar(done: int, total: int, shown: bool | None = None) -> Iterator[Callable[[int], None]]:
    """Show how many cells are done, and return what is told so.

    Args:
        done: how many are done already.
        total: how many there are.
        shown: whether to show a bar; None for where somebody sees it: in a notebook, and in a terminal on stderr.
    """
    if shown is False or done == total:
        yield lambda _done: None
    elif in_notebook() and not missing("views"):
        with _widget(done, total) as tell:
            yield tell
    elif shown or sys.stderr.isatty():
        with _terminal(done, total, shown) as tell:
            yield tell
    else:
        yield lambda _done: None


@contextmanager
def _terminal(done: int, total: int, asked: bool | None) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr; it goes at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("cells"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True, force_terminal=asked), transient=True) as progress:
        task = progress.add_task("cells", total=total, completed=done)
        yield lambda now: progress.update(task, completed=now)


@contextmanager
def _widget(done: int, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar below the cell of a notebook; it goes at the end."""
    from IPython.display import display
    from ipywidgets import HBox, IntProgress, Label

    scale = IntProgress(value=done, max=total)
    label = Label(f"{done:,} of {total:,} cells")
    box = HBox([scale, label])
    display(box)
    last = [0.0]

    def tell(now: int) -> None:
        if now == total or time.monotonic() - last[0] > OFTEN:
            last[0] = time.monotonic()
            scale.value, label.value = now, f"{now:,} of {total:,} cells"

    try:
        yield tell
    finally:
        for widget in (box, scale, label):
            widget.close()
