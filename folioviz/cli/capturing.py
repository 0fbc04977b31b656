"""The commands that capture processes of a running machine, and look at a capture."""

from __future__ import annotations

import os
import re
import sys
from contextlib import ExitStack
from typing import Annotated, Final

import typer

from folioviz.capture import load, sums, write
from folioviz.capture.form import PAGE, Process
from folioviz.capture.freeze import frozen
from folioviz.capture.live import Live, family, name_of, parent_of, refuse_elsewhere
from folioviz.capture.privilege import drop, invoker, sudo_line
from folioviz.capture.report import amount, heading, notes, report
from folioviz.capture.take import take
from folioviz.errors import LimitError, LiveError, shown
from folioviz.files.documents import MAX_PATH

RANGE: Final = re.compile(r"(?:0x)?([0-9a-fA-F]{1,16})-(?:0x)?([0-9a-fA-F]{1,16})")
MOST_PID: Final = 1 << 22


def capture(
    pids: Annotated[list[int], typer.Argument(metavar="PID...", help="Processes.")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where the capture goes.")],
    *,
    children: Annotated[
        bool, typer.Option("--children", help="Also everything that they have forked.")
    ] = False,
    within: Annotated[
        str, typer.Option("--range", metavar="A-B", help="Only these addresses, as /proc/PID/maps has them.")
    ] = "",
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Stop the processes meanwhile (SIGSTOP, then SIGCONT).")
    ] = False,
    addresses: Annotated[
        bool, typer.Option("--addresses", help="Keep addresses, pids and names in the file.")
    ] = False,
) -> None:
    """Write what processes have mapped, folio by folio, and what their folios hold though nobody maps it.

    Linux only. Folios are to be seen by root; root's privileges are dropped before anything is read. Anybody else
    captures what an ordinary user can see, and is told how to see more. docs/capture.md says what the file holds.
    """
    refuse_elsewhere()
    for pid in pids:
        if not 1 <= pid <= MOST_PID:
            raise LimitError.of("the process", pid, f"1 to {MOST_PID}")
    span = pages_of(within)
    pids = family(pids) if children else [*dict.fromkeys(pids)]
    processes = [
        Process(
            parent=pids.index(parent) + 1 if (parent := parent_of(pid)) in pids[:place] else 0,
            pid=pid if addresses else None,
            name=name_of(pid) if addresses else None,
        )
        for place, pid in enumerate(pids)
    ]
    more = f"as root it can: {sudo_line(sys.argv[1:])}"
    with ExitStack() as stack:
        try:
            source = stack.enter_context(Live(pids))
        except LiveError as error:
            root_may = os.geteuid() and isinstance(error.__context__, PermissionError)
            raise LiveError(f"{error}; {more}" if root_may else str(error)) from None
        root = source.privileged
        out = None if root and invoker() else _opened(output)
        if freeze:
            stack.enter_context(frozen(pids))
        if root:
            drop()
        else:
            typer.echo(
                f"folioviz: folios are not to be seen without root, only what is mapped; {more}", err=True
            )
        taken = take(source, processes, span, addresses=addresses, frozen=freeze)
    out = _opened(output) if out is None else out
    data = write(taken)
    with os.fdopen(out, "wb") as file:
        if file.seekable():
            file.truncate(0)
        file.write(data)
    found = sums.by_region(taken)
    told = [heading(taken), f"{amount(int(found.mapped.sum()))} mapped"]
    told += [f"{amount(int(found.held.sum()))} held, mapped by nobody"] if root else []
    typer.echo(f"{' · '.join(told)} · {len(data):,} bytes", err=True)
    for note in notes(taken):
        typer.echo(note, err=True)


def look(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A capture.")],
    *,
    everything: Annotated[bool, typer.Option("--all", help="List every region, and every folio.")] = False,
    folios: Annotated[
        bool,
        typer.Option("--folios", help="List large folios, and what the kernel's own memory says of them."),
    ] = False,
) -> None:
    """Print a capture: what is mapped, what is held and mapped by nobody, and the regions sorted by that."""
    typer.echo(report(load(file), everything=everything, each=folios))


def pages_of(text: str) -> tuple[int, int] | None:
    """Return the virtual pages that a range of addresses touches; None for ''.

    Raises:
        LimitError: if it is no range.
    """
    if not text:
        return None
    found = RANGE.fullmatch(text)
    start, end = (int(one, 16) for one in found.groups()) if found else (0, 0)
    if end <= start:
        raise LimitError.of(
            "--range", text, "two addresses in hexadecimal, 7f0000000000-7f0000200000 for example"
        )
    return start // PAGE, -(-end // PAGE)


def _opened(name: str) -> int:
    """Open the file that a capture goes to, for its owner's eyes; what is in it stays until there is a capture."""
    if name == "-":
        return os.dup(sys.stdout.fileno())
    try:
        return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LiveError(f"cannot write {shown(name, MAX_PATH)}: {error.strerror}") from None
