"""The command ``folioviz``. Whatever is wrong with its input, it says so in one message and exits with status 2."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from importlib.metadata import version
from typing import Annotated, Any

import msgspec
import typer
from typer.core import TyperGroup

from folioviz import kernels as registry
from folioviz.compare import output
from folioviz.compare.compare import compare
from folioviz.compare.mail import mail
from folioviz.compare.report import report
from folioviz.diagnosis import explain as explaining
from folioviz.diagnosis.lines import MAX_BYTES as MAX_PASTE
from folioviz.diagnosis.text import text as diagnosis_text
from folioviz.errors import DocumentError, FoliovizError, KernelError, unknown
from folioviz.evidence import verify as verifying
from folioviz.evidence.recordings import library
from folioviz.files import inputs, paste, share
from folioviz.files import scenario as scenarios_
from folioviz.files.scenario import Scenario
from folioviz.lab import Lab
from folioviz.proc.files import FILES
from folioviz.readout import source as reading
from folioviz.serving import serve as servers


class Group(TyperGroup):
    """All commands: an error that folioviz raises on purpose becomes a message and status 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()  # so that a full disk or a reader who has left is noticed here, not at exit
        except BrokenPipeError:
            raise  # whoever reads has seen enough: typer ends quietly
        except (FoliovizError, OSError) as error:
            typer.echo(f"folioviz: {error}", err=True)
            raise typer.Exit(2) from None
        return done


app = typer.Typer(
    cls=Group,
    name="folioviz",
    help="A model of Linux anonymous large-folio accounting.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Format(StrEnum):
    """How ``run`` prints."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    VECTORS = "vectors"


class Gather(StrEnum):
    """The modes of mmu_gather."""

    BATCHED = "batched"
    NONE = "none"


ScenarioArgument = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A library name, a file, or - for stdin.")
]
KernelOption = Annotated[
    list[str] | None,
    typer.Option("--kernel", metavar="K", help="A kernel's key or alias; may be given more than once."),
]
GatherOption = Annotated[Gather | None, typer.Option("--mmu-gather", help="batched, or none as on s390.")]
IpOption = Annotated[str, typer.Option("--ip", help="The address to listen on.")]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")]


def _version(asked: bool) -> None:
    """Print the version and leave."""
    if asked:
        typer.echo(f"folioviz {version('folioviz')}")
        raise typer.Exit


@app.callback()
def _options(
    _asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8866,
    ip: IpOption = "localhost",
    browser: BrowserOption = True,
) -> None:
    """Open the dashboards in a browser, served by Voila."""
    servers.serve(ip, port, browser=browser)


@app.command()
def lab(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8888,
    ip: IpOption = "localhost",
    browser: BrowserOption = True,
    allow_root: Annotated[bool, typer.Option("--allow-root", help="Run although you are root.")] = False,
) -> None:
    """Open the notebooks in JupyterLab."""
    servers.lab(ip, port, browser=browser, root=allow_root)


@app.command(name="open")
def open_(
    link: Annotated[
        str, typer.Argument(metavar="LINK", help="What Share has copied: an address, or its end.")
    ],
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8866,
    ip: IpOption = "localhost",
    browser: BrowserOption = True,
) -> None:
    """Open the explorer at what a link shows, on this machine, wherever the link is from.

    Operations in the short form are opened as well.
    """
    query = share.query(paste.read(link))
    servers.serve(ip, port, browser=browser, query=query)


@app.command()
def kernels() -> None:
    """List the kernels."""
    table = output.new_table("kernel", "alias", "name", "what it is", "how it is known to be right")
    for kernel in registry.KERNELS.values():
        table.add_row(kernel.key, kernel.alias, kernel.label, kernel.title, kernel.proof)
    output.show(table)


@app.command()
def source(
    kernel: Annotated[str, typer.Argument(metavar="KERNEL", help="A kernel's key or alias.")],
    function: Annotated[str | None, typer.Argument(metavar="[FUNCTION]", help="Print this one.")] = None,
) -> None:
    """List the functions of a kernel and where each is from, or print one as the kernel links it."""
    lab = Lab(kernel)
    if function is None:
        table = output.new_table("function", "follows", "read in")
        for name in lab.linked.names:
            found = reading.read(lab, name)
            table.add_row(name, found.file, found.module)
        output.show(table)
        return
    if function not in lab.linked.code:
        listed = f"folioviz source {kernel}"
        raise KernelError(unknown(f"function of {lab.kernel.key}", function, lab.linked.names, listed))
    found = reading.read(lab, function)
    typer.echo(
        "\n".join([f"# {one}" for one in (found.file, found.change, found.module) if one] + [*found.lines])
    )


@app.command()
def scenarios(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Print this one's document.")] = None,
) -> None:
    """List the scenarios of the library, or print one.

    What is printed is a document: a beginning for one of your own.
    """
    if name is not None:
        typer.echo(scenarios_.dumps(scenarios_.find(name)), nl=False)
        return
    table = output.new_table("name", "what it shows")
    for scenario in scenarios_.library().values():
        table.add_row(scenario.name, scenario.title)
    output.show(table)


@app.command()
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
    one per line; each becomes a line of JSON. With --proc or --page, what each kernel's files say in the end is printed
    instead, and what folioviz says of it behind #.
    """
    if proc or page:
        if format_ is not Format.TABLE:
            raise DocumentError(f"--proc and --page print text, not {format_}: leave --format out")
        output.files(
            _with(inputs.one(scenario), kernel, mmu_gather), inputs.names(proc), inputs.places(page or ())
        )
        return
    if format_ is Format.VECTORS:
        for one in inputs.stream(scenario):
            output.vectors(_with(one, kernel, mmu_gather))
        return
    found = _with(inputs.one(scenario), kernel, mmu_gather)
    output.printed(found, compare(found.ops, found.kernels, found.mmu_gather), str(format_))


@app.command(name="report")
def report_(
    scenario: ScenarioArgument,
    kernel: KernelOption = None,
    mmu_gather: GatherOption = None,
    short: Annotated[bool, typer.Option("--short", help="Some ten lines, of two kernels.")] = False,
) -> None:
    """Print a report of 72 columns, for a mail."""
    typer.echo((mail if short else report)(_with(inputs.one(scenario), kernel, mmu_gather)), nl=False)


@app.command()
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


@app.command()
def verify(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="RECORDING|VECTORS...", help="Files of either format; plain, gzip or xz."),
    ] = None,
    kernel: Annotated[
        str | None,
        typer.Option("--kernel", metavar="K", help="Compare with this kernel only: its key or alias."),
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


def _with(scenario: Scenario, kernel: list[str] | None, mmu_gather: Gather | None) -> Scenario:
    """Return a scenario with the kernels and the mode that the command line asks for."""
    keys = tuple(dict.fromkeys(registry.find(name).key for name in kernel or scenario.kernels))
    return msgspec.structs.replace(
        scenario, kernels=keys, mmu_gather=str(mmu_gather) if mmu_gather else scenario.mmu_gather
    )


def main() -> None:
    """Run the command; what could not be written is not tried again at exit."""
    try:
        app()
    finally:
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
