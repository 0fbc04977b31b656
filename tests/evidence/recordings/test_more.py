"""The model against more that was recorded: migration, mlock(), pins, page tables, and what it can do of the rest."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from folioviz.evidence.recordings.exclusions import EXCLUSIONS
from folioviz.evidence.results import results

MORE = Path(__file__).parent / "more"
PAGE = (Path(__file__).parents[3] / "docs" / "recordings.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([\w.-]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)
LISTED = {name: [*map(int, numbers)] for name, *numbers in ROW.findall(PAGE)}
"""Recorded kernel -> scenarios, those compared to their end, steps, those compared; as docs/recordings.md has them."""
WHOLE = {
    "m0_migrate", "m4_forked", "m4_healthy", "m4_healthy_shrink", "m4_mlock", "m4_one_page", "m4_partial",
    "m4_two_folios", "m9_pmd", "m9_pmd_child", "m9_pte", "p4_pin", "p4_pin_all",
    "p0_pin_fork", "p4_pin_fork", "p4_pin_forked_write", "p4_pin_zap",
    "l4_mlock_dontneed_locked", "l4_mlock_first", "l4_mlock_fork", "l4_mlock_middle",
    "r4_reparent_zap", "r9_reparent", "t4_ptreclaim", "t9_ptreclaim",
    "s0_pageout", "s4_fork_pageout", "s4_mlock_pageout",
    "s4_pageout", "s4_partial_pageout", "s4_swapoff", "s4_zap_swapped", "s4_zeros", "s9_pageout", "s9_pte",
    "s9_reclaim",
    "k4_khugepaged_mthp", "k4_khugepaged_mthp_511", "k9_collapse_o0", "k9_collapse_o4", "k9_collapse_partial_o4",
    "k9_khugepaged_none0", "k9_khugepaged_o0", "k9_khugepaged_one", "u4_move", "u4_move_part", "u9_move",
}  # fmt: skip
"""Scenarios that 6.12.118 and 7.3.4 did, and that are compared from their first step to their last."""


@cache
def found(kernel):
    """Return what comes of every scenario that a kernel did."""
    return {result.scenario: result for result in results(str(MORE / f"{kernel}.jsonl.xz"))}


@pytest.mark.parametrize("kernel", LISTED)
def test_nothing_differs(kernel):
    """Every step that the model has is equal: page tables, folios, counters, smaps, calls and rmap removals.

    What is excepted is listed, and does differ.
    """
    rows = [(name, row) for name, result in found(kernel).items() for row in result.rows]
    listed = [(*step, entry.field) for entry in EXCLUSIONS for step in entry.steps if step[0] == kernel]

    assert [(name, row) for name, row in rows if not row.reason] == []
    assert sorted((kernel, name, row.step, row.what.split()[-1]) for name, row in rows) == sorted(
        one for one in listed if one[1] in found(kernel)
    )


@pytest.mark.parametrize("kernel", LISTED)
def test_as_much_is_compared_as_the_page_says(kernel):
    """A scenario that ends says why, and the page has the sums."""
    all_of_them = found(kernel).values()
    whole = [result for result in all_of_them if result.compared == result.steps]

    assert all(result.note for result in all_of_them if result not in whole)
    assert LISTED[kernel] == [
        len(all_of_them),
        len(whole),
        sum(result.steps for result in all_of_them),
        sum(result.compared for result in all_of_them),
    ]


def test_the_page_lists_every_file():
    """No file is left out, and none is missing."""
    assert sorted(LISTED) == sorted(path.name.removesuffix(".jsonl.xz") for path in MORE.iterdir())


@pytest.mark.parametrize("kernel", ["6.12.118", "7.3.4", "7.3.4-no_page_mapcount"])
def test_migration_pins_and_locks_are_compared_to_the_end(kernel):
    """These kernels queue what moved as the models do."""
    assert {name for name in WHOLE if found(kernel)[name].compared < found(kernel)[name].steps} == set()


@pytest.mark.parametrize(
    ("kernel", "scenario", "why"),
    [
        ("6.12.85", "m4_healthy_shrink", "does not queue the new folio"),
        ("6.18.15", "m4_healthy", "does not queue the new folio"),
        ("7.3.4", "q4_ksm", "mergeable is no operation of the model"),
    ],
)
def test_why_the_rest_is_not(kernel, scenario, why):
    """The step at which the comparison ends names what the model lacks, or what this release does otherwise."""
    result = found(kernel)[scenario]

    assert 0 < result.compared < result.steps
    assert why in result.note


def test_the_words_that_end_a_comparison_are_few():
    """Most of what is left is KSM and memory failure: what the model does not have."""
    ends = Counter(
        result.note.partition(": ")[2].split(" is no operation")[0]
        for result in found("7.3.4").values()
        if " is no operation" in result.note
    )

    assert set(ends) <= {
        "mergeable",
        "hwpoison",
        "softoffline",
    }
