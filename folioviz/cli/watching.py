"""The command ``folioviz watch``."""

from __future__ import annotations

import platform
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from folioviz.watch import Counters, Series
from folioviz.watch.live import LONGEST, SHORTEST, samples, until_told
from folioviz.watch.screen import screen
from folioviz.watch.table import Writer


def watch(
    pid: Annotated[
        int | None, typer.Option("--pid", metavar="P", help="A process: what of it is mapped, too.")
    ] = None,
    cgroup: Annotated[
        str | None,
        typer.Option("--cgroup", metavar="C", help="A cgroup, as systemd-cgls names it: what it holds, too."),
    ] = None,
    every: Annotated[
        float,
        typer.Option("--every", metavar="S", help=f"Seconds between samples, {SHORTEST:g} to {LONGEST:g}."),
    ] = 1.0,
    count: Annotated[
        int | None, typer.Option("--count", metavar="N", help="Stop after so many samples.")
    ] = None,
    csv: Annotated[
        str, typer.Option("--csv", metavar="FILE", help="Write all counters there; - for stdout.")
    ] = "",
) -> None:
    """Watch a running machine: memory that is held and mapped by nobody, the statistics of each folio size, events.

    Linux only, and no root needed. It ends with Ctrl-C. What is held is an estimate; where it is blind stands below it.
    """
    with ExitStack() as stack:
        counters = stack.enter_context(Counters(pid, cgroup))
        ended = stack.enter_context(until_told())
        writer = None
        if csv:
            out = sys.stdout if csv == "-" else stack.enter_context(Path(csv).open("w", encoding="utf-8"))
            writer = Writer(out)
        series, what = Series(), f"Linux {platform.release()}"
        console = Console(highlight=False, emoji=False, markup=False)
        shown = None
        if csv != "-" and console.is_terminal:
            shown = stack.enter_context(Live(console=console, auto_refresh=False))
        for sample in samples(counters, every, count, ended):
            series.add(sample)
            if writer:
                writer.add(sample)
            if shown:
                shown.update(screen(series, what), refresh=True)
        if csv != "-" and not shown and series.samples:
            console.print(screen(series, what))
