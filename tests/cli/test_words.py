"""What the command says of itself: completion in a real shell, a help without types, the version with the engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from folioviz.cli import COMMANDS, app, words
from folioviz.engine import choice
from folioviz.files.scenario import library
from folioviz.kernels import KERNELS
from folioviz.race.library import RACES

TYPES = re.compile(r"<[a-z \[\]]+>|\b(?:TEXT|INTEGER|FLOAT|BOOLEAN|PATH|RANGE)\b")
"""How typer writes types, today and in its oldest version that is allowed."""


def completed(line):
    """Return what a shell is offered at the end of a line."""
    env = {
        "_FOLIOVIZ_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    return CliRunner().invoke(app, [], prog_name="folioviz", env=env).stdout.split()


def test_a_shell_completes_commands_options_and_names():
    """Kernels, scenarios and races by their names, as far as they are written."""
    assert {"serve", "sweep", "source"} <= set(completed("folioviz s"))
    assert "--into" in completed("folioviz lab --i")
    assert completed("folioviz run front --kernel v6.5-rc3+v4.") == ["v6.5-rc3+v4.1", "v6.5-rc3+v4.2"]
    assert completed("folioviz source ") == [*KERNELS]
    assert completed("folioviz verify --kernel v7") == words.kernels("v7")
    assert completed("folioviz report fork-") == [name for name in library() if name.startswith("fork-")]
    assert completed("folioviz race k") == [race.name for race in RACES if race.name.startswith("k")]


@pytest.mark.slow
def test_bash_takes_what_is_printed_for_it():
    """The script names a function for the command; called as bash does, it asks folioviz and takes the answer."""
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    shell = """
eval "$(_FOLIOVIZ_COMPLETE=source_bash folioviz)"
complete -p folioviz
COMP_WORDS=(folioviz scenarios fork-one) COMP_CWORD=2
_folioviz_completion folioviz
echo "${COMPREPLY[@]}"
"""
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True, env=env)

    assert done.stdout.splitlines() == [
        "complete -o default -F _folioviz_completion folioviz",
        " ".join(words.scenarios("fork-one")),
    ]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_names_values(command):
    """No type of Python stands in a help: a port is a PORT."""
    text = CliRunner().invoke(app, [command, "--help"] if command else ["--help"]).stdout

    assert "Usage:" in text
    assert TYPES.findall(text.replace("<batched|none>", "")) == []


def test_version_says_which_engine_runs(monkeypatch):
    """The version, and what may run the kernels here."""
    monkeypatch.setenv(choice.VARIABLE, "python")

    assert CliRunner().invoke(app, ["--version"]).stdout == f"folioviz {version('folioviz')}, plain Python\n"
