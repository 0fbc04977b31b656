"""The command that tries every schedule of several CPUs."""

from __future__ import annotations

from typing import Annotated

import typer

from folioviz.cli import words
from folioviz.race import document
from folioviz.race.explore import MAX_STATES
from folioviz.race.library import RACES
from folioviz.race.report import WIDTH, played, report


def race(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RACE",
            help="A name of the library, or a file; none lists them.",
            autocompletion=words.races,
        ),
    ] = "",
    preemptions: Annotated[
        int | None,
        typer.Option(
            "--preemptions",
            metavar="N",
            min=0,
            max=100,
            help="Only schedules with at most so many preemptions.",
        ),
    ] = None,
    states: Annotated[
        int, typer.Option("--states", metavar="N", min=1, max=10_000_000, help="Stop after so many states.")
    ] = MAX_STATES,
    schedule: Annotated[
        str, typer.Option("--schedule", metavar="S", help="Play one schedule, like 1x12.0x18.1x4.")
    ] = "",
) -> None:
    """Let several CPUs run at once, try every schedule, and say which laws are broken.

    Each CPU does operations of the model, or observes; a setup comes before. docs/races.md says what a file holds,
    which laws there are, and what is not explored.
    The status is 1 if a law is broken, 2 if the input is wrong.
    """
    if not name:
        for known in RACES:
            line = f"{known.name:<18} {known.kernel:<20} "
            cpus = " | ".join(known.cpus)
            if len(line + cpus) > WIDTH:  # words without their numbers
                cpus = " | ".join(text.split()[0] for text in known.cpus)
            typer.echo(line + cpus)
        return
    found = document.find(name)
    asked = schedule or found.schedule
    if asked:
        history = found.race().play(asked)
        typer.echo(played(history, found.about))
        broken = bool(history.violation)
    else:
        explored = found.race().explore(preemptions, states)
        typer.echo(report(explored, found.about))
        broken = bool(explored.violations)
    if broken:
        raise typer.Exit(1)
