"""The command's frame: errors, the version, and arguments that several commands take."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer
from typer.core import TyperGroup

from folioviz import kernels as registry
from folioviz.cli import words
from folioviz.engine.choice import runs
from folioviz.errors import FoliovizError
from folioviz.extras import version
from folioviz.files.scenario import Scenario


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
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Gather(StrEnum):
    """The modes of mmu_gather."""

    BATCHED = "batched"
    NONE = "none"


ScenarioArgument = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A library name, a file, or - for stdin.",
        autocompletion=words.scenarios,
    ),
]
KernelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--kernel",
        metavar="K",
        help="A kernel's key or alias; may be given more than once.",
        autocompletion=words.kernels,
    ),
]
GatherOption = Annotated[Gather | None, typer.Option("--mmu-gather", help="batched, or none as on s390.")]


def _version(asked: bool) -> None:
    """Print the version and what runs the kernels, and leave."""
    if asked:
        typer.echo(f"folioviz {version('folioviz')}, {runs()}")
        raise typer.Exit


@app.callback()
def _options(
    _asked: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version, and which engine runs."
        ),
    ] = False,
) -> None:
    pass


def with_(scenario: Scenario, kernel: list[str] | None, mmu_gather: Gather | None) -> Scenario:
    """Return a scenario with the kernels and the mode that the command line asks for."""
    keys = tuple(dict.fromkeys(registry.find(name).key for name in kernel or scenario.kernels))
    return msgspec.structs.replace(
        scenario, kernels=keys, mmu_gather=str(mmu_gather) if mmu_gather else scenario.mmu_gather
    )
