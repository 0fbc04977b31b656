"""A release: one version everywhere, the recipe's commands, conda's recipe, the workflow that publishes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

import folioviz
from folioviz import extras

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "conda/recipe.yaml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/releasing.md").read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
COMMANDS = re.findall(r"^\$ (.+)$", PAGE, re.MULTILINE)


def spelled(lines):
    """Return name -> bounds, however a line is spaced; the project's own extras, and for which system, left out."""
    found = (
        re.fullmatch(r"([\w.-]+)([^;]*).*", re.sub(r"\s", "", line)) for line in lines if "[" not in line
    )
    return {hit[1]: hit[2] for hit in found}


def test_a_release_has_one_version():
    """The package, conda's recipe, the newest heading of the changes and every tag on the page of releases."""
    [newest] = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[:1]
    tags = re.findall(r"\bv(\d+\.\d+\.\d+)\b", " ".join(COMMANDS))

    assert {folioviz.__version__, CONDA["context"]["version"], newest, *tags} == {PROJECT["version"]}
    assert len(tags) > 3


def test_a_release_runs_what_make_has():
    """Every `make TARGET` of the page is one, and those that `make test` leaves out are all there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = {line.removeprefix("make ") for line in COMMANDS if line.startswith("make ")}
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))

    assert {name for name in targets if name.startswith("test")} | {"dist", "docs"} <= asked <= targets


def test_a_release_for_conda_asks_for_the_same():
    """The core is what it needs, what the extras bring is bounded, and it is built with what builds the wheel."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    needs = {part: spelled(lines) for part, lines in CONDA["requirements"].items()}
    optional = [line for extra in extras.MODULES for line in PROJECT["optional-dependencies"][extra]]

    assert needs["run"] == spelled(PROJECT["dependencies"]) | {"python": PROJECT["requires-python"]}
    assert needs["run_constraints"] == spelled(optional)
    assert needs["host"] == spelled(build) | {"python": PROJECT["requires-python"], "pip": ""}
    assert CONDA["build"]["python"]["entry_points"] == [
        f"{name} = {where}" for name, where in PROJECT["scripts"].items()
    ]
    assert (CONDA["about"]["license"], CONDA["about"]["summary"]) == (
        PROJECT["license"],
        PROJECT["description"],
    )


def test_a_release_is_published_by_the_tag_without_a_secret():
    """One job makes the files, one that may ask for a token of its own publishes them, and neither knows a secret."""
    text = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    build, publish = WORKFLOW["jobs"]["build"], WORKFLOW["jobs"]["publish"]
    runs = [step["run"] for step in build["steps"] if "run" in step]

    assert runs[-1] == "make dist"
    assert "secrets." not in text
    assert "password" not in text
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert publish["permissions"] == {"id-token": "write"}
    assert not any("run" in step for step in publish["steps"])
