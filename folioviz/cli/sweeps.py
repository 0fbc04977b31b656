"""What runs the same operations with other numbers, in many cells."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from folioviz.compare.output import new_table, show
from folioviz.errors import DocumentError
from folioviz.machine.costs import COSTS
from folioviz.sweep import files
from folioviz.sweep.plan import STATUS, WHERE, plan
from folioviz.sweep.source import STANDARD
from folioviz.sweep.sweep import into, run
from folioviz.sweep.table import Sweep

INTERRUPTED = 130
"""The status of a command that Ctrl+C has ended."""


class Form(StrEnum):
    """How ``sweep`` prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def sweep(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SCENARIO|OPERATIONS...", help="Library names, files, - for stdin, or operations."
        ),
    ] = None,
    kernel: Annotated[
        list[str] | None,
        typer.Option(
            "--kernel", metavar="K,...", help="Keys or aliases, or all; may be given more than once."
        ),
    ] = None,
    mmu_gather: Annotated[
        str, typer.Option("--mmu-gather", metavar="M,...", help="batched, none, or both.")
    ] = "",
    orders: Annotated[
        str, typer.Option("--order", metavar="N,...", help="Values of {order}: 4, 2,4,9 or 0-9.")
    ] = "",
    shares: Annotated[
        str, typer.Option("--share", metavar="N,...", help="Values of {share}, in per cent.")
    ] = "",
    processes: Annotated[
        str, typer.Option("--processes", metavar="N,...", help="Values of {processes}.")
    ] = "",
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=N,...", help="Values of another {NAME}; may be given more than once."
        ),
    ] = None,
    form: Annotated[
        Form | None, typer.Option("--format", help="How to print, or to write; if not said, as FILE ends.")
    ] = None,
    file: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="Write here; what is there already is kept.")
    ] = "",
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Processes on this machine.")
    ] = None,
    scheduler: Annotated[
        str, typer.Option("--scheduler", metavar="tcp://...", help="Run on a Dask cluster instead.")
    ] = "",
) -> None:
    """Do operations under several kernels with all combinations of parameters; a row for each.

    Operations may have names in braces, and arithmetic: 'mm; mmap 1 0 64; fault 1 0 {order}; dontneed 1 0 {pages}'.
    Without operations it is a folio of {order} that {processes} processes map, of which the first one unmaps {share}
    per cent from its front. With -o, a sweep that was interrupted goes on. The status is 1 if a cell was refused or
    failed.
    """
    given = {"order": orders, "share": shares, "processes": processes}
    given = {name: text for name, text in given.items() if text}
    for text in parameters or ():
        name, equals, values = text.partition("=")
        if not equals or name in given:
            raise DocumentError(f"--set {text}: write NAME=N,..., each name once")
        given[name] = values
    keys = [name.strip() for text in kernel or () for name in text.split(",")]
    modes = [name.strip() for name in mmu_gather.split(",")] if mmu_gather else []
    if file and form is Form.TABLE:
        raise DocumentError(f"-o {file}: a table is for reading: write {', '.join(files.FORMS)}")
    if not file and form is Form.PARQUET:
        raise DocumentError("Parquet is no text: say -o FILE")
    made = plan(scenarios or [STANDARD], keys, modes, given)
    done = Sweep(made.columns, [], len(made.cells))
    if file:
        with into(made, file, form or "") as (kept, writer):
            done.rows += kept
            run(made, done.rows, writer.add if writer else None, jobs, scheduler or None)
    elif form in {Form.CSV, Form.JSON}:
        out = files.WRITERS[form](sys.stdout, made.columns)
        shown = False if sys.stdout.isatty() else None  # rows and a bar do not go together
        run(made, done.rows, out.add, jobs, scheduler or None, shown)
        out.close()
    else:
        run(made, done.rows, None, jobs, scheduler or None)
        table(done)
    told(done, file)


def told(done: Sweep, file: str) -> None:
    """Say on stderr what is missing, and leave with a status if anything is.

    Raises:
        typer.Exit: 130 if the sweep was interrupted, 1 if a cell has no result.
    """
    if not done.complete:
        more = "; the same command goes on" if file else ""
        typer.echo(f"folioviz: interrupted: {done.told()}{more}", err=True)
        raise typer.Exit(INTERRUPTED)
    if missing := done.without_result:
        first = missing[0]
        where = ", ".join(f"{name} {first[name]}" for name in ("kernel", *done.parameters))
        typer.echo(f"folioviz: {done.told()}; the first without result: {where}: {first['error']}", err=True)
        raise typer.Exit(1)


def table(done: Sweep) -> None:
    """Print what differs between cells: parameters, costs of what was measured, states, and what else happened."""
    told = [name for name in (*WHERE, *done.parameters) if len({row[name] for row in done.rows}) > 1]
    told = told or ["kernel"]
    costs = [name for name in COSTS if any(row[name] for row in done.rows)]
    states = ["queue_length", "partially_mapped"]
    numbers = [*costs, *states]
    out = new_table(*told, *numbers, "")
    for row in done.rows:
        values = ["" if row[name] is None else str(row[name]) for name in (*told, *numbers)]
        note = " ".join(
            filter(
                None, (row[STATUS] if row[STATUS] != "done" else "", row["bugs"], row["law"], row["error"])
            )
        )
        out.add_row(*values, note)
    show(out, "", *(f"{name:<9} {COSTS[name].words}" for name in costs))
