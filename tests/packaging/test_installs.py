"""tools/installs.py, with scripts in the place of Pythons: what it looks for, and what is lowest."""

from __future__ import annotations

import re

import pytest

from folioviz import extras
from tools import installs


def test_every_extra_is_used():
    """What `make test-install` installs are the extras for users, and none at all."""
    assert set(installs.USES) == {installs.CORE, *extras.MODULES}
    assert set(installs.ANSWERS) == {"lab", "serve"}


def test_pythons_are_those_that_make_environments(tmp_path, monkeypatch):
    """One that is of another version, cannot run or has no venv is passed over; pyenv's are found, too."""
    folder, other = tmp_path / "bin", tmp_path / "pyenv" / "versions" / "3.13.9" / "bin"
    for path, said in (
        (folder / "python3.11", "3.11"),
        (folder / "python3.12", "3.9"),
        (folder / "python3.13", ""),
        (other / "python3.13", "3.13"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho {said}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'none'}:{folder}")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))

    assert installs.pythons() == {"3.11": folder / "python3.11", "3.13": other / "python3.13"}


def test_the_lowest_versions_are_the_lower_bounds():
    """Every package that an extra names has one, as pip's constraints have it."""
    lines = installs.lowest().splitlines()

    assert "numpy==2.0" in lines
    assert {"ipywidgets", "jupyterlab", "llvmlite", "pyarrow", "voila"} <= {
        line.partition("==")[0] for line in lines
    }
    assert all(re.fullmatch(r"[\w.-]+==[\d.]+", line) for line in lines)


def test_a_part_that_fails_is_told(tmp_path, capsys):
    """The line says what was run and what it said, and the answer is no."""

    def fails():
        return installs.run(["sh", "-c", "echo broken; exit 3"], tmp_path, {"PATH": "/bin:/usr/bin"})

    assert not installs.report("3.11 newest core", fails)
    assert re.match(r"3.11 newest core +FAILED: sh -c .*: status 3\nbroken", capsys.readouterr().out)
    with pytest.raises(RuntimeError, match="no /api"):
        installs.serve(["true", "lab"], tmp_path, {"PATH": "/bin:/usr/bin"})
