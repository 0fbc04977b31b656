"""What does the kernel's own test ask? What the story says."""

from __future__ import annotations

import pytest

from folioviz.kernels import KERNELS
from folioviz.stories import find
from folioviz.stories.kernel_tests import CASES, EVERY, TODAY, computed, opened_as
from folioviz.stories.parts.parts import bare

STORY = find("kernel-tests")


def test_the_answer_is_computed():
    """One mapping, two references: a copy, under all kernels."""
    right, because = STORY.question.answer()

    assert STORY.question.options[right] == "to a copy of the page"
    assert because.startswith("1 mapping, but 2 references: ")
    assert f"{len(EVERY)} of the {len(EVERY)} kernels here copy" in because


def test_the_kernels_are_those_that_map_small_folios():
    """From v6.8 on, in the order of the registry."""
    assert list(EVERY) == [key for key in KERNELS if key in EVERY]
    assert {"v6.8", "v7.3"} <= set(EVERY)
    assert not {"v6.1", "v6.5-rc3"} & set(EVERY)


@pytest.mark.parametrize("name", CASES)
def test_who_allocates_is_who_must_copy(name):
    """Fork copies what is pinned, and writes copy what is shared; only one's own pinned pages are not copied at all."""
    found = computed(name, TODAY)
    pages = {
        "cow-small-page": 1,
        "cow-single-page": 1,
        "cow-child-holds": 1,
        "cow-half-moved": 8,
        "cow-pmd-thp": 512,
    }
    wanted = (0, pages.get(name, 16))
    if name == "cow-pinned-readonly":
        wanted = (0, 0)
    elif "pinned" in name:
        wanted = (512 if name == "cow-pinned-pmd" else 16, 0)

    assert (found.fork, found.after) == wanted
    assert all(found.true)


def test_the_tables_are_the_case_and_all_cases():
    """A row for each statement, a column for each kernel; a row for each case, which opens it."""
    for name, one in CASES.items():
        demanded, every = STORY.numbers({**STORY.values, "case": name})
        assert len(demanded.rows) == len(one.expect)
        assert {bare(cell) for row in demanded.rows for cell in row[1:]} == {"true"}
        assert [len(row) for row in demanded.rows] == [1 + len(EVERY)] * len(one.expect)
        assert opened_as(name, one).query.startswith(f"scenario={name}&a=")
    assert [bare(row[0]) for row in every.rows] == [
        one.title.removeprefix("Selftest cow.c: ") for one in CASES.values()
    ]
