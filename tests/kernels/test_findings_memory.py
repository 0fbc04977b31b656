"""Who may write, what is zero, which tables go: findings of the functions of the kernels after the series."""

from __future__ import annotations

import pytest

from folioviz.machine import journal as j
from folioviz.ops.walk import queue
from tests.kernels.telling import FLAGGING, SINCE_V6_8, flagged, on_the_queue

OWNERS = ("folio_mm_id_0", "folio_mm_id_mapcount_0", "folio_mm_id_1", "folio_mm_id_mapcount_1")


@pytest.mark.parametrize("kernel", ["g73", "g73n"])
def test_an_owner_that_came_third_is_undercounted(after, spent, kernel):
    """It gets a slot at its PMD split, minus the PMD that was never counted there; it copies though it is alone."""
    line = "mm; mmap 1 0 512; faultpmd 1 0; fork 1; fork 1; exit 1; exit 2; splitpmd 3 0"
    machine = after(line, kernel).machine
    head = int(machine.folio_order.argmax())

    assert [int(getattr(machine, name)[head]) for name in OWNERS] == [3, 510, 0, -1]
    assert (machine.folio_large_mapcount[head], machine.folio_mm_ids_shared[head]) == (511, 1)
    assert spent(after(f"{line}; write 3 7", kernel))["palloc"] == 1


@pytest.mark.parametrize("kernel", SINCE_V6_8[:4])
def test_only_v7_3_reuses_a_large_folio(after, spent, reasons, kernel):
    """When the child is gone the parent copies each page; v7.3 sees one owner with all mappings, and reuses them."""
    line = "mm; mmap 1 0 64; fault 1 0 4; fork 1; exit 2; write 1 3"

    assert spent(after(line, kernel))["palloc"] == 1
    assert spent(after(line, "g73")) == {"mmlock": 1, "aef": 1}
    assert (j.COPIED_LARGE, 1, 3) in reasons(after(line, kernel))
    assert (j.REUSED_OWNER, 1, 3) in reasons(after(line, "g73"))


def test_v7_3_copies_the_last_mapping(after, spent):
    """One mapping left is no reason to keep a whole folio."""
    line = "mm; mmap 1 0 64; fault 1 0 2; fork 1; exit 2; dontneed 1 0 3; write 1 3"

    assert [spent(after(line, kernel))["palloc"] for kernel in SINCE_V6_8] == [1] * 6


