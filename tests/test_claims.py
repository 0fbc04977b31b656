"""What stories, glossary and README say of others stands in docs/claims.csv, with its source: dates, titles, releases.

docs/sources.csv has each source once: a mail, a change, a release, a recording. A claim is a piece of a page, to the
letter. What the prose claims and the table lacks fails here, and so does what the table has and the prose lost.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from typing import NamedTuple

import pytest

from folioviz.kernels import CHANGES
from tests.pages import DOCS, ROOT

WORDS = "folioviz/stories/words"
FILES = [
    *(ROOT / WORDS).glob("*.md"),
    *(ROOT / "folioviz/stories").rglob("*.py"),
    *(ROOT / "folioviz/contention").glob("*.py"),
    *(ROOT / "notebooks").glob("*.ipynb"),
]
PAGES = [
    "README.md",
    "docs/contention.md",
    "docs/glossary.md",
    *sorted(str(path.relative_to(ROOT)) for path in FILES),
]
SHORT = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
MONTH = rf"(?:{SHORT})[a-z]*"
DATE = re.compile(
    rf"(?:\b\d{{1,2}} (?:and \d{{1,2}} )?)?\b(?:{MONTH}–)?{MONTH} \d{{4}}|\b\d{{1,2}} (?:{SHORT})\b(?! \d{{4}})"
)
TITLE = re.compile(r"\*((?:Re: )?(?:\[PATCH|mm[:/]|Optimize |`container_)[^*]*)\*")
RELEASE = re.compile(
    r"\b(?:since|from|before|until|to|with) v\d\.\d+(?:-rc\d)?|\((?:both )?v\d\.\d+\b|\bv\d\.\d+(?= and later| on\b)",
    re.IGNORECASE,
)
POINT = re.compile(r"(?<![\w./=-])[67]\.\d+\.\d+\b(?!-)")
"""A kernel as it was run; tables in modules name them row by row, and the recordings are the source."""
KINDS = (DATE, TITLE, RELEASE, POINT)
NUMBER = re.compile(r"v?\d\.\d+(?:\.\d+)?(?:-rc\d)?")


DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef
"""What has a docstring, which nobody reads on a page."""


class Source(NamedTuple):
    """A source: its title, who, dates with ";" between them, the releases that it is about, and where it is."""

    key: str
    title: str
    by: str
    date: str
    release: str
    where: str


class Claim(NamedTuple):
    """A piece of a page, and the keys of its sources."""

    page: str
    claim: str
    sources: str


def rows(name, kind):
    """Return the rows of a table of docs/."""
    with (DOCS / name).open(encoding="utf-8") as text:
        return [kind(*row) for row in csv.reader(text)][1:]


SOURCES = {row.key: row for row in rows("sources.csv", Source)}
CLAIMS = rows("claims.csv", Claim)
NAMES = {name for source in SOURCES.values() for name in re.split(", | to ", source.by) if name}


def prose(page):
    """Return what a person reads of a page: its text without code, a notebook's words, the texts of a module."""
    text = (ROOT / page).read_text(encoding="utf-8")
    if page.endswith(".ipynb"):
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    elif page.endswith(".py"):
        tree = ast.parse(text)
        says = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
        docs = {
            ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)
        }
        text = " | ".join(one for one in says if isinstance(one, str) and one not in docs)
    return " ".join(re.sub(r"```.*?```", "", text, flags=re.DOTALL).split())


def days(text):
    """Return the dates of a text as (day, month, year); what a date leaves out is ""."""
    found = set()
    for date in DATE.findall(text):
        year = "".join(re.findall(r"\d{4}", date))
        for month in re.findall(rf"({SHORT})[a-z]*", date):
            for day in re.findall(r"\b\d{1,2}\b", date) or [""]:
                found.add((day, month, year))
    return found


def unknown(text, claims, kinds=KINDS):
    """Return the dates, titles and releases of a text that lie in no claim."""
    known = [
        (found.start(), found.end()) for claim in claims for found in re.finditer(re.escape(claim), text)
    ]
    said = [found.span() for kind in kinds for found in kind.finditer(text)]
    return [
        text[start:end]
        for start, end in said
        if not any(first <= start and end <= last for first, last in known)
    ]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_claims_is_in_the_table_and_the_other_way_round(page):
    """Every date, title and release of a page lies within a claim of the table; every claim is in its page."""
    text, claims = prose(page), [row.claim for row in CLAIMS if row.page == page]

    assert [claim for claim in claims if claim not in text] == []
    assert unknown(text, claims, (DATE, TITLE, RELEASE) if page.endswith(".py") else KINDS) == []


def test_a_claim_that_no_table_has_is_noticed():
    """A date, a title and a release, also where only one of them is new."""
    text = (
        "*mm: split underused THPs*, 30 Aug 2024 (v6.12), and 6.12.117 since v6.12; 19 Jul and Apr–May 2024"
    )

    assert unknown(text, []) == [
        "30 Aug 2024", "19 Jul", "Apr–May 2024", "*mm: split underused THPs*", "(v6.12", "since v6.12", "6.12.117"
    ]  # fmt: skip
    assert unknown(text, [text]) == []
    claims = ["*mm: split underused THPs*, 30 Aug 2024 (v6.12)", text[46:]]
    found = ["29 Aug 2024", "*mm: split underused THPs*", "(v6.12"]
    assert unknown(text.replace("30 Aug", "29 Aug"), claims) == found


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row.claim[:40])
def test_a_claim_is_what_its_sources_say(row):
    """Its dates, titles and people are theirs, and the releases that it names are among those that they are about."""
    sources = [SOURCES[key] for key in row.sources.split()]
    theirs = {day for source in sources for day in days(source.date)}
    for day, month, year in days(row.claim):
        assert any(month == m and day in ("", d) and year in ("", y) for d, m, y in theirs), (
            day,
            month,
            year,
        )
    for title in TITLE.findall(row.claim):
        begins = title.removeprefix("Re: ").split(" …")[0]
        assert any(begins in source.title for source in sources), title
    releases = " ".join(source.release for source in sources).split()
    for phrase in RELEASE.findall(row.claim) + POINT.findall(row.claim):
        assert set(NUMBER.findall(phrase)) <= {*releases}, phrase
    people = [name for source in sources for name in re.split(", | to ", source.by) if name]
    assert all(name in people for name in NAMES if name in row.claim)


def test_every_source_is_used_and_dated():
    """No source stands there for nothing, and each has a date or a release."""
    assert {key for row in CLAIMS for key in row.sources.split()} == {*SOURCES}
    assert {row.page for row in CLAIMS} <= {*PAGES}
    assert all(source.date or source.release for source in SOURCES.values())


@pytest.mark.parametrize(
    "source", [row for row in SOURCES.values() if re.fullmatch("[0-9a-f]{12}", row.where)]
)
def test_a_source_that_is_a_change_is_the_registrys(source):
    """Title, release and date are one fact, wherever they stand."""
    found = [change for changes in CHANGES.values() for change in changes if change.commit == source.where]
    assert found
    for change in found:
        assert source.title.endswith(change.title)
        assert set(NUMBER.findall(change.release)[:1]) & {*source.release.split()}
        if not change.before:
            assert days(change.date) <= days(source.date)
