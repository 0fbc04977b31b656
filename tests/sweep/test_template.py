from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folioviz.errors import DocumentError, FoliovizError, LimitError
from folioviz.files import scenario
from folioviz.files.scenario import MAX_OPERATIONS
from folioviz.ops.ops import WORDS
from folioviz.sweep.source import STANDARD, STANDARD_VALUES, loads, numbers, source
from folioviz.sweep.template import names, operations


def text(lines, **values):
    """Return the operations that lines come to, in the short form."""
    return "; ".join(op.short() for op in operations(lines, values)[0])


def test_names_become_numbers():
    """Arithmetic, what follows from order and share, and an operation that is repeated."""
    lines = [
        "mm",
        "mmap 1 0 {2 * nr_pages + (order << 3) % 7}",
        "fault 1 {i << order} {order} x {n - 1}",
        "munmap 1 0 {share_pages}",
    ]

    assert names(lines) == {"order", "share", "n"}
    assert text(lines, order=4, share=30, n=3) == ("mm; mmap 1 0 36; fault 1 0 4; fault 1 16 4; munmap 1 0 4")


def test_a_share_is_rounded_down_and_at_least_a_page():
    """A quarter of two pages is one, all of them is all."""
    shares = [text(["munmap 1 0 {share_pages}"], order=1, share=share) for share in (1, 25, 99, 100)]

    assert [one.split()[-1] for one in shares] == ["1", "1", "1", "2"]


def test_what_is_measured_can_be_marked():
    """It is all behind the mark, or the last operation."""
    lines = ["mm", "mmap 1 0 64", "measure", "fault 1 0 4", "munmap 1 0 64"]

    assert operations(lines, {})[1] == 2
    assert operations([line for line in lines if line != "measure"], {})[1] == 3


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("mmap 1 0 {x.y}", "in braces there are"),
        ("mmap 1 0 {__import__('os')}", "in braces there are"),
        ("mmap 1 0 {n ** n}", "in braces there are"),
        ("mmap 1 0 {True}", "in braces there are"),
        ("mmap 1 0 {0.5}", "in braces there are"),
        ("mmap 1 0 {}", "in braces there are"),
        ("mmap 1 0 {" + "(" * 70 + "}", "in braces there are"),
        ("mmap 1 0 {" + "1+" * 70 + "1}", "too long"),
        ("mmap 1 0 {n", "integers"),
        ("mmap 1 {n}", "arguments"),
        ("{n} 1 0", "unknown operation"),
        ("mmap 1 0 {i}", "counts the times"),
        ("fork 1 x {i}", "counts the times"),
    ],
)
def test_what_does_not_read_is_refused_at_once(line, why):
    """With the operation's number."""
    with pytest.raises(DocumentError, match=f"operation 2.*{why}"):
        names(["mm", line])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("mmap 1 0 {n << 40}", "shift"),
        ("mmap 1 0 {n // 0}", "divisor"),
        ("mmap 1 0 {n * 99999 * 99999}", "32 bits"),
        (f"fork 1 x {MAX_OPERATIONS + 1}", "number of operations"),
        ("fork 1 x {0 - n}", "number of operations"),
    ],
)
def test_no_number_grows_without_bound(line, why):
    """Each is checked on the way."""
    with pytest.raises(LimitError, match=why):
        operations([line], {"n": 5})


@given(st.text("{}n0123456789+-*/%<>() xi;'", max_size=40))
def test_a_line_of_anything_is_read_or_refused(line):
    """Nothing but our own errors comes out."""
    with suppress(FoliovizError):
        names([f"munmap 1 0 {line}"])
        assert operations([f"munmap 1 0 {line}"], {"n": 3})[0]


def test_a_document_has_parameters(tmp_path):
    """Names in braces, values, kernels and the mark; a file, and an operation as a mapping."""
    path = tmp_path / "one.yaml"
    path.write_text(
        "name: mine\nkernels: [v7.3]\nparameters: {order: 2-4, n: [1, 8]}\nops:\n"
        "  - mm\n  - {op: mmap, mm: 1, vpn: 0, pages: '{n * 64}'}\n  - fault 1 0 {order}\n  - measure\n  - exit 1\n"
    )
    found = source(str(path))

    assert (found.name, found.kernels, found.values) == ("mine", ("v7.3",), {"order": (2, 3, 4), "n": (1, 8)})
    assert text(found.lines, order=2, n=1) == "mm; mmap 1 0 64; fault 1 0 2; exit 1"


@pytest.mark.parametrize(
    "document",
    [
        "ops: [mm]\nparameters: {order: 2}",
        "ops: [mm]\nparameters: [2]",
        "ops: [mm]\nname: 'A B'",
        "ops: [mm]\nwhat: 1",
        "ops: [{op: mmap}]",
        "ops: [3]",
        "ops: 3",
        "nothing: 3",
        "mm; mmap 1 0 64\nmm",
    ],
)
def test_a_document_that_is_none_is_refused(document):
    """A parameter that nothing uses, a field that is none, an operation that is none."""
    with pytest.raises(DocumentError):
        loads(document)


def test_scenarios_of_the_library_and_of_python_are_sources():
    """By name or as they are; a name that is none gets the nearest."""
    front = scenario.find("front")

    assert source("front") == source(front)
    assert operations(source("front").lines, {})[0] == front.ops
    with pytest.raises(DocumentError, match="did you mean front"):
        source("frnt")


def test_the_standard_experiment_has_its_values():
    """Without any word it can be run."""
    assert source(STANDARD).needs == set(STANDARD_VALUES)


@pytest.mark.parametrize("word", WORDS)
def test_every_operation_may_have_names(word):
    """A name for each number is read."""
    fields = WORDS[word].__struct_fields__
    line = " ".join([word, *("{n}" for _ in fields)])

    assert text([line], n=3) == " ".join([word, *("3" for _ in fields)])


@pytest.mark.parametrize(
    ("given_", "wanted"), [(4, (4,)), ("2,4,9", (2, 4, 9)), ("0-2, 9", (0, 1, 2, 9)), ([3, 1, 3], (3, 1))]
)
def test_values_may_be_said_in_several_ways(given_, wanted):
    """Each once, in their order."""
    assert numbers("order", given_) == wanted


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("order", "10"),
        ("order", "a"),
        ("order", ""),
        ("order", True),
        ("order", 0.5),
        ("order", None),
        ("share", 0),
        ("processes", 65),
        ("n", "0-9999999999"),
        ("n", 2**31),
        ("N", 1),
        ("n" * 40, 1),
        (3, 1),
    ],
)
def test_values_are_bounded(name, values):
    """An order, a share, a number of 32 bits, a name."""
    with pytest.raises(FoliovizError):
        numbers(name, values)