@pytest.mark.parametrize("kernel", SINCE_V6_8)
def test_flagging_takes_the_lock_though_the_folio_is_linked(after, spent, kernel):
    """A huge page waits since it was born; v6.12 locks the queue again to flag it."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; dontneed 1 0 1", kernel)
    cost = spent(lab)
    born = kernel in FLAGGING

    assert (cost["sqlock"], cost.get("qadd", 0)) == (1, 0 if born else 1)
    assert on_the_queue(lab) == [1]


@pytest.mark.parametrize(("kernel", "result"), [("g612", -1), ("g73", 0), ("g73n", 0)])
def test_the_first_shrink_drops_what_is_not_flagged(after, kernel, result):
    """v6.12 says that it is done, v7.3 that it split none; partial unmapping queues the folio again."""
    line = "mm; mmap 1 0 512; faultpmd 1 0; shrink 1"
    lab = after(line, kernel)

    assert (lab.applied[-1].result, on_the_queue(lab)) == (result, [])
    lab = after(f"{line}; dontneed 1 0 1", kernel)
    assert (on_the_queue(lab), flagged(lab)) == ([1], [1])


@pytest.mark.parametrize("kernel", FLAGGING)
def test_a_split_maps_zeros_to_the_zero_page(after, kernel):
    """Also where the folio was split because it was flagged, not because it was underused; v6.10 keeps the pages."""
    line = "mm; mmap 1 0 64; fault 1 0 4; zero 1 4 8; dontneed 1 0 2; shrink 1"
    lab = after(line, kernel)

    assert (lab.machine.mm_rss[0], lab.machine.thp_underused_split_page[0]) == (6, 0)
    assert after(line, "g610").machine.mm_rss[0] == 14


def test_what_was_zero_stays_zero_as_it_moves(after):
    """A migration copies the zeros and maps pages; only the split that comes after it maps the zero page."""
    line = "mm; mmap 1 0 512; faultpmd 1 0; shrink 1; splitpmd 1 0; zero 1 0 500; migrate 1"
    moved = after(line, "g612")

    assert moved.machine.mm_rss[0] == 512
    assert after(f"{line}; split 2", "g612").machine.mm_rss[0] == 12


def test_a_zero_page_is_unmapped_with_a_flush(after, spent):
    """There is nothing to put and nothing to give to the gather, but a translation to forget."""
    line = "mm; mmap 1 0 64; fault 1 0 4; zero 1 0 16; split 1; munmap 1 0 64"

    assert spent(after(line, "g612")) == {"thw": 1, "tflush": 1, "zround": 1}


@pytest.mark.parametrize(("kernel", "result"), [("g612", -1), ("g73", 0), ("g73n", 0)])
def test_a_pinned_underused_folio_leaves_the_queue(after, kernel, result):
    """Its split fails, and nobody will try again."""
    line = "mm; mmap 1 0 512; maxnone 10; faultpmd 1 0; zero 1 0 50; get 1; shrink 1"
    lab = after(line, kernel)

    assert (lab.applied[-1].result, on_the_queue(lab)) == (result, [])
    assert lab.machine.vm_event.tolist() == [0, 0, 1, 0]
    split = after(line.replace("get 1; ", ""), kernel)
    assert (split.applied[-1].result, split.machine.thp_underused_split_page[0]) == (1, 1)


def test_511_zeros_are_never_too_many(after):
    """max_ptes_none of 511 turns the search off: even a folio of zeros alone is not underused."""
    line = "mm; mmap 1 0 512; faultpmd 1 0; zero 1 0 512; shrink 1"

    assert after(line, "g612").applied[-1].result == -1
    assert after(f"maxnone 510; {line}", "g612").applied[-1].result == 1


def test_sharing_hides_what_is_missing(after):
    """Both processes drop the same half: as many mappings as pages, so v7.3 without page mapcounts sees no gap."""
    line = "mm; mmap 1 0 64; fault 1 0 4; fork 1; dontneed 1 0 8; dontneed 2 0 8"
    labs = [after(line, kernel) for kernel in ("g73", "g73n")]

    assert [flagged(lab) for lab in labs] == [[1], []]
    assert [lab.machine.vmstat[0] for lab in labs] == [8, 16]
    assert flagged(after(f"{line}; dontneed 2 8 1", "g73n")) == [1]


def test_v7_3_frees_page_tables_even_if_they_are_empty(after, spent):
    """One flush of the hardware for nothing; v6.12 leaves the table, and walks it again."""
    line = "mm; mmap 1 0 512; fault 1 0 0; dontneed 1 0 1; dontneed 1 0 512"
    labs = {kernel: after(line, kernel) for kernel in ("g612", "g73")}

    assert {kernel: spent(lab) for kernel, lab in labs.items()} == {
        "g612": {"tflush": 1, "zround": 1},
        "g73": {"tflush": 1, "thw": 1, "zround": 1},
    }
    assert [int(lab.machine.pmd[0] > 0) for lab in labs.values()] == [1, 0]


def test_v7_3_takes_one_gather_for_all_vmas(after, spent):
    """MADV_DONTNEED across two VMAs: one flush instead of two."""
    line = "mm; mmap 1 0 8; mmap 1 8 8; fault 1 0 3; fault 1 8 3; dontneed 1 0 16"

    assert [spent(after(line, kernel))["thw"] for kernel in SINCE_V6_8] == [2, 2, 2, 2, 1, 1]


def test_fork_takes_a_run_at_once(after, spent):
    """v6.9 takes one reference for sixteen pages; without page mapcounts there is one count, too."""
    costs = [spent(after("mm; mmap 1 0 64; fault 1 0 4; fork 1", kernel)) for kernel in SINCE_V6_8]

    assert [cost["rget"] for cost in costs] == [16, 1, 1, 1, 1, 1]
    assert [cost.get("mapc", 0) for cost in costs] == [16, 16, 16, 16, 16, 0]
    assert [cost.get("lmc", 0) + cost.get("mmlock", 0) for cost in costs] == [0, 0, 1, 1, 1, 1]


def test_order_1_is_a_bug_in_v6_8_only(after):
    """v6.9 passes it over: it is never queued, never flagged."""
    labs = [after("mm; mmap 1 0 64; fault 1 0 1; dontneed 1 0 1", kernel) for kernel in SINCE_V6_8]

    assert [lab.machine.bugs() for lab in labs] == [["vm_bug:folio_order(folio) < 2"], *[[]] * 5]
    assert [len(queue(lab.machine)) for lab in labs] == [0] * 6


def test_what_cannot_be_split_goes_to_the_tail(after, spent):
    """v7.3 takes a folio off the queue to look at it, and the lock once more to put it back."""
    line = "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; dontneed 1 0 1; dontneed 1 16 1; get 1; shrink 1"
    labs = [after(line, kernel) for kernel in SINCE_V6_8]

    assert [on_the_queue(lab) for lab in labs] == [[2, 1]] * 6
    assert [spent(lab)["sqlock"] for lab in labs] == [2] * 6
    assert [spent(lab).get("qadd", 0) for lab in labs] == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("word", ["free", "cold"])
def test_advice_on_a_part_splits(after, word):
    """v6.8 splits also what the range covers wholly; a folio that others may map is left alone."""
    setup = "mm; mmap 1 0 64; fault 1 0 4"
    lines = (f"{setup}; {word} 1 0 16", f"{setup}; {word} 1 1 2", f"{setup}; fork 1; {word} 1 1 2")
    orders = [[int(after(line, kernel).machine.folio_order[0]) for kernel in SINCE_V6_8] for line in lines]

    assert orders == [[0, 0, 4, 4, 4, 4], [0] * 6, [4] * 6]


def test_advice_leaves_order_1_alone(after):
    """No fault of these kernels brings such a folio, and it has no room for the queue's link."""
    line = "mm; mmap 1 0 64; fault 1 0 1; free 1 0 1"

    assert [int(after(line, kernel).machine.folio_order[0]) for kernel in SINCE_V6_8] == [1] * 6


