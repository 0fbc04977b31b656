"""What runs a scenario, or reads what real kernels did."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from folioviz.cli import words
from folioviz.cli.app import GatherOption, KernelOption, ScenarioArgument, with_
from folioviz.compare import output
from folioviz.compare.compare import compare
from folioviz.compare.mail import mail
from folioviz.compare.report import report
from folioviz.diagnosis import explain as explaining
from folioviz.diagnosis.lines import MAX_BYTES as MAX_PASTE
from folioviz.diagnosis.text import text as diagnosis_text
from folioviz.errors import DocumentError
from folioviz.evidence import verify as verifying
from folioviz.evidence.recordings import library
from folioviz.files import inputs
from folioviz.proc.files import FILES


class Format(StrEnum):
    """How ``run`` prints."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    VECTORS = "vectors"
    EVENTS = "events"


def run(
    scenario: ScenarioArgument,
    kernel: KernelOption = None,
    mmu_gather: GatherOption = None,
    format_: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    proc: Annotated[
        str, typer.Option("--proc", metavar="FILE,...", help=f"Print these files: {', '.join(FILES)}.")
    ] = "",
    page: Annotated[
        list[str] | None,
        typer.Option(
            "--page", metavar="MM:VPN", help="Dump a page of a process; may be given more than once."
        ),
    ] = None,
) -> None:
    """Print what operations cost under some kernels.

    The scenario is run under each kernel. With --format vectors, the input may be many scenarios in the short form,
    one per line; each becomes a line of JSON. With --format events the traces are printed as Trace Event JSON, which
    Perfetto opens. With --proc or --page, what each kernel's files say in the end is printed
    instead, and what folioviz says of it behind #.
    """
    if proc or page:
        if format_ is not Format.TABLE:
            raise DocumentError(f"--proc and --page print text, not {format_}: leave --format out")
        output.files(
            with_(inputs.one(scenario), kernel, mmu_gather), inputs.names(proc), inputs.places(page or ())
        )
        return
    if format_ is Format.VECTORS:
        output.vectors(with_(one, kernel, mmu_gather) for one in inputs.stream(scenario))
        return
    found = with_(inputs.one(scenario), kernel, mmu_gather)
    if format_ is Format.EVENTS:
        output.events(found)
        return
    output.printed(found, compare(found.ops, found.kernels, found.mmu_gather), str(format_))


def report_(
    scenario: ScenarioArgument,
    kernel: KernelOption = None,
    mmu_gather: GatherOption = None,
    short: Annotated[bool, typer.Option("--short", help="Some ten lines, of two kernels.")] = False,
) -> None:
    """Print a report of 72 columns, for a mail."""
    typer.echo((mail if short else report)(with_(inputs.one(scenario), kernel, mmu_gather)), nl=False)


def explain(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file with what was pasted, or - for stdin.")],
) -> None:
    """Say what pieces of /proc, /sys and the kernel's log mean.

    Reads smaps, smaps_rollup, memory.stat, vmstat, meminfo, hugepages-*kB/stats, what thpmaps prints, and page dumps;
    one or several in one file, which may come from any machine. Says what is held and mapped by nobody, and what would
    free it. Nothing leaves this machine.
    """
    with inputs.opened(file) as stream:
        typer.echo(diagnosis_text(explaining(stream.read(MAX_PASTE + 1))), nl=False)


def verify(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="RECORDING|VECTORS...", help="Files of either format; plain, gzip or xz."),
    ] = None,
    kernel: Annotated[
        str | None,
        typer.Option(
            "--kernel",
            metavar="K",
            help="Compare with this kernel only: its key or alias.",
            autocompletion=words.kernels,
        ),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="NAME", help="Compare the scenario of this name only.")
    ] = None,
) -> None:
    """Compare what real kernels did with the model.

    Every difference is listed, and the status is 1 if there is one. A recording is compared with the nearest kernel of
    the model. Without a file, all recordings of the package are compared. A file that cannot be read does not stop the
    next one; the status is then 2.
    """
    outcome = verifying.verify(files or library.kernels(), kernel, scenario)
    for message in outcome.unread:
        typer.echo(f"folioviz: {message}", err=True)
    if outcome.unread or not outcome.equal:
        raise typer.Exit(2 if outcome.unread else 1)
