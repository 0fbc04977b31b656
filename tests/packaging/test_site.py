"""The static site: what it is made of is locked, its pages are whole, and nothing comes from elsewhere.

`make site` builds it, and looks at all of it again; docs/lite.md says what is tested where.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from folioviz import extras
from tools import narrow, site

ROOT = Path(__file__).parents[2]
LOCKED = dict(
    re.findall(
        r"^([\w-]+)==(\S+) --hash=sha256:[0-9a-f]{64}$", site.LOCK.read_text(encoding="utf-8"), re.MULTILINE
    )
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYODIDE = json.loads((site.LITE / "package-lock.json").read_text(encoding="utf-8"))["packages"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return a folder with the pages of the site."""
    out = tmp_path_factory.mktemp("site")
    site.pages(out, site.contents(out))
    return out


def test_every_part_has_a_version_and_a_hash():
    """What is named is locked, line by line, and no file of these names a host."""
    names = (site.LITE / "names.txt").read_text(encoding="utf-8").splitlines()
    named = {canonicalize_name(line.partition("==")[0]) for line in names if line and line[0] != "#"}
    texts = [path.read_text(encoding="utf-8") for path in (site.LITE.glob("*lock*"))]

    assert set(LOCKED) == named
    assert len(LOCKED) == len(site.LOCK.read_text(encoding="utf-8").splitlines())
    assert all("sha512" in about["integrity"] for name, about in PYODIDE.items() if name)
    assert not any("://" in text for text in texts)


def test_the_versions_are_of_one_family():
    """The kernel's version is the core's, and Pyodide's Python is the one that wheels are taken for."""
    assert LOCKED["jupyterlite-core"] == LOCKED["jupyterlite-pyodide-kernel"]
    assert PYODIDE["node_modules/pyodide"]["version"].startswith(narrow.PYTHON.replace(".", ""))


def test_what_folioviz_needs_is_there():
    """All that the package and its pages require is locked, or one of the compiled packages."""
    lines = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["views"]]
    needed = {canonicalize_name(Requirement(line).name) for line in lines}

    assert needed <= {*LOCKED, *site.COMPILED}
    assert set(site.VIEWS) == set(extras.MODULES["views"])


def test_every_notebook_has_a_page_that_a_link_opens(pages):
    """`?scenario=...` behind a page's address reaches its notebook; the landing page leads to all of them."""
    notebooks = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    landing = (pages / "index.html").read_text(encoding="utf-8")
    listed = json.loads((pages / "api" / "contents" / "all.json").read_text(encoding="utf-8"))["content"]

    assert [Path(one["name"]).stem for one in listed] == notebooks
    for name in notebooks:
        page = (pages / name / "index.html").read_text(encoding="utf-8")
        assert f'data-notebook="{name}.ipynb"' in page
        assert f'href="./{name}/"' in landing
        assert (pages / "files" / f"{name}.ipynb").is_file()
    assert "voila/" not in landing
    assert '"QUERY_STRING"' in (site.LITE / "start.js").read_text(encoding="utf-8")


def wheel(folder, name, needs=""):
    """Write a wheel that requires something."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(f"{name}-1.0.dist-info/METADATA", f"Name: {name}\nRequires-Dist: {needs}\n")
    return path


@pytest.fixture
def parts(tmp_path):
    """Return a folder of wheels, one of Pyodide, and one of its distribution, which has all but pandas."""
    folders = [tmp_path / name for name in ("wheels", "pyodide", "distribution", "out")]
    for folder in folders:
        folder.mkdir()
    wheels, pyodide, distribution, out = folders
    (out / "extensions" / site.KERNEL / "static" / "pypi").mkdir(parents=True)
    wheel(wheels, "folioviz", "numpy (>=2)\nRequires-Dist: voila; extra == 'serve'")
    wheel(wheels, "bqplot", "pandas")
    for name in site.RUNTIME:
        (pyodide / name).write_text(name, encoding="utf-8")
    theirs = {name: {"file_name": f"{name}-2-wasm32.whl", "depends": []} for name in site.COMPILED}
    for name, about in theirs.items():
        about["sha256"] = hashlib.sha256(name.encode()).hexdigest()
        if name != "pandas":
            (distribution / about["file_name"]).write_text(name, encoding="utf-8")
    lock = {"info": {"python": "3.14"}, "packages": theirs | {"scipy": {}}}
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    return folders


def test_python_knows_its_packages_by_hash(parts):
    """The lock file has what is needed alone, with hashes; what is not there is told, and named all the same."""
    wheels, pyodide, distribution, out = parts

    assert site.python(wheels, pyodide, distribution, out) == ["pandas"]
    found = json.loads((out / site.PYODIDE / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    assert set(found) == {"bqplot", "folioviz", *site.COMPILED}
    assert found["folioviz"]["depends"] == ["numpy", "bqplot", "markupsafe"]
    assert found["folioviz"]["sha256"] == site.digest(out / site.PYODIDE / "folioviz-1.0-py3-none-any.whl")
    assert (out / site.PYODIDE / "numpy-2-wasm32.whl").is_file()


def test_another_file_under_a_name_of_the_distribution_is_refused(parts):
    """Its hash is npm's to say."""
    (parts[2] / "numpy-2-wasm32.whl").write_text("other", encoding="utf-8")
    with pytest.raises(ValueError, match=r"numpy-2-wasm32\.whl is not the file that Pyodide names"):
        site.python(*parts)


def test_what_is_named_and_not_there_is_noticed(pages, parts):
    """A page, a file of Pyodide, an extension, and a host elsewhere."""
    wheels, pyodide, distribution, out = parts
    site.python(wheels, pyodide, distribution, out)
    (out / "index.html").write_text(
        '<a href="./explorer/"></a><img src="https://example.org/x">', encoding="utf-8"
    )
    (out / site.PYODIDE / "pyodide.mjs").unlink()
    told = {"name": "x", "load": "static/x.js"}
    settings = {"jupyter-config-data": {"federated_extensions": [told]}}
    (out / "jupyter-lite.json").write_text(json.dumps(settings), encoding="utf-8")

    assert site.faults(out) == [
        "extensions/x/static/x.js is not there",
        "static/pyodide/pyodide.mjs is not there",
        "index.html asks https://example.org/x",
        "index.html: ./explorer/ is not there",
    ]
