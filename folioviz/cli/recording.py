"""What records the machine at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from folioviz.cli.app import ScenarioArgument
from folioviz.errors import LiveError
from folioviz.files import inputs


def record(
    scenario: ScenarioArgument,
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
    """Record what this machine's kernel does with a scenario, for verify.

    Needs root. Real processes do what the operations say, and after each step /proc is read. What no program can do, as
    shrink or split, is refused before anything is done. The sizes of folios that the kernel may bring are changed
    meanwhile, and put back; other programs that ask for huge pages may notice.
    """
    from folioviz.capture.privilege import sudo_line
    from folioviz.record import record as recording

    found = inputs.one(scenario)
    if os.geteuid() != 0:
        again = ["record", scenario, *(["-o", str(output)] if output else [])]
        raise LiveError(f"a recording needs root, which alone sees the frames of pages: {sudo_line(again)}")
    text = "".join(f"{line}\n" for line in recording(found, times))
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
