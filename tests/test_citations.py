"""Whatever is cited is here: pages, their headings, and where links lead."""

from __future__ import annotations

import re

from tests.pages import DOCS, ROOT, headings, links, pages, slug

PAGE = re.compile(r"docs/[\w./-]+?\.md(?:#[\w-]+)?")
NAME = re.compile(r"\b[A-Z][A-Z-]+\.md\b")
CODE = sorted(
    path
    for name in ("folioviz", "tests", "tools", "benchmarks", "notebooks")
    for path in (ROOT / name).rglob("*")
    if path.suffix in {".py", ".ipynb", ".yaml", ".js", ".css", ".md"} and "node_modules" not in path.parts
)
HERE = {path.name for path in pages()}


def lead_nowhere(page, links):
    """Return the links of a page that lead to no file, or to no heading of one."""
    wrong = []
    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        to, _, anchor = link.partition("#")
        target = (page.parent / to).resolve() if to else page
        if not target.exists() or (anchor and anchor not in headings(target)):
            wrong.append(link)
    return wrong


def test_every_link_of_a_page_leads_somewhere():
    """To a file of the repository, and to a heading that is there."""
    assert [(page, link) for page in pages() for link in lead_nowhere(page, links(page))] == []


def test_every_page_that_is_cited_is_here():
    """Code, tests, notebooks and pages cite pages of the repository, by name and by heading."""
    wrong = []
    for path in [*CODE, *pages()]:
        text = path.read_text(encoding="utf-8")
        cited = lead_nowhere(ROOT / "README.md", sorted({*PAGE.findall(text)}))
        wrong += [(path, one) for one in (*cited, *sorted({*NAME.findall(text)} - HERE))]

    assert wrong == []


def test_a_link_that_leads_nowhere_is_noticed():
    """A page that is not there, a heading that is not."""
    page = DOCS / "model.md"

    assert lead_nowhere(page, ["gone.md", "model.md#gone", "#gone"]) == ["gone.md", "model.md#gone", "#gone"]
    assert lead_nowhere(page, ["model.md", "#state", "https://example.org/gone.md"]) == []


def test_anchors_are_a_forges():
    """As the links of these pages need them."""
    assert slug("page_remove_rmap()") == "page_remove_rmap"
    assert slug("v6.10's count") == "v610s-count"
    assert slug("madv_free and madv_cold") == "madv_free-and-madv_cold"
