"""The repository's pages as tests read them: headings, tables, links."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
KERNEL = DOCS / "kernel"
PARSER = MarkdownIt("commonmark").enable("table")


def pages():
    """Return every page of the repository: README, docs, and those beside tests and tools."""
    folders = ("docs", "tests", "benchmarks", "tools")
    return sorted([*ROOT.glob("*.md"), *(page for name in folders for page in ROOT.glob(f"{name}/**/*.md"))])


def slug(heading):
    """Return the anchor of a heading, as forges make it: lower case, blanks to hyphens, other marks left out."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@cache
def parsed(path):
    """Return the tokens of a page."""
    return PARSER.parse(path.read_text(encoding="utf-8"))


@cache
def headings(path):
    """Return a page's headings by anchor; of two alike the second gets a number, as on a forge."""
    found, tokens = {}, parsed(path)
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            text = "".join(part.content for part in tokens[at + 1].children if part.content)
            anchor, n = slug(text), 0
            while (name := f"{anchor}-{n}" if n else anchor) in found:
                n += 1
            found[name] = text
    return found


def table(path, anchor):
    """Return the rows of the first table below a heading: column -> cell, code marks left out."""
    rows, tokens, below = [], parsed(path), False
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            assert not rows
            below = slug("".join(part.content for part in tokens[at + 1].children)) == anchor
        elif below and token.type == "tr_open":
            rows.append([])
        elif below and token.type in {"th_open", "td_open"}:
            rows[-1].append("".join(part.content for part in tokens[at + 1].children))
        elif below and token.type == "table_close":
            return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    raise AssertionError(f"{path.name} has no table below #{anchor}")


def links(path):
    """Return where the links of a page lead, as they are written."""
    return [
        part.attrs[where]
        for token in parsed(path)
        for part in token.children or ()
        for kind, where in (("link_open", "href"), ("image", "src"))
        if part.type == kind
    ]
