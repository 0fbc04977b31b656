"""Expectations: what each word measures, by hand; what is refused; and the scenarios of the kernel's own tests."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from folioviz import Lab
from folioviz.errors import DocumentError
from folioviz.files import scenario, share
from folioviz.files.expect import MEASURES, parse
from folioviz.ops.ops import parse_line

DOCS = Path(__file__).parents[2] / "docs"


def after(ops, key="v7.3"):
    """Return the machine after operations."""
    lab = Lab(key)
    for op in parse_line(ops):
        lab.apply(op)
    return lab.machine


FORKED = "mm; mmap 1 0 64; fault 1 0 4; fork 1; write 1 3; dontneed 1 8 8"
HUGE = "mm; mmap 1 0 1024; faultpmd 1 0; faultpmd 1 512; splitpmd 1 512; split 2"
KNOWN = {
    FORKED: {
        "mapped 1 0 64": 8,
        "mapped 2 0 64": 16,
        "mapped 2 60 9999": 0,
        "mapped 9 0 64": 0,
        "of 1 1 0 64": 7,
        "of 2 1 0 64": 1,
        "of 2 2 0 64": 0,
        "of 9 1 0 64": 0,
        "same 1 0 2 0 64": 7,
        "same 1 0 2 1 64": 0,
        "folios 1 0 64": 2,
        "order 1 0": 4,
        "order 1 3": 0,
        "order 1 8": -1,
        "order 1 -3": -1,
        "huge 1": 0,
        "rss 1": 8,
        "rss 9": 0,
        "live 1": 1,
        "live 9": 0,
    },
    HUGE: {
        "mapped 1 0 1024": 1024,
        "of 1 1 500 20": 12,
        "folios 1 511 2": 2,
        "folios 1 0 1024": 513,
        "order 1 511": 9,
        "order 1 512": 0,
        "huge 1": 1,
        "huge 9": 0,
        "thp_split_page": 1,
        "thp_split_pmd": 1,
    },
    "mm; mmap 1 0 64; guard 1 4 4": {
        "guards 1 0 64": 4,
        "guards 1 6 9": 2,
        "guards 1 0 6": 2,
        "guards 9 0 64": 0,
    },
    "mm; mmap 1 0 1024; read 1 0 8; enabled 9 1; read 1 512 1": {
        "zeros 1 0 64": 8,
        "zeros 1 4 9": 4,
        "zeros 1 0 1024": 520,
        "zeros 1 600 9": 9,
        "zeros 9 0 64": 0,
    },
}


def test_each_word_measures_what_is_there():
    """By hand: a folio shared after fork, one page copied and half dropped; two huge pages; markers; zero pages."""
    for ops, known in KNOWN.items():
        machine = after(ops)
        for text, number in known.items():
            assert (text, parse(f"{text} == {number}").found(machine)) == (text, number)
            assert parse(f"{text} == {number}").holds(machine)
            assert not parse(f"{text} == {number + 1}").holds(machine)
    assert {text.split()[0] for known in KNOWN.values() for text in known} == MEASURES.keys()


def test_a_statement_in_words_has_all_of_its_numbers():
    """None is left out of the sentence, what is expected is in it, and a range has its first and its last page."""
    for word, kind in MEASURES.items():
        named = {name: place for place, name in enumerate(kind.takes, start=101)}
        said = parse(" ".join(map(str, (word, *named.values(), "==", 77)))).words()
        if "pages" in named:
            named["pages"] += named["vpn"] - 1

        assert sorted(re.findall(r"\d\d+", said)) == sorted(map(str, (77, *named.values())))
    assert parse("mapped 1 7 1 == 0").words() == "page 7 of process 1: mapped are 0"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rss 1", "'rss 1' is no statement: it must be one of mapped, "),
        ("rss 1 = 4", "no statement"),
        ("rss  1 == 4", "no statement"),
        ("rss 1 == 4\n", "no statement"),
        ("bytes 1 == 4", "no statement"),
        ("rss 99999999999 == 4", "no statement"),
        ("rss 1 2 == 4", "'rss 1 2 == 4' has 2 numbers: it must be rss MM == NUMBER"),
    ],
)
def test_what_is_no_statement_is_refused(text, why):
    """The statement and its place are named, and how it is written."""
    with pytest.raises(DocumentError) as caught:
        scenario.from_builtins({"ops": "mm", "expect": ["rss 1 == 0", text]})

    assert str(caught.value).startswith("expect[1]: ")
    assert why in str(caught.value)


def test_expectations_travel():
    """In a document, in both forms, and in a link."""
    one = scenario.from_builtins({"ops": "mm", "expect": ["rss 1 == 0"]})

    assert scenario.loads(scenario.dumps(one)) == scenario.loads(scenario.dumps(one, "json")) == one
    assert share.unpack(share.pack(one)).expect == one.expect


def test_all_words_are_documented():
    """docs/scenarios.md says how each is written, in this order."""
    text = (DOCS / "scenarios.md").read_text().partition("## Expectations")[2].partition("## Forms")[0]

    assert re.findall(r"^\| `(\w+.*)` \|", text, re.MULTILINE) == [
        kind.usage(word) for word, kind in MEASURES.items()
    ]


# --------------------------------------------------------------------------------------- the kernel's own tests


@pytest.mark.parametrize("name", scenario.selftests())
def test_what_a_selftest_demands_is_so(name):
    """Under every kernel that the scenario names: nothing is refused, no bug fires, all statements are true."""
    one = scenario.find(name)
    for key in one.kernels:
        lab = Lab(key)
        for op in one.ops:
            lab.apply(op)

        assert lab.machine.bugs() == []
        assert [(key, text) for text in one.expect if not parse(text).holds(lab.machine)] == []


@pytest.mark.parametrize("name", scenario.selftests())
def test_a_selftest_does_what_it_demands(name):
    """Some statement is not true before the last operation, or it would be none of what was done."""
    one = scenario.find(name)
    lab = Lab(one.kernels[0])
    seen = []
    for op in one.ops:
        seen.append(all(parse(text).holds(lab.machine) for text in one.expect))
        lab.apply(op)

    assert not all(seen[1:])


def test_selftests_have_words_names_and_a_row():
    """Their files bear their names; the table counts them by the file of the test, which begins their titles."""
    files = [file.name for file in (resources.files("folioviz") / "scenarios" / "selftests").iterdir()]
    found = scenario.selftests()
    table = (DOCS / "selftests.md").read_text(encoding="utf-8")
    counted = dict(re.findall(r"^\| `([\w-]+\.c)` \| (\d+) \|", table, re.MULTILINE))
    titles = [re.match(r"Selftest ([\w-]+\.c): ", one.title)[1] for one in found.values()]

    assert sorted(files) == [f"{place:02}-{name}.yaml" for place, name in enumerate(found)]
    assert [
        one.name for one in found.values() if len(one.about) <= 80 or not one.step or not one.expect
    ] == []
    assert {name: str(titles.count(name)) for name in counted} == counted
    assert set(titles) <= counted.keys()
    assert not set(found) & set(scenario.library())
