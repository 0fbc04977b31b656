"""What surrounds the package: environments, Binder, Voila's configuration, the Makefile, notebooks, the wheel."""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml
from traitlets.config import PyFileConfigLoader

from folioviz import extras
from folioviz.serving.landing import TEMPLATE
from tests.packaging.test_alone import texts
from tools.addresses import set_to

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
REQUIREMENT = re.compile(r"([A-Za-z0-9_.-]+)(.*)")
PYTHONS = range(11, 15)
"""The minor versions of Python 3 that folioviz is tested with."""
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[!.]*.ipynb"))
CULLING = {"cull_idle_timeout": 600, "cull_interval": 60, "cull_connected": False}


def bounds(requirements):
    """Return name -> bounds of requirements such as ``numpy>=2.0,<3``."""
    return dict(REQUIREMENT.fullmatch(line.replace(" ", "")).groups() for line in requirements)


def environment(path):
    """Return what an environment file asks of conda."""
    return yaml.safe_load((ROOT / path).read_text())


def loaded(path):
    """Return what a JSON file in the repository holds."""
    return json.loads((ROOT / path).read_text())


def run(*command, **env):
    """Run a command at the top of the repository and return its output; it must succeed."""
    done = subprocess.run(
        [str(word) for word in command],
        check=False,
        cwd=ROOT,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def python(tmp_path):
    """Return the Python of a new, empty virtual environment."""
    venv.create(tmp_path / "venv", with_pip=True)
    return tmp_path / "venv" / "bin" / "python"


# ------------------------------------------------------------------------------------------------ environments


def test_binders_environment_is_the_environment():
    """Binder gets what everybody gets: its environment file is a copy, not a link."""
    assert not (ROOT / "binder/environment.yml").is_symlink()

    assert (ROOT / "environment.yml").read_text() == (ROOT / "binder/environment.yml").read_text()


def test_environment_asks_for_python_in_the_form_that_binder_reads():
    """`python=3.N` comes first, is one that the package allows, and conda-forge is the only channel."""
    asked = environment("environment.yml")
    minor = re.fullmatch(r"python=3\.(\d+)", asked["dependencies"][0])

    assert asked["channels"] == ["conda-forge"]
    assert PYPROJECT["project"]["requires-python"] == ">=3.11"
    assert int(minor[1]) >= 11


def test_environment_and_package_ask_for_the_same():
    """Binder has what the command line, the views and both servers need, the same bounds, and no more."""
    conda = bounds(environment("environment.yml")["dependencies"])
    del conda["python"], conda["pip"]
    asked = [
        *PYPROJECT["project"]["dependencies"],
        *(line for one in ("lab", "serve", "views") for line in EXTRAS[one]),
    ]

    assert conda == bounds(line for line in asked if not line.startswith("folioviz["))


def test_every_dependency_has_a_lower_and_an_upper_bound():
    """No runtime dependency is open at either end, and a package that two extras bring has one pair of bounds."""
    lines = {
        line
        for asked in [PYPROJECT["project"]["dependencies"], *(EXTRAS[one] for one in extras.MODULES)]
        for line in asked
        if not line.startswith("folioviz[")
    }
    loose = [
        name for name, bound in bounds(lines).items() if not re.fullmatch(r">=[\d.]+,<[\d.]+(;.*)?", bound)
    ]

    assert loose == []
    assert len(bounds(lines)) == len(lines)


# ------------------------------------------------------------------------------------------- Binder and Voila


def test_postbuild_stops_at_the_first_error():
    """Binder's postBuild is an executable bash script that an error ends."""
    script = ROOT / "binder/postBuild"

    assert script.read_text().startswith("#!/bin/bash\n")
    assert "\nset -euo pipefail\n" in script.read_text()
    assert os.access(script, os.X_OK)


def test_voila_hides_tracebacks():
    """A visitor never sees a traceback; the file stands where both Voila and Binder's server look."""
    assert loaded("voila.json")["VoilaConfiguration"]["show_tracebacks"] is False


def test_idle_kernels_are_culled():
    """Voila culls idle kernels, and so does Binder's server, which does not take that from voila.json."""
    binder = PyFileConfigLoader("jupyter_server_config.py", str(ROOT / "binder")).load_config()

    assert loaded("voila.json")["MappingKernelManager"] == CULLING
    assert binder["MappingKernelManager"] == CULLING


@pytest.mark.slow
def test_repo2docker_reads_the_binder_folder(tmp_path, python):
    """Binder's own tool takes Python and packages from binder/environment.yml, runs postBuild, and names no other."""
    run(python, "-m", "pip", "install", "-qq", "jupyter-repo2docker")
    python_asked = environment("binder/environment.yml")["dependencies"][0]

    plan = run(tmp_path / "venv/bin/repo2docker", "--no-build", "--debug", ".")

    assert f"Building conda environment for {python_asked}" in plan
    assert "COPY --chown=0:0 src/binder/environment.yml" in plan
    assert '--file "binder/environment.yml"' in plan
    assert "RUN ./binder/postBuild" in plan
    assert "unspecified" not in plan


# ------------------------------------------------------------------------------------------------- the package


def test_command_starts_what_pyproject_names():
    """The console script leads to something that can be called."""
    (command,) = entry_points(group="console_scripts", name="folioviz")

    assert callable(command.load())


def built(kind, folder):
    """Build a wheel or an sdist into a folder, and return its path."""
    run(sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", folder)
    [path] = [*folder.glob("*.whl"), *folder.glob("*.tar.gz")]
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the wheel, opened."""
    with zipfile.ZipFile(built("wheel", tmp_path_factory.mktemp("wheel"))) as archive:
        yield archive


@pytest.mark.slow
def test_sdist_is_the_repository(tmp_path):
    """It has every file that is text: tests, pages and tools, too; and nothing that tools have made."""
    with tarfile.open(built("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert set(texts()) <= names
    assert any(name.startswith("tests/evidence/") for name in names)
    assert [
        name for name in names if re.search(r"(^|/)(node_modules|__pycache__|\.\w+_cache|\.venv)/", name)
    ] == []


def test_long_description_has_addresses(wheel):
    """Pictures and links of the README lead to the project wherever it is shown; URLs and classifiers are there."""
    [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    found = email.message_from_bytes(wheel.read(name))
    text = found.get_payload()
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if link not in pictures]
    owner, tag = set_to()
    at = f"https://github.com/{owner}/folioviz"

    assert [link for link in [*links, *pictures] if not link.startswith("https://")] == []
    assert pictures
    for link in [*links, *pictures]:
        kind = "raw" if link in pictures else "blob"
        assert (
            link.startswith("https://mybinder.org/")
            or (ROOT / link.removeprefix(f"{at}/{kind}/{tag}/")).exists()
        ), link
    assert {"Homepage", "Documentation", "Repository", "Issues", "Changelog"} == {
        url.partition(",")[0] for url in found.get_all("Project-URL")
    }
    assert f"Programming Language :: Python :: 3.{PYTHONS[-1]}" in found.get_all("Classifier")


def test_wheel_holds_the_package_and_nothing_else(wheel):
    """A wheel has every file of the package, the notebooks inside it, and no tests, tools or benchmarks."""
    version = PYPROJECT["project"]["version"]
    names = set(wheel.namelist())
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "folioviz").glob("**/*")
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }
    notebooks = {f"folioviz/{path.relative_to(ROOT).as_posix()}" for path in NOTEBOOKS}

    assert any(re.fullmatch(r"folioviz/scenarios/.+\.yaml", name) for name in names)
    assert notebooks
    assert package | notebooks <= names
    assert {name.split("/")[0] for name in names} == {
        "folioviz",
        f"folioviz-{version}.data",
        f"folioviz-{version}.dist-info",
    }


def test_wheel_has_the_template_where_every_jupyter_looks(wheel):
    """In share/jupyter stands the package's template, and beside it what it includes from elsewhere in the package."""
    place = f"folioviz-{PYPROJECT['project']['version']}.data/data/share/jupyter/voila/templates/folioviz/"
    files = {name.removeprefix(place): wheel.read(name) for name in wheel.namelist() if ".data/" in name}
    source = {path.relative_to(TEMPLATE).as_posix(): path for path in TEMPLATE.rglob("*") if path.is_file()}
    source |= {f"{name}.css": ROOT / "folioviz" / f"{name}.css" for name in ("colours", "sizes")}
    included = {
        name
        for text in source.values()
        if text.suffix != ".png"
        for name in re.findall(
            r'{% (?:include|extends|import|from) "([^"]+)"', text.read_text(encoding="utf-8")
        )
    }

    assert files == {name: path.read_bytes() for name, path in source.items()}
    assert included <= set(files)
    assert {"colours.css", "page.html"} <= included


# ---------------------------------------------------------------------------------- the Makefile and its words


def test_readme_names_only_targets_that_make_has():
    """Every `make TARGET` in the README is a target of the Makefile."""
    named = set(
        re.findall(
            r"(?:^|[`$]) *make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert {"serve", "lab", "test", "check", "bench"} <= targets
    assert "serve" in named
    assert named <= targets


def test_make_looks_for_browser_tests_where_they_are():
    """A test that drives a browser stands in one of the folders that make names."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [folders] = re.findall(r"^BROWSERS := (.*)$", makefile, re.MULTILINE)
    mark = re.compile(r"^(?:pytestmark = |@).*\bmark\.browser\b", re.MULTILINE)
    marked = [
        path for path in (ROOT / "tests").rglob("*.py") if mark.search(path.read_text(encoding="utf-8"))
    ]

    assert len(marked) > 30
    assert {"/".join(path.relative_to(ROOT).parts[:2]) for path in marked} == {*folders.split()}


def test_make_refuses_an_old_python(tmp_path):
    """With a Python before 3.11, make says so and says what to do."""
    old = tmp_path / "python3.10"
    old.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c \"import sys; sys.version_info = (3, 10); exec('''$2''')\"\n"
    )
    old.chmod(0o755)

    done = subprocess.run(
        ["make", f"PYTHON={old}", f"VENV={tmp_path / 'none'}", f"{tmp_path / 'none'}/bin/python"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode != 0
    assert "folioviz needs Python 3.11 or newer" in done.stderr
    assert not (tmp_path / "none").exists()


# --------------------------------------------------------------------------------------------------- notebooks


def test_there_are_notebooks():
    """The tests below have something to look at."""
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_committed_clean(path):
    """A notebook names its kernel, so that Jupyter need not ask, and holds no outputs and no counts."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]

    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert [cell["outputs"] for cell in code] == [[]] * len(code)
    assert [cell["execution_count"] for cell in code] == [None] * len(code)


def test_readme_leads_somewhere():
    """Its links, and the places that Binder's addresses open, are files or folders of the repository."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [to for to in re.findall(r"\]\(([^)\s]+)\)", text) if not to.startswith("https://")]
    owner, tag = set_to()
    binder = re.findall(rf"https://mybinder\.org/v2/gh/{owner}/folioviz/{tag}\?urlpath=([^)\s]+)", text)
    places = [re.sub(r"^(lab/tree|voila/render|voila/tree)/|%3F.*$", "", path) for path in binder]

    assert len({place.partition("%3F")[0] for place in binder}) == 3
    assert [place for place in [*links, *places] if not (ROOT / place).exists()] == []


def test_readme_lists_every_notebook_by_its_question():
    """The gallery is complete, in reading order."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \d+ \| \[(.+)\]\((notebooks/.+)\) \|$", text, re.MULTILINE)
    titles = []
    for path in NOTEBOOKS:
        prose = "\n".join(
            "".join(cell["source"]) for cell in loaded(path)["cells"] if cell["cell_type"] == "markdown"
        )
        titles.append((re.search(r"^# (.+)$", prose, re.MULTILINE)[1], f"notebooks/{path.name}"))

    others = {"notebooks/explorer.ipynb", "notebooks/running-machine.ipynb"}

    assert listed == [found for found in titles if found[1] not in others]
    assert all(f"]({other})" in text for other in others)
