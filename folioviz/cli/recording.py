"""What records the machine at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from folioviz.cli import words
from folioviz.errors import LiveError
from folioviz.files import inputs


def record(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="SCENARIO",
            help="A library name, a file, or - for stdin; without one, all of the library that a program can do.",
            autocompletion=words.scenarios,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write here, and not to stdout.")
    ] = None,
    times: Annotated[
        int,
        typer.Option(
            "--times", metavar="N", min=1, max=9, help="Do it N times; counters say what most runs say."
        ),
    ] = 3,
) -> None:
    """Record what this machine's kernel does with a scenario, or with those of the library, for verify.

    Needs root. Real processes do what the operations say, and after each step /proc is read. What no program can do, as
    shrink or split, is refused before anything is done. The sizes of folios that the kernel may bring are changed
    meanwhile, and put back; other programs that ask for huge pages may notice.
    """
    from folioviz.capture.privilege import sudo_line
    from folioviz.record import record as one
    from folioviz.record import record_library

    found = None if scenario is None else inputs.one(scenario)
    if os.geteuid() != 0:
        again = ["record", *([scenario] if scenario else []), *(["-o", str(output)] if output else [])]
        raise LiveError(f"a recording needs root, which alone sees the frames of pages: {sudo_line(again)}")
    lines = record_library(times) if found is None else one(found, times)
    text = "".join(f"{line}\n" for line in lines)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
