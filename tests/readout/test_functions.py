"""Every citation of a kernel function is in the table of functions, and its release is one that has it."""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from functools import cache
from itertools import pairwise

import pytest

from folioviz import Lab, kernels
from folioviz.compare.random_ops import wander
from folioviz.errors import FoliovizError
from folioviz.kernels import GATHER_MODES
from folioviz.readout import source
from folioviz.readout.explain import OWN, decisions
from folioviz.readout.functions import Row, covers, file_of, places, releases, stands, table
from folioviz.readout.glossary import TERMS
from tests.pages import ROOT, pages


def test_the_table_is_in_order():
    """By name and release, no row twice, files and releases spelled alike; two places of a function do not overlap."""
    rows = table()
    assert len({*rows}) == len(rows) > 200
    for row in rows:
        assert re.fullmatch(r"[A-Za-z_]\w+", row.function)
        assert re.fullmatch(r"(mm|fs|kernel|include|arch)/[\w/.-]+\.[ch]", row.file)
        assert row.first == row.last == "series" or releases(row.first) <= releases(row.last)
    names = [(row.function.lstrip("_").lower(), row.function) for row in rows]
    assert names == sorted(names)


def test_a_function_moves_forward():
    """A function that stands in two files is first in the one and then in the other, or it is an architecture's."""
    for one, other in pairwise(table()):
        if one.function == other.function and "s390" not in one.file + other.file:
            assert releases(one.last) < releases(other.first)


@pytest.mark.parametrize("key", kernels.KERNELS)
def test_what_a_kernel_is_made_of_is_where_it_is_said_to_be(key):
    """Function, file and release of every linked function, as decisions, traces and reports cite it."""
    labs = [Lab(key, mode) for mode in GATHER_MODES]
    linked = {(lab, name) for lab in labs for name in lab.linked.names}
    found = {(one.function, *one.file.split(", ", 1)) for one in (source.read(*each) for each in linked)}

    assert sorted(one for one in found if one[0] and not stands(*one)) == []


@pytest.mark.parametrize("key", kernels.KERNELS)
def test_a_decision_cites_a_function_of_its_kernel(key):
    """Whatever was done: the function stands in that file in that release, or the decision is folioviz's own."""
    cited = set()
    for seed in range(4):
        lab = Lab(key)
        for op in wander(seed, 40):
            with suppress(FoliovizError):
                lab.apply(op)
        cited |= {(made.function, made.source) for made in decisions(lab)}

    assert len(cited) > 4
    for function, source_ in cited:
        assert bool(function) == (source_ != OWN)
        assert not function or stands(function.removesuffix("()"), *source_.split(", ", 1)), (
            function,
            source_,
        )


def test_a_function_is_cited_where_it_is():
    """A series is for v6.5 and has functions of its own; a release that does not have a function is not right."""
    assert file_of("folio_get", "v6.5-rc3") == "include/linux/mm.h"
    assert file_of("folio_add_large_mapcount", "v6.12") == ""
    assert stands("page_remove_rmap", "mm/rmap.c", "v4 1/3")
    assert stands("try_zap_anon_pte_range", "mm/memory.c", "v4 3/3")
    assert not stands("try_zap_anon_pte_range", "mm/memory.c", "v6.5")
    assert not stands("__folio_remove_rmap_end", "mm/rmap.c", "v6.12")
    assert not stands("folio_pte_batch", "mm/internal.h", "v6.9")
    assert covers(Row("f", "mm/x.c", "v6.12", "v7.3"), "v7.1, in 6.12.117 by a backport")
    assert not covers(Row("f", "mm/x.c", "v6.12", "v7.3"), "v6.8")


CALL = re.compile(r"(?<![\w.>/:\\[-])([A-Za-z_]\w*)\(\)")
IN_FILE = re.compile(
    r"(?<![\w.>])(?P<function>[A-Za-z_]\w*)\(\)`?(?:,| in) `?(?P<file>(?:mm|fs|kernel|include|arch)/[\w/.-]+\.[ch])`?"
    r"(?:[,;]? \(?(?P<text>v\d+\.\d+(?:-rc\d)?(?:(?:,| and) v\d+\.\d+)*))?"
)
SYSTEM_CALLS = {
    "fork",
    "madvise",
    "mlock",
    "mmap",
    "move_pages",
    "mprotect",
    "munlock",
    "mremap",
    "munmap",
    "vmsplice",
}
PAGES = [*pages(), *sorted((ROOT / "folioviz").rglob("*.md"))]
MODULES = sorted((ROOT / "folioviz").rglob("*.py"))
TITLES = sorted(
    {change.title for changes in kernels.CHANGES.values() for change in changes}, key=len, reverse=True
)
MODEL = {name for key in kernels.KERNELS for name in Lab(key).linked.names}


def without_titles(text):
    """Return a text without the titles of changes, which name functions as they were or came to be."""
    text = " ".join(text.split())
    for title in TITLES:
        text = text.replace(title, "")
    return text


@cache
def prose(path):
    """Return what a person reads of a file: a page, or the texts and docstrings of a module."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        texts = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
        text = "\n\n".join(one for one in texts if isinstance(one, str))
    return without_titles(text)


@cache
def in_python():
    """Return the names of what is defined in Python here and is no function of a kernel: pages may call it."""
    names = {
        "super",
        "makeInk",
        "test_every_order_has_a_line",
        "test_the_answer_is_computed",
    }  # the recipes' own examples
    for path in MODULES:
        if not {"mm", "kernels"} & {*path.relative_to(ROOT).parts}:
            names |= {
                node.name
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.FunctionDef | ast.ClassDef)
            }
    return names


def test_a_function_that_prose_names_is_one_that_a_kernel_has():
    """Or a system call, or what is written in Python here; a name that only the model has is said to be its own."""
    wrong = []
    for path in (*PAGES, *MODULES):
        text = prose(path)
        named = {*CALL.findall(text)} - {*places()} - SYSTEM_CALLS
        own = {name for name in named & MODEL if re.search(rf"`{name}\(\)` is folioviz's own", text)}
        here = set() if "stories" in path.parts else in_python() - MODEL
        wrong += [(path, name) for name in sorted(named - own - here)]

    assert wrong == []


def test_a_function_that_prose_has_in_a_file_is_there():
    """In the release that is named beside it, or else in some."""
    wrong = []
    for path in (*PAGES, *MODULES):
        for found in IN_FILE.finditer(prose(path)):
            function, file, text = found.group("function", "file", "text")
            rows = places().get(function, ())
            if not any(row.file == file and (not text or covers(row, text)) for row in rows):
                wrong.append((path, found[0]))

    assert wrong == []


@pytest.mark.parametrize("name", [name for name, term in TERMS.items() if CALL.search(term.source)])
def test_the_glossary_says_in_which_kernels_a_function_is(name):
    """Where no release stands beside it, every kernel here has it; where one does, that release has it."""
    for part in TERMS[name].source.split("; "):
        functions, file = CALL.findall(part), re.search(r"(?:mm|include)/[\w/.-]+\.[ch]", part)
        named = releases(part)
        for function in functions:
            rows = [row for row in places()[function] if row.file == file[0]]
            ranges = [(*releases(row.first), *releases(row.last)) for row in rows]
            for one in named or [(6, 1), (7, 3)]:
                assert any(first <= one <= last for first, last in ranges), (part, one)
