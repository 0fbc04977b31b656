"""SECURITY.md promises what is tested."""

from __future__ import annotations

import ast
import re

import pytest

from tests.pages import ROOT, headings, table

PAGE = ROOT / "SECURITY.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def named_in(path):
    """Return the names of the tests of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_is_there():
    """Each is a function of the file that is named with it."""
    named = NAMED.findall(PAGE.read_text(encoding="utf-8"))

    assert len(named) > 15
    assert [(path, name) for path, name in named if name not in named_in(path)] == []


@pytest.mark.parametrize(
    "heading", [one for one in headings(PAGE) if "cannot-do" in one or one == "the-container"]
)
def test_every_promise_has_a_test(heading):
    """In each table, every row names one at least."""
    rows = table(PAGE, heading)

    assert rows
    assert [row["promise"] for row in rows if not re.match(r"tests/[\w/]+\.py::test_\w+", row["test"])] == []
