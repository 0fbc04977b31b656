"""What there is: kernels, their source, scenarios."""

from __future__ import annotations

from typing import Annotated

import typer

from folioviz import kernels as registry
from folioviz.cli import words
from folioviz.compare import output
from folioviz.engine import choice
from folioviz.errors import KernelError, unknown
from folioviz.files import scenario as scenarios_
from folioviz.lab import Lab
from folioviz.readout import source as reading


def kernels() -> None:
    """List the kernels."""
    table = output.new_table("kernel", "alias", "name", "what it is", "how it is known to be right")
    for kernel in registry.KERNELS.values():
        table.add_row(kernel.key, kernel.alias, kernel.label, kernel.title, kernel.proof)
    output.show(table, choice.state())


def source(
    kernel: Annotated[
        str, typer.Argument(metavar="KERNEL", help="A kernel's key or alias.", autocompletion=words.kernels)
    ],
    function: Annotated[str | None, typer.Argument(metavar="FUNCTION", help="Print this one.")] = None,
    *,
    listed: Annotated[
        bool, typer.Option("--list", help="Name the functions, and where each is from.")
    ] = False,
) -> None:
    """Print a kernel as it is linked, each function with what it follows, or one function; --list names them only."""
    lab = Lab(kernel)
    if listed:
        table = output.new_table("function", "follows", "read in")
        for name in lab.linked.names:
            found = reading.read(lab, name)
            table.add_row(name, found.file, found.module)
        output.show(table)
        return
    if function and function not in lab.linked.code:
        where = f"folioviz source {kernel} --list"
        raise KernelError(unknown(f"function of {lab.kernel.key}", function, lab.linked.names, where))
    names = [function] if function else lab.linked.names
    typer.echo("\n\n\n".join(reading.read(lab, name).text for name in names))


def scenarios(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Print this one's document.", autocompletion=words.scenarios),
    ] = None,
) -> None:
    """List the scenarios of the library, or print one.

    What is printed is a document: a beginning for one of your own.
    """
    if name is not None:
        typer.echo(scenarios_.dumps(scenarios_.find(name)), nl=False)
        return
    table = output.new_table("name", "what it shows")
    for scenario in scenarios_.shipped().values():
        table.add_row(scenario.name, scenario.title)
    output.show(table)
