"""What the kernels after the series do with the queue, as numbers of the model: the findings of their own functions."""

from __future__ import annotations

import pytest

from tests.kernels.telling import FLAGGING, SINCE_V6_8, flagged, of_order, on_the_queue

CUT = {
    "by a page table": "mm; mmap 1 0 64; fault 1 0 4; mremap 1 0 16 1016; munmap 1 1016 16",
    "by a VMA": "mm; mmap 1 0 64; fault 1 0 4; munmap 1 40 1; mremap 1 8 8 104; exit 1",
    "by mprotect()": "mm; mmap 1 0 64; fault 1 0 4; mprotect 1 8 8 0; exit 1",
}


@pytest.mark.parametrize("kernel", SINCE_V6_8[2:])
@pytest.mark.parametrize("how", CUT)
def test_a_folio_that_goes_in_two_runs_is_queued_on_its_way(after, spent, kernel, how):
    """The first run leaves it mapped in part: two locks and one deferred split too many, as in v6.8."""
    lab = after(CUT[how], kernel)
    cost = spent(lab)

    assert (cost["sqlock"], cost["qadd"], cost["qdel"], cost["rput"]) == (2, 1, 1, 2)
    assert cost.get("pmf", 0) == (0 if kernel == "g610" else 2)
    assert of_order(lab, 4) == [0, 0, 1, 0, 0]


@pytest.mark.parametrize("kernel", SINCE_V6_8)
def test_a_migration_that_fails_leaves_a_whole_folio_on_the_queue(after, kernel):
    """It is unmapped page by page: the first one queues it, and the next shrink splits what is fully mapped."""
    line = "mm; mmap 1 0 64; fault 1 0 4; remap 1"
    lab = after(line, kernel)

    assert on_the_queue(lab) == [1]
    assert flagged(lab) == ([1] if kernel in FLAGGING else [])
    assert lab.machine.vmstat.tolist() == [16, 0]
    lab = after(f"{line}; shrink 1", kernel)
    assert (lab.applied[-1].result, lab.machine.folio_order[:16].tolist()) == (1, [0] * 16)


@pytest.mark.parametrize("kernel", SINCE_V6_8[2:])
def test_a_split_undoes_its_own_flag(after, kernel):
    """Nothing is left on the queue, but one deferred split was counted."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; split 1", kernel)

    assert (on_the_queue(lab), flagged(lab)) == ([], [])
    assert of_order(lab, 4) == [1, 0, 1, 0, 0]


@pytest.mark.parametrize("kernel", SINCE_V6_8)
def test_a_huge_page_is_not_flagged_as_it_is_split(after, kernel):
    """Its PMD goes in one piece, so no page is unmapped before the others."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; split 1", kernel)

    assert lab.costs()["pmf"] == 0
    assert (of_order(lab, 9) or [1, 0, 0])[2] == 0


@pytest.mark.parametrize(
    ("kernel", "results", "queued"),
    [
        ("g68", [0, 0], [[], []]),
        ("g69", [0, 0], [[], []]),
        ("g610", [0, 0], [[], []]),
        ("g612", [0, 1], [[2], []]),
        ("g73", [0, 1], [[2], []]),
        ("g73n", [0, 1], [[2], []]),
    ],
)
def test_a_healthy_folio_arrives_flagged(after, kernel, results, queued):
    """v6.12 hands the flag that the unmapping set to the new folio, whose second migration splits it."""
    line = "mm; mmap 1 0 64; fault 1 0 4; migrate 1"
    labs = [after(line, kernel), after(f"{line}; migrate 2", kernel)]

    assert [lab.applied[-1].result for lab in labs] == results
    assert [on_the_queue(lab) for lab in labs] == queued
    if kernel in FLAGGING:
        assert [of_order(lab, 4) for lab in labs] == [[0, 0, 2, 1, 1], [1, 0, 2, 0, 0]]


@pytest.mark.parametrize(
    ("kernel", "result"), [("g68", 0), ("g69", 0), *((key, 1) for key in SINCE_V6_8[2:])]
)
def test_what_waits_for_its_split_is_split_before_it_moves(after, kernel, result):
    """Since v6.10 a folio on the queue is not migrated."""
    assert (
        after("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 4; migrate 1", kernel).applied[-1].result == result
    )


@pytest.mark.parametrize("kernel", SINCE_V6_8)
def test_a_pinned_folio_does_not_move(after, kernel):
    """-EAGAIN, the folio stays where it was, and the new one is gone."""
    lab = after("mm; mmap 1 0 64; fault 1 0 4; get 1; migrate 1", kernel)

    assert lab.applied[-1].result == -11
    assert lab.machine.folio_id[lab.machine.folio_id > 0].tolist() == [1]
    if kernel in FLAGGING:
        assert of_order(lab, 4) == [0, 0, 1, 1, 1]
