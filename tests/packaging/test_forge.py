"""What a public forge reads: addresses, forms, the workflow, the citation, and what a commit is checked for."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.packaging.test_alone import texts
from tests.recipes.following import Copy
from tools import addresses

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[0-9]-*.yml"))
READ_BY = {
    "citation-file-format": [ROOT / "CITATION.cff"],
    "github-issue-config": [ROOT / ".github/ISSUE_TEMPLATE/config.yml"],
    "github-issue-forms": FORMS,
    "github-workflows": sorted((ROOT / ".github/workflows").glob("*.yml")),
}


def loaded(path):
    """Return what a YAML file in the repository holds."""
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


# --------------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize("path", addresses.FILES)
def test_every_address_follows_pyproject(path):
    """Owner and tag are set in [tool.folioviz]; where they stand elsewhere they are the same."""
    text = (ROOT / path).read_text(encoding="utf-8")

    assert addresses.OWNED.search(text)
    assert addresses.followed(text, *addresses.set_to()) == text


def test_no_other_file_has_an_address_of_the_project():
    """Who forks it sets owner and tag once, and no page, template or script is left behind."""
    having = {
        path
        for path, text in texts().items()
        if not path.startswith("tests/") and (addresses.OWNED.search(text) or addresses.TAGGED.search(text))
    }

    assert having == set(addresses.FILES)


def test_an_address_follows(monkeypatch, tmp_path, capsys):
    """With another owner and tag in pyproject.toml, one command changes the project's addresses, and no others."""
    owner, tag = addresses.set_to()
    for path in addresses.FILES:
        text = (ROOT / path).read_text(encoding="utf-8") + "# https://github.com/torvalds/linux\n"
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    text = (tmp_path / "pyproject.toml").read_text(encoding="utf-8")
    new = text.replace(f'owner = "{owner}"\ntag = "{tag}"', 'owner = "ann"\ntag = "v1.0"')
    (tmp_path / "pyproject.toml").write_text(new, encoding="utf-8")
    monkeypatch.setattr(addresses, "ROOT", tmp_path)
    addresses.main()
    changed = {path: (tmp_path / path).read_text(encoding="utf-8") for path in addresses.FILES}

    assert capsys.readouterr().out.split() == list(addresses.FILES)
    assert "https://mybinder.org/v2/gh/ann/folioviz/v1.0?urlpath" in changed["README.md"]
    assert "https://github.com/ann/folioviz/raw/v1.0/" in changed["pyproject.toml"]
    assert "https://github.com/ann/folioviz\n" in changed["CITATION.cff"]
    assert all(f"/{owner}/" not in text and "torvalds/linux" in text for text in changed.values())
    assert addresses.set_to() == ("ann", "v1.0")


def test_a_release_is_addressed_by_its_tag():
    """As long as the newest version is unreleased, addresses lead to the newest commit; then to the version's tag."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest, state = re.search(r"^## (\S+) \((.+)\)$", text, re.MULTILINE).groups()

    assert newest == PROJECT["version"]
    assert addresses.set_to()[1] == ("HEAD" if state == "unreleased" else f"v{newest}")


# ------------------------------------------------------------------------------------------------------- forms


@pytest.mark.slow
@pytest.mark.parametrize("schema", READ_BY)
def test_it_is_what_its_reader_accepts(schema):
    """CITATION.cff, the issue forms and the workflow are valid by the schemas of those who read them."""
    command = [BIN / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *READ_BY[schema]]
    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert READ_BY[schema]
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_number_is_reported_with_all_that_is_needed_to_see_it():
    """Kernel, operations, field, both values and the reason are asked for, and must be given."""
    [form] = [loaded(path) for path in FORMS if "number" in path.name]
    needed = {part["id"] for part in form["body"] if part.get("validations", {}).get("required")}

    assert needed == {"kernel", "operations", "field", "shown", "expected", "reason"}


def test_the_citation_is_of_this_version():
    """Version, license and keywords are those of the package."""
    cited = loaded("CITATION.cff")

    assert cited["version"] == PROJECT["version"]
    assert cited["license"] == PROJECT["license"]
    assert set(cited["keywords"]) <= set(PROJECT["keywords"])
    assert cited["repository-code"] == PROJECT["urls"]["Repository"]


def test_the_workflow_runs_what_is_run_everywhere():
    """Its only command is .ci/run, on the oldest Python that the package allows and on the newest."""
    [job] = loaded(".github/workflows/ci.yml")["jobs"].values()

    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert job["strategy"]["matrix"]["python"] == [PROJECT["requires-python"].removeprefix(">="), "3.x"]


# ------------------------------------------------------------------------------------------------- commit hooks


def repository(path):
    """Make a folder a repository that has this one's .venv."""
    subprocess.run(["git", "init", "-q", path], check=True)
    (path / ".venv").symlink_to(sys.prefix)
    (path / ".git" / "info" / "exclude").write_text("/.venv\n", encoding="utf-8")
    return path


