"""tools/npm.py, with scripts in the place of Node.js; and what npm is told."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from pathlib import Path

import pytest

from tools import npm

ROOT = Path(__file__).parents[2]
NEW, OLD = f"v{npm.least()}.0.0", f"v{npm.least() - 1}.9.0"


def script(path, words):
    """Write a program that says something."""
    path.write_text(f"#!/bin/sh\necho {words}\n")
    path.chmod(0o755)


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """Return the folder that stands for the wheel's; nothing is installed here."""
    monkeypatch.setattr(npm, "wheel", lambda: tmp_path / "wheel")
    return tmp_path / "wheel"


def test_a_node_that_is_new_enough_is_taken(tmp_path, wheel):
    """The environment stays as it is."""
    script(tmp_path / "node", NEW)
    script(tmp_path / "npm", "11.0.0")
    env = {"PATH": str(tmp_path), "OTHER": "1"}

    assert npm.npm(env) == (["npm"], env)


@pytest.mark.parametrize(("name", "words"), [("node", OLD), ("node", "nothing"), ("npm", NEW), ("none", NEW)])
def test_else_the_wheels_is(tmp_path, wheel, name, words):
    """An old one, one that does not say its version, and one without npm are passed over; npm's children find node."""
    script(tmp_path / name, words)
    if name == "node":
        script(tmp_path / "npm", "11.0.0")
    command, env = npm.npm({"PATH": str(tmp_path), "OTHER": "1"})

    assert command == [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
    assert env == {"PATH": f"{wheel / 'bin'}{os.pathsep}{tmp_path}", "OTHER": "1"}


def test_the_wheel_is_installed_when_it_is_not_there(tmp_path, monkeypatch):
    """What the extra `node` names is asked of pip, once, and the folder is that of the package."""
    asked = []
    (tmp_path / "a_node_wheel.py").touch()
    monkeypatch.setattr(npm, "WHEEL", "a_node_wheel")
    monkeypatch.setattr(
        npm.subprocess,
        "run",
        lambda command, **_: (asked.append(command), monkeypatch.syspath_prepend(tmp_path)),
    )

    assert [npm.wheel(), npm.wheel()] == [tmp_path] * 2
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["node"]
    assert asked == [[sys.executable, "-m", "pip", "install", "-qq", *extra]]


def test_the_status_is_npms(monkeypatch, capfd):
    """It runs at the top of the source tree, and a check that fails makes `make` fail."""
    monkeypatch.setattr(npm, "npm", lambda env: (["sh", "-c", "pwd; exit $0"], dict(env)))

    assert npm.main(["3"]) == 3
    assert capfd.readouterr().out.strip() == str(ROOT)


def test_npm_is_asked_for_ranges_and_gets_what_is_locked():
    """Every tool is pinned to a major version, and the lock file holds checksums and no place to get them from."""
    package = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert package["private"] is True
    assert "dependencies" not in package
    assert all(re.fullmatch(r"\^\d+\.\d+\.\d+", bound) for bound in package["devDependencies"].values())
    assert lock[""]["devDependencies"] == package["devDependencies"]
    assert [
        name for name, one in lock.items() if name and ("resolved" in one or not one.get("integrity"))
    ] == []
