"""What counters changed, from files that stay open, and of kernels that do not have all of them."""

from __future__ import annotations

import pytest

from folioviz.record.counters import STATS, VMSTAT, Counters, changes


@pytest.fixture
def machine(tmp_path):
    """Make the files of one size, which lacks a statistic that came later, and a vmstat."""
    stats = tmp_path / "hugepages-64kB" / "stats"
    stats.mkdir(parents=True)
    for name in (*STATS[:-1], "zswpout"):
        (stats / name).write_text("7\n")
    (tmp_path / "vmstat").write_text("nr_free_pages 9\nthp_split_pmd 3\nthp_fault_alloc 5\n")
    return tmp_path


def test_of_the_first_step_all_is_told_of_others_what_changed(machine):
    """A file is read again from its start; what is not compared, or not there, is passed over."""
    with Counters(machine, machine / "vmstat") as counters:
        before = counters.read()
        (machine / "hugepages-64kB" / "stats" / "nr_anon").write_text("6\n")
        (machine / "vmstat").write_text("nr_free_pages 1\nthp_split_pmd 30\nthp_fault_alloc 5\n")
        after = counters.read()

    assert {*before.vm} == {"thp_split_pmd", "thp_fault_alloc"} < {*VMSTAT}
    assert before.mthp == {"64kB": dict.fromkeys(STATS[:-1], 7)}
    assert changes(before, after, whole=False) == {
        "vm": {"thp_split_pmd": 27},
        "mthp": {"64kB": {"nr_anon": -1}},
    }
    first = changes(before, after, whole=True)
    assert first["vm"] == {"thp_split_pmd": 27, "thp_fault_alloc": 0}
    assert first["mthp"]["64kB"] == dict.fromkeys(STATS[:-1], 0) | {"nr_anon": -1}


def test_a_kernel_without_sizes_has_no_statistics(tmp_path):
    """Before v6.8 there is vmstat alone."""
    (tmp_path / "vmstat").write_text("thp_split_pmd 3\n")
    with Counters(tmp_path, tmp_path / "vmstat") as counters:
        assert counters.read() == ({"thp_split_pmd": 3}, {})