def test_advice_asks_the_owners(after):
    """The parent dropped its first page: v6.9 looks there only, v6.10 counts mappings, v7.3 knows the owners.

    If nobody maps the first page, v6.8 takes the folio for a shared one.
    """
    line = "mm; mmap 1 0 64; fault 1 0 4; fork 1; dontneed 1 0 1; cold 1 1 2"
    more = "mm; mmap 1 0 64; fault 1 0 4; fork 1; dontneed 1 0 8; dontneed 2 0 4; cold 2 5 2"

    assert [int(after(line, kernel).machine.folio_order[0]) for kernel in SINCE_V6_8] == [0, 0, 4, 4, 4, 4]
    assert [int(after(more, kernel).machine.folio_order[0]) for kernel in SINCE_V6_8] == [4, 0, 4, 4, 4, 4]


def test_a_fault_takes_the_largest_size_that_fits(after):
    """Two sizes are enabled: 40 pages become two folios of 16 and two of 4."""
    for kernel in SINCE_V6_8:
        machine = after("enabled 4 1; enabled 2 1; mm; mmap 1 0 40; touch 1 0 40", kernel).machine

        assert machine.folio_order[machine.folio_id > 0].tolist() == [4, 4, 2, 2]


def test_huge_pages_are_not_queued_at_birth_if_that_is_turned_off(after):
    """shrink_underused decides whether the shrinker will ever look at them."""
    line = "mm; mmap 1 0 512; faultpmd 1 0"

    assert [on_the_queue(after(line, kernel)) for kernel in SINCE_V6_8] == [[], [], [], [1], [1], [1]]
    assert [on_the_queue(after(f"underused 0; {line}", kernel)) for kernel in SINCE_V6_8[3:]] == [[]] * 3