@pytest.fixture
def checkout(tmp_path):
    """Return a new repository with this one's hooks, and nothing in it."""
    for name in (".pre-commit-config.yaml", "pyproject.toml", ".gitignore"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    return repository(tmp_path)


def committed(checkout, skip):
    """Run the hooks on everything in a repository, as a commit of all of it would; return which ones failed."""
    env = {**os.environ, "SKIP": skip, "PRE_COMMIT_HOME": str(checkout / ".git" / "hooks-home")}
    subprocess.run(["git", "add", "--all"], cwd=checkout, check=True)
    done = subprocess.run(
        [BIN / "pre-commit", "run", "--all-files"],
        check=False,
        cwd=checkout,
        env=env,
        capture_output=True,
        text=True,
    )
    ids = [
        line.removeprefix("- hook id: ")
        for line in done.stdout.splitlines()
        if line.startswith("- hook id: ")
    ]
    assert bool(ids) == bool(done.returncode), done.stdout + done.stderr
    return ids


def test_hooks_run_lint_as_make_does():
    """The hooks are programs of .venv; ruff, its formatter and mypy are called as by `make lint`, on fewer files."""
    hooks = {
        hook["id"]: shlex.split(hook["entry"])
        for hook in loaded(".pre-commit-config.yaml")["repos"][0]["hooks"]
    }
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert [entry[0] for entry in hooks.values() if not (BIN / Path(entry[0]).name).is_file()] == []
    assert {Path(entry[0]).parent.as_posix() for entry in hooks.values()} == {".venv/bin"}
    for name in ("ruff", "ruff-format", "mypy"):
        command = " ".join(word for word in hooks[name] if not word.startswith("--"))
        assert f"\t{command.replace('.venv/bin', '$(BIN)')}" in makefile


@pytest.mark.slow
def test_hooks_find_what_they_look_for(checkout):
    """Blanks, a missing line feed, a notebook's outputs code that ruff dislikes: each fails a hook and is mended."""
    output = {"output_type": "stream", "name": "stdout", "text": ["1\n"]}
    cell = {
        "cell_type": "code",
        "id": "one",
        "metadata": {},
        "source": "1",
        "execution_count": 7,
        "outputs": [output],
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (checkout / "one.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (checkout / "one.md").write_text("blank \nno end", encoding="utf-8")
    (checkout / "one.py").write_text('"""A module."""\n\nimport os\nx = (1)\n', encoding="utf-8")
    failed = committed(checkout, "mypy")
    [clean] = json.loads((checkout / "one.ipynb").read_text(encoding="utf-8"))["cells"]

    assert {"trailing-whitespace", "end-of-file", "notebooks", "ruff", "ruff-format"} <= set(failed)
    assert (clean["outputs"], clean["execution_count"]) == ([], None)
    assert (checkout / "one.md").read_text(encoding="utf-8") == "blank\nno end\n"
    assert committed(checkout, "mypy") == []


@pytest.mark.slow
def test_hooks_find_nothing_here(tmp_path):
    """All files of the repository are as the hooks want them; lint looks at the code."""
    copy = Copy(tmp_path / "folioviz").root

    assert committed(repository(copy), "browser,mypy,ruff,ruff-format") == []
