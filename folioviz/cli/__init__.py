"""The command ``folioviz``. Whatever is wrong with its input, it says so in one message and exits with status 2."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from folioviz.cli import capturing, contention, lists, races, recording, runs, serving, sweeps, watching
from folioviz.cli.app import app
from folioviz.cli.words import Command

if TYPE_CHECKING:
    from collections.abc import Callable

COMMANDS: dict[str, Callable[..., None]] = {
    "serve": serving.serve,
    "lab": serving.lab,
    "open": serving.open_,
    "kernels": lists.kernels,
    "source": lists.source,
    "scenarios": lists.scenarios,
    "run": runs.run,
    "report": runs.report_,
    "sweep": sweeps.sweep,
    "explain": runs.explain,
    "watch": watching.watch,
    "capture": capturing.capture,
    "look": capturing.look,
    "verify": runs.verify,
    "record": recording.record,
    "contention": contention.contention,
    "race": races.race,
}
"""Every command, in the order of the help."""

for name, command in COMMANDS.items():
    app.command(name, cls=Command)(command)


def main() -> None:
    """Run the command; what could not be written is not tried again at exit."""
    gc.freeze()  # what is loaded stays: to look through it again and again takes a fifth of a long run
    try:
        app()
    finally:
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
