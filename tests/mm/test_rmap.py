"""Mapcounts, and why a folio is queued or not."""

from __future__ import annotations

import pytest

from folioviz.machine import journal as j
from folioviz.machine.memory import COMPOUND_MAPPED

QUEUEING = {
    "a small folio": ("fault 1 0 0; dontneed 1 0 1", "base", [(j.NOT_QUEUED_SMALL, 1, 0)]),
    "of an order that is not queued": ("fault 1 0 4; dontneed 1 0 1", "base", [(j.NOT_QUEUED_ORDER, 1, 4)]),
    "of an order that 1/3 queues": ("fault 1 0 4; dontneed 1 0 1", "p1", [(j.QUEUED, 1, 15)]),
    "partially mapped already": (
        "fault 1 0 4; dontneed 1 0 1; dontneed 1 1 1",
        "p1",
        [(j.NOT_QUEUED_ALREADY, 1, 0)],
    ),
    "still mapped elsewhere": (
        "fault 1 0 4; fork 1; dontneed 1 0 1",
        "p1",
        [(j.NOT_QUEUED_STILL_MAPPED, 1, 0)],
    ),
    "mapped by a PMD, too": (
        "faultpmd 1 0; fork 1; splitpmd 2 0; dontneed 2 0 1",
        "p1",
        [(j.NOT_QUEUED_PMD_MAPPED, 1, 511)],
    ),
    "a whole PMD": ("faultpmd 1 0; dontneed 1 0 512", "p1", [(j.NOT_QUEUED_UNMAPPED, 1, 512)]),
    "a PMD above PTEs": (
        "faultpmd 1 0; fork 1; splitpmd 2 0; dontneed 2 0 100; dontneed 1 0 512",
        "p1",
        [(j.QUEUED, 1, 412)],
    ),
}


@pytest.mark.parametrize("name", QUEUEING)
def test_the_reason_is_on_record(after, reasons, name):
    """Each time a mapping goes, the journal tells what became of the folio."""
    line, kernel, want = QUEUEING[name]
    about_the_queue = set(range(j.QUEUED, j.NOT_QUEUED_ALREADY + 1))
    found = [row for row in reasons(after(f"mm; mmap 1 0 512; {line}", kernel)) if row[0] in about_the_queue]

    assert found == want


def test_a_fully_unmapped_folio_is_queued_by_the_base_and_not_by_2_3(after, reasons):
    """v6.5-rc3 does not look whether anything is mapped still: a folio's last page queues it once more."""
    line = "mm; mmap 1 0 512; fault 1 0 9; get 1; munmap 1 0 512"
    last = {kernel: after(line, kernel) for kernel in ("base", "p1", "p12", "v4")}

    assert [lab.machine.split_queue_len[0] for lab in last.values()] == [1, 1, 1, 0]
    assert j.NOT_QUEUED_UNMAPPED in {reason for reason, _, _ in reasons(last["v4"])}


def test_both_ways_of_mapping_are_counted_at_once(after):
    """_nr_pages_mapped has a bit for PMDs above the number of pages that have PTEs."""
    machine = after("mm; mmap 1 0 512; faultpmd 1 0; fork 1; splitpmd 2 0; dontneed 2 0 12").machine

    assert machine.folio_nr_pages_mapped[0] == COMPOUND_MAPPED + 500
    assert machine.folio_entire_mapcount[0] == 0
    assert machine.page_mapcount[[11, 12]].tolist() == [-1, 0]
    assert machine.vmstat.tolist() == [512, 512]


def test_fork_makes_pages_shared(after):
    """AnonExclusive goes with the second mapping, and comes back with a write by the last one who maps it."""
    assert after("mm; mmap 1 0 64; fault 1 0 2").machine.page_anon_exclusive[:4].tolist() == [1, 1, 1, 1]
    assert after("mm; mmap 1 0 64; fault 1 0 2; fork 1").machine.page_anon_exclusive[:4].tolist() == [
        0,
        0,
        0,
        0,
    ]
    lab = after("mm; mmap 1 0 64; fault 1 0 2; fork 1; dontneed 1 0 3; exit 2; write 1 3")
    assert lab.machine.page_anon_exclusive[:4].tolist() == [0, 0, 0, 1]


def test_a_split_puts_every_mapping_back(after):
    """Two processes map a folio; after the split each maps the same pages, with the same right to write."""
    line = "mm; mmap 1 0 64; fault 1 0 3; fork 1; dontneed 2 0 2; write 1 7"
    before, behind = (after(line + more).machine for more in ("", "; split 1"))

    assert (before.pte[before.pte > 0] == behind.pte[behind.pte > 0]).all()
    assert (before.page_mapcount == behind.page_mapcount).all()
    assert behind.folio_order[:8].tolist() == [0] * 8


def test_a_move_is_followed(after):
    """The rmap walk finds pages of one folio at two places of a process, by their page offset."""
    machine = after("mm; mmap 1 0 64; fault 1 0 4; mremap 1 8 8 200; split 1").machine

    assert machine.page_mapcount[:16].tolist() == [0] * 16
    assert machine.folio_order[:16].tolist() == [0] * 16
    assert machine.folio_refcount[:16].tolist() == [1] * 16
