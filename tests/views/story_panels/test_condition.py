"""The condition that queues a folio, as the panel tells it, against what the kernels do."""

from __future__ import annotations

import pytest

from folioviz.machine.journal import NOT_QUEUED_ALREADY, QUEUED, WHY
from folioviz.readout import state
from folioviz.stories.parts.pieces import SERIES, ran
from folioviz.views.story_panels.condition import decide, live, removals

WHOLE = "mm; mmap 1 0 64; fault 1 0 4"
HUGE = "mm; mmap 1 0 512; faultpmd 1 0"
BOTH = f"{HUGE}; fork 1; splitpmd 2 0"


def queues(before, removal, key):
    """Tell whether an operation makes a kernel ask for the folio to be queued."""
    lab = ran(f"{before}; {removal}", key)
    rows = lab.rows(len(lab.steps) - 1)
    asked = rows[(rows[:, 0] == WHY) & ((rows[:, 1] == QUEUED) | (rows[:, 1] == NOT_QUEUED_ALREADY))]
    return bool(asked.size)


def told(before, text, rule, key):
    """Tell whether the panel says so."""
    folio = state.folios(ran(before, key).machine)[0]
    [removal] = [one for one in removals(folio) if one.text.startswith(text)]
    return decide(rule, folio, removal).queues


@pytest.mark.parametrize("rule", range(4))
@pytest.mark.parametrize(
    ("before", "operation", "text"),
    [
        (WHOLE, "dontneed 1 0 1", "the only PTE of page 0"),
        (WHOLE, "dontneed 1 0 64", "a PTE of each of 16 pages"),
        (f"{WHOLE}; dontneed 1 0 15", "dontneed 1 15 1", "the only PTE of page 15"),
        (f"{WHOLE}; dontneed 1 0 14", "dontneed 1 0 64", "a PTE of each of 2 pages"),
        (f"{WHOLE}; dontneed 1 7 2", "dontneed 1 0 64", "a PTE of each of 14 pages"),
        (f"{WHOLE}; fork 1", "dontneed 2 0 1", "one of 2 PTEs of page 0"),
        (f"{WHOLE}; fork 1", "dontneed 2 0 64", "a PTE of each of 16 pages"),
        (f"{WHOLE}; fork 1; dontneed 2 0 4", "dontneed 1 0 64", "a PTE of each of 16 pages"),
        ("mm; mmap 1 0 64; fault 1 0 2", "dontneed 1 0 64", "a PTE of each of 4 pages"),
        ("mm; mmap 1 0 64; fault 1 0 0", "dontneed 1 0 1", "the only PTE of page 0"),
        ("mm; mmap 1 0 512; fault 1 0 9", "dontneed 1 0 1", "the only PTE of page 0"),
        ("mm; mmap 1 0 512; fault 1 0 9", "dontneed 1 0 512", "a PTE of each of 512 pages"),
        (HUGE, "dontneed 1 0 512", "the only PMD"),
        (f"{HUGE}; fork 1", "dontneed 2 0 512", "one of 2 PMDs"),
        (BOTH, "dontneed 2 0 1", "the only PTE of page 0"),
        (BOTH, "dontneed 2 0 512", "a PTE of each of 512 pages"),
        (BOTH, "dontneed 1 0 512", "the only PMD"),
        (f"{BOTH}; dontneed 2 0 100", "dontneed 1 0 512", "the only PMD"),
        (f"{BOTH}; dontneed 2 0 512", "dontneed 1 0 512", "the only PMD"),
    ],
)
def test_the_panel_says_what_the_kernel_does(before, operation, text, rule):
    """For each kernel of the series, on folios mapped in every way."""
    key = SERIES[rule]

    assert told(before, text, rule, key) == queues(before, operation, key)


def test_an_order_1_folio_must_not_be_queued():
    """1/3 and 1-2/3 would, and the panel says what happens then."""
    folio = state.folios(ran("mm; mmap 1 0 64; fault 1 0 1", SERIES[0]).machine)[0]

    assert live(folio).count("VM_BUG_ON") == 5


def test_runs_of_pages():
    """A hole ends a run."""
    folio = state.folios(ran(f"{WHOLE}; dontneed 1 7 2", SERIES[0]).machine)[0]

    assert [one.runs() for one in removals(folio)] == [[1], [7, 7]]
