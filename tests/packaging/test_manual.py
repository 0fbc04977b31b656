"""The documents as a site: who finds which page, where links lead, what is asked of docstrings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import folioviz
from tests.pages import DOCS, ROOT, links
from tools import addresses, manual


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Put the site's source together."""
    folder = tmp_path_factory.mktemp("site").resolve() / "source"
    manual.compose(folder)
    return folder


def in_lists(page):
    """Return the pages of the lists of one page of the site, as paths in the site's source without their ends."""
    blocks = re.findall(
        r"^```\{toctree\}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    return [
        (page.parent / line).resolve()
        for block in blocks
        for line in block.splitlines()
        if line and not line.startswith(":")
    ]


def test_every_page_is_in_one_list(source):
    """Each page of docs/ and of the API can be found from the home page, once; no list names what is not there."""
    listed = [one for page in source.rglob("*.md") for one in in_lists(page)]
    pages = [path for path in source.rglob("*") if path.suffix in {".md", ".rst"}]

    assert sorted(listed) == sorted(path.with_suffix("") for path in pages if path != source / "index.md")
    assert len(pages) > len([*DOCS.rglob("*.md")]) > 30


def test_every_link_of_the_site_leads_somewhere(source):
    """To a page or a picture of the site, else to a file of the repository by its address; none leaves by a path."""
    owner, tag = addresses.set_to()
    at = re.compile(rf"https://github\.com/{owner}/folioviz/(?:blob|tree)/{tag}/")
    to = [(page, link.partition("#")[0]) for page in source.rglob("*.md") for link in links(page)]
    inside = [(page, link) for page, link in to if link and not re.match(r"[a-z]+:", link)]
    outside = [at.sub("", link) for _, link in to if at.match(link)]
    targets = [(page.parent / link).resolve() for page, link in inside]

    assert [path for path in targets if not path.exists() or not path.is_relative_to(source)] == []
    assert [path for path in outside if not (ROOT / path).exists()] == []
    assert len(inside) > 100 > len(outside) > 10


def test_code_is_left_as_it_is():
    """A link in a block or between code marks is no link; one in words is, with its heading."""
    text = "`[a](../x)` [b](mremap.md#x)\n```\n[c](../x)\n```\n[`d`](../../notebooks) [e](#here)"
    owner, tag = addresses.set_to()
    at = f"https://github.com/{owner}/folioviz"
    shown = manual.linked(text, "docs/kernel/README.md", "kernel/index.md")

    assert shown == text.replace("../../notebooks", f"{at}/tree/{tag}/notebooks")
    assert manual.linked("[a](README.md) [b](../../LICENSE)", "docs/kernel/rmap.md", "kernel/rmap.md") == (
        f"[a](index.md) [b]({at}/blob/{tag}/LICENSE)"
    )


def test_every_name_of_the_package_has_its_place(source):
    """The API has all of folioviz.__all__, each once, and asks for each docstring by a name that is one."""
    named = [name.rpartition(".")[2] for names in manual.API.values() for name in names]
    asked = [
        line.split()[-1]
        for page in source.glob("api/*.rst")
        for line in page.read_text().splitlines()
        if "::" in line
    ]

    assert sorted(named) == sorted(folioviz.__all__)
    assert len(asked) > len(named)


def test_the_live_page_is_led_to_where_there_is_one():
    """With an address in pyproject.toml the home page has an entry for it, and without one it has none."""
    assert "The dashboards" not in manual.home("")
    assert "The dashboards <https://example.org/live/>" in manual.home("https://example.org/live/")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<script src="https://example.org/x.js"></script>', 1),
        ("<link rel='stylesheet' href='//example.org/x.css'>", 1),
        ("p { background: url(https://example.org/x.png) }", 1),
        ('@import "x.css";', 1),
        ('<a href="https://example.org/">a link</a> <img src="images/x.png">', 0),
    ],
)
def test_what_is_fetched_from_elsewhere_is_noticed(tmp_path, text, found):
    """A script, a style sheet, a picture; a link is only followed."""
    (tmp_path / "x.html").write_text(text, encoding="utf-8")

    assert len(manual.fetched(tmp_path)) == found


def test_the_workflow_makes_what_everybody_makes():
    """Its only command is `make docs`, which runs tools/manual.py."""
    [job] = yaml.safe_load((ROOT / ".github/workflows/docs.yml").read_text(encoding="utf-8"))["jobs"].values()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert [step["run"] for step in job["steps"] if "run" in step] == ["make docs"]
    assert f"\t$(BIN)/python -m tools.{Path(manual.__file__).stem}\n" in makefile
