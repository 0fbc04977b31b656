"""What is held and mapped of a machine, and the counters of its files."""

from __future__ import annotations

import pytest

from folioviz.evidence.recordings import kernels, replayed, scenarios
from folioviz.evidence.recordings.verdict import findings
from folioviz.kernels import KERNELS
from folioviz.proc.node import allocated, memory_stat, stats, totals, vmstat

BALLOON = (
    "mm; mmap 1 0 2048; faultpmd 1 0; faultpmd 1 512; faultpmd 1 1024; faultpmd 1 1536; "
    "dontneed 1 10 1; dontneed 1 11 1; dontneed 1 600 300; dontneed 1 1024 512; touch 1 10 2"
)


@pytest.mark.parametrize("key", [key for key, kernel in KERNELS.items() if "v6.5" not in key])
def test_pages_that_are_given_back_one_by_one_stay_held(key, after):
    """Four huge pages lose 2, 300 and 512 pages, two come back as new ones: 302 are held and nobody maps them."""
    lab = after(BALLOON, key)

    assert totals(lab.machine) == (1538, 1236)
    assert totals(lab.machine).lost == 302


@pytest.mark.parametrize("key", KERNELS)
def test_held_is_mapped_and_lost(key, after):
    """At any row, also where an operation is under way; a pin holds what nobody maps."""
    lab = after("mm; mmap 1 0 1024; faultpmd 1 0; fork 1; get 1; dontneed 1 0 512; exit 2", key)
    for row in (*range(0, len(lab.journal), 17), len(lab.journal)):
        lab.seek(row)
        found = totals(lab.machine)
        assert 0 <= found.mapped <= found.held
        assert found.lost == found.held - found.mapped

    assert (found.held, found.mapped) == (512, 0)


def test_faults_are_counted_and_moves_are_not(after):
    """A folio that another is moved to came by no fault; what lies behind the cursor is not counted."""
    lab = after(
        "mm; mmap 1 0 1024; faultpmd 1 0; fault 1 512 4; fault 1 528 4; migrate 2; fault 1 544 0", "v7.3"
    )

    assert allocated(lab) == {0: 1, 4: 2, 9: 1}
    assert stats(lab)[4]["anon_fault_alloc"] == 2
    assert stats(lab)[4]["nr_anon"] == 2
    assert vmstat(lab)["thp_fault_alloc"] == memory_stat(lab)["thp_fault_alloc"] == 1

    lab.seek(lab.applied[4].start)

    assert allocated(lab) == {4: 1, 9: 1}


@pytest.mark.parametrize(("key", "flagged"), [("v6.10", None), ("v6.12", 1), ("v7.3", 1)])
def test_a_migration_counts_a_whole_folio_as_partial(key, flagged, after):
    """Put back page by page, a healthy folio stays flagged: the statistic says partial, and nothing is lost."""
    lab = after("mm; mmap 1 0 16; fault 1 0 4; remap 1", key)

    assert totals(lab.machine) == (16, 16)
    assert stats(lab)[4].get("nr_anon_partially_mapped") == flagged


def test_a_size_has_statistics_from_order_2_on(after):
    """No kernel offers anonymous folios of order 1; sizes of which nothing was counted are left out."""
    lab = after("mm; mmap 1 0 64; fault 1 0 1; fault 1 16 3; dontneed 1 16 1", "v7.3")

    assert stats(lab) == {
        3: {
            "anon_fault_alloc": 1,
            **dict.fromkeys(("swpout", "swpout_fallback", "swpin"), 0),
            "split": 0,
            "split_failed": 0,
            "split_deferred": 1,
            "nr_anon": 1,
            "nr_anon_partially_mapped": 1,
        }
    }


@pytest.mark.parametrize("kernel", kernels())
def test_the_files_show_what_kernels_showed(kernel):
    """Over whole scenarios the counters of vmstat and of the sizes rose by what was recorded, step for step."""
    compared = 0
    for name in scenarios(kernel):
        replay = replayed(kernel, name)
        if not replay.steps or any(findings(replay, step) or step.not_modelled for step in replay.steps):
            continue
        theirs: dict[str, int] = {}
        for step in replay.steps:
            for counter, change in step.kernel.counters.items():
                theirs[counter] = theirs.get(counter, 0) + change
        ours = vmstat(replay.lab) | {
            f"{4 << order}kB {counter}": value
            for order, values in stats(replay.lab).items()
            for counter, value in values.items()
        }
        for counter, value in ours.items():
            if counter in theirs and counter != "nr_anon_pages":
                assert (name, counter, value) == (name, counter, theirs[counter])
                compared += 1

    assert compared > 50
