"""The commands that capture processes of a running machine, and look at a capture."""

from __future__ import annotations

import os
import re
import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from folioviz.capture import live, load, sums, write
from folioviz.capture.form import PAGE, Process
from folioviz.capture.freeze import frozen
from folioviz.capture.live import Live, refuse_elsewhere
from folioviz.capture.privilege import drop, invoker, sudo_line
from folioviz.capture.report import amount, heading, notes, report
from folioviz.capture.take import take
from folioviz.errors import LimitError, LiveError, shown
from folioviz.extras import need
from folioviz.files.documents import MAX_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from folioviz.capture.captured import Capture
    from folioviz.capture.words import Source
    from folioviz.vmcore import Memory

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
    drgn: Annotated[
        bool, typer.Option("--drgn", help="Read the kernel's memory: queues, flags and counters, too.")
    ] = False,
    vmcore: Annotated[
        str, typer.Option("--vmcore", metavar="FILE", help="Read a dump of a kernel, not this machine.")
    ] = "",
    vmlinux: Annotated[
        str,
        typer.Option("--vmlinux", metavar="FILE", help="The kernel's debugging information, for these two."),
    ] = "",
) -> None:
    """Write what processes have mapped, folio by folio, and what their folios hold though nobody maps it.

    Linux only. Folios are to be seen by root; root's privileges are dropped before anything is read. Anybody else
    captures what an ordinary user can see, and is told how to see more. docs/capture.md says what the file holds.
    """
    _check(pids, vmcore, freeze=freeze)
    span = pages_of(within)
    read: Callable[[], Source]
    memory = _memory(vmcore, vmlinux) if drgn or vmcore or vmlinux else None
    who = memory.tasks if memory and vmcore else live
    pids = who.family(pids) if children else [*dict.fromkeys(pids)]
    processes = [
        Process(parent, *((pid, who.name_of(pid)) if addresses else ()))
        for pid, parent in zip(pids, _parents(pids, who.parent_of), strict=True)
    ]
    with ExitStack() as stack:
        if memory:
            read, root = partial(memory.source, pids), os.geteuid() == 0
        else:
            proc = stack.enter_context(_proc(pids))
            read, root = (lambda: proc), proc.privileged
        out = None if root and invoker() else _opened(output)
        if freeze:
            stack.enter_context(frozen(pids))
        if root:
            drop()
        elif not memory:
            typer.echo(
                f"folioviz: folios are not to be seen without root, only what is mapped; {_more()}", err=True
            )
        taken = take(read(), processes, span, addresses=addresses, frozen=freeze or bool(vmcore))
    data = write(taken)
    _save(data, _opened(output) if out is None else out)
    _tell(taken, len(data))


def _check(pids: list[int], vmcore: str, *, freeze: bool) -> None:
    """Refuse what cannot be captured.

    Raises:
        LimitError: naming it.
        LiveError: on a machine that has no such files.
    """
    if not vmcore:
        refuse_elsewhere()
    elif freeze:
        raise LimitError("--freeze stops processes of this machine: in a dump everything stands still")
    for pid in pids:
        if not 1 <= pid <= MOST_PID:
            raise LimitError.of("the process", pid, f"1 to {MOST_PID}")


def _save(data: bytes, out: int) -> None:
    """Write a document to a file that is open."""
    with os.fdopen(out, "wb") as file:
        if file.seekable():
            file.truncate(0)
        file.write(data)


def _tell(taken: Capture, size: int) -> None:
    """Say what was captured."""
    found = sums.by_region(taken)
    told = [heading(taken), f"{amount(int(found.mapped.sum()))} mapped"]
    told += [f"{amount(int(found.held.sum()))} held, mapped by nobody"] if taken.about.privileged else []
    typer.echo(f"{' · '.join(told)} · {size:,} bytes", err=True)
    for note in notes(taken):
        typer.echo(note, err=True)


def _parents(pids: list[int], parent_of: Callable[[int], int]) -> list[int]:
    """Return the number of each process's parent among those before it, 0 if it is not there."""
    parents = [parent_of(pid) for pid in pids]
    return [pids.index(parent) + 1 if parent in pids[:place] else 0 for place, parent in enumerate(parents)]


def _more() -> str:
    """Return how more is to be seen."""
    return f"as root it can: {sudo_line(sys.argv[1:])}"


def _hinted(error: LiveError) -> LiveError:
    """Return an error with the line that root may read by, if that was it."""
    root_may = os.geteuid() and isinstance(error.__context__, PermissionError)
    return LiveError(f"{error}; {_more()}") if root_may else error


def _proc(pids: list[int]) -> Live:
    """Open processes in /proc.

    Raises:
        LiveError: saying how it can be done.
    """
    try:
        return Live(pids)
    except LiveError as error:
        raise _hinted(error) from None


def _memory(vmcore: str, vmlinux: str) -> Memory:
    """Open a kernel's own memory: a dump, or that of this machine for ''.

    Raises:
        MissingError: without drgn.
        LiveError: saying why it cannot be read.
    """
    need("drgn", "a capture of the kernel's own memory")
    from folioviz.vmcore import Memory

    try:
        return Memory(vmcore, vmlinux)
    except LiveError as error:
        raise (error if vmcore else _hinted(error)) from None


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
