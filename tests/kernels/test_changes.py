"""What each function of a kernel follows: said in its docstring, known to the registry."""

from __future__ import annotations

import re

import pytest

from folioviz.kernels import CHANGES, KERNELS, modules_of, no_gather
from folioviz.kernels.kernel import Change, followed
from folioviz.kernels.since_v6_8 import no_gather_runs
from folioviz.link import V6_5_RC3, functions_of
from folioviz.mm import headers
from tests.pages import KERNEL, headings, table

OWN = "Folioviz's own."
ERAS = [
    (page, anchor, key)
    for page in sorted(KERNEL.glob("*.md"))
    for anchor, key in headings(page).items()
    if key in KERNELS and KERNELS[key].parent
]
"""Where a page has a heading that is a kernel's key: what that kernel is made of stands below it."""


def short(module):
    """Return a module's name in the registry."""
    return module.__name__.rpartition(".")[2]


MODULES = {
    short(module): module
    for kernel in KERNELS.values()
    for module in (*kernel.modules, no_gather, no_gather_runs)
    if module not in V6_5_RC3
}
BEFORE = {
    name: {
        function
        for kernel in KERNELS.values()
        if module in kernel.modules
        for below in (headers, *modules_of(kernel))
        if below not in kernel.modules
        for function in functions_of(below)
    }
    for name, module in MODULES.items()
}
"""Module -> the functions that there were below it."""


def said(name, function):
    """Return what a function's docstring says that it follows."""
    return followed(functions_of(MODULES[name])[function].__doc__)


@pytest.mark.parametrize("name", MODULES)
def test_a_function_names_the_change_that_it_follows(name):
    """Commit, title and release are the registry's; what no kernel has says so, and replaces nothing."""
    known = {(change.text, change.cited) for change in CHANGES[name]}
    for function, text in functions_of(MODULES[name]).items():
        named = {(match["text"], match["cited"]) for match in said(name, function)}

        assert named <= known, function
        if not named:
            assert text.__doc__.rstrip().endswith(OWN), function
            assert function not in BEFORE[name]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named_by_a_function(name):
    """The registry lists for a module what its functions follow, and nothing else."""
    named = {match["cited"] for function in functions_of(MODULES[name]) for match in said(name, function)}

    assert {change.cited for change in CHANGES[name]} == named


@pytest.mark.parametrize(("page", "anchor", "key"), ERAS, ids=lambda value: getattr(value, "stem", value))
def test_a_page_lists_the_changes_of_the_registry(page, anchor, key):
    """Commit, title, release and module of all that a kernel is made of, in the order in which it is joined."""
    registry = [
        {
            "commit": change.commit or "–",
            "title": change.words,
            "release": change.release,
            "module": short(module),
        }
        for module in KERNELS[key].modules
        for change in CHANGES[short(module)]
    ]

    assert table(page, anchor) == registry


def test_every_page_of_an_era_lists_changes():
    """The comparison above meets every page of docs/kernel that the index lists as an era's."""
    index = (
        (KERNEL / "README.md").read_text(encoding="utf-8").partition("## Era by era")[2].partition("\n## ")[0]
    )

    assert {page.name for page, _, _ in ERAS} == set(re.findall(r"\(([\w.]+\.md)\)", index))


def test_a_commit_has_one_title_and_one_release():
    """Wherever a commit stands, in full or taken back, it is the same one, by 12 hex digits."""
    titles, releases = {}, {}
    for change in {change for changes in CHANGES.values() for change in changes if change.commit}:
        assert re.fullmatch("[0-9a-f]{12}", change.commit)
        assert titles.setdefault(change.commit, change.title) == change.title
        release = change.release.partition(",")[0]
        assert releases.setdefault(change.commit, release) == release
    assert len(set(titles.values())) == len(titles)


def test_a_change_is_cited_as_in_a_commit_message():
    """Commit and title; before it, with the release that has it; the title alone if it is no commit upstream."""
    made = Change("mm: split", "v6.9", "mm/rmap.c", "2024", commit="0123456789ab")
    undone = Change("mm: split", "v6.9", "mm/rmap.c", "2023", commit="0123456789ab", before="v6.1")
    posted = Change("mm: split", "v4 1/3", "mm/rmap.c")

    assert (made.text, made.cited) == ("v6.9", '0123456789ab ("mm: split")')
    assert (undone.text, undone.cited) == ("v6.1", 'before 0123456789ab ("mm: split", v6.9)')
    assert (posted.text, posted.cited) == ("v4 1/3", "mm: split")
    for change, where in (
        (made, "mm/rmap.c"),
        (undone, "mm/rmap.c, f()"),
        (posted, "arch/s390/include/asm/tlb.h"),
    ):
        (match,) = followed(f"Do it.\n\n    Follows {where}, {change.text}: {change.cited}.\n    ")
        assert (match["text"], match["cited"]) == (change.text, change.cited)
