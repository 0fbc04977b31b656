"""Processes and VMAs: made, cut in two, and gone."""

from __future__ import annotations

import pytest

from folioviz.ops.walk import live_mms
from tests.strategies import vmas_of


@pytest.mark.parametrize(
    ("munmap", "left"),
    [
        ("0 64", []),
        ("0 8", [(8, 64)]),
        ("60 99", [(0, 60)]),
        ("8 8", [(0, 8), (16, 64)]),
        ("100 9", [(0, 64)]),
    ],
)
def test_munmap_cuts_vmas(after, munmap, left):
    """What lies outside the range stays; no VMA in the range is no error."""
    assert vmas_of(after(f"mm; mmap 1 0 64; munmap 1 {munmap}").machine, 0) == left


def test_vmas_are_sorted_and_never_merge(after):
    """Neighbours stay apart, whatever order they come in."""
    assert vmas_of(after("mm; mmap 1 20 5; mmap 1 0 10; mmap 1 10 10").machine, 0) == [
        (0, 10),
        (10, 20),
        (20, 25),
    ]


def test_munmap_of_nothing_costs_nothing(after, spent):
    """Without a VMA in the range there is no gather."""
    assert spent(after("mm; munmap 1 0 64")) == {}


def test_madvise_takes_a_gather_for_each_vma(after, spent):
    """MADV_DONTNEED flushes VMA by VMA, munmap once."""
    line = "mm; mmap 1 0 8; mmap 1 8 8; mmap 1 16 8"

    assert spent(after(f"{line}; dontneed 1 4 15"))["tflush"] == 3
    assert spent(after(f"{line}; munmap 1 4 15"))["tflush"] == 1


def test_ids_of_processes_are_never_given_twice(after):
    """Slots are used again, ids are not; the list is in order of creation."""
    machine = after("mm; mm; mm; exit 2; mm; fork 1").machine

    assert [int(machine.mm_id[slot]) for slot in live_mms(machine)] == [1, 3, 4, 5]
    assert live_mms(machine) == [0, 2, 1, 3]


def test_exit_takes_everything(after):
    """VMAs, tables and pages are free again; a child keeps what it shares."""
    machine = after("mm; mmap 1 0 1024; fault 1 0 4; faultpmd 1 512; fork 1; exit 1").machine
    assert (machine.mm_id[0], machine.mm_rss[0], machine.pmd[:512].any()) == (0, 0, False)
    assert machine.mm_rss[1] == 528

    machine = after("mm; mmap 1 0 1024; fault 1 0 4; faultpmd 1 512; fork 1; exit 1; exit 2").machine
    assert machine.nr_free_pages[0] == machine.sizes.pages


def test_a_reference_outlives_the_mappings(after):
    """A pinned folio stays until the last put."""
    line = "mm; mmap 1 0 64; fault 1 0 4; get 1; get 1; exit 1"

    assert after(line).machine.folio_refcount[0] == 2
    assert after(f"{line}; put 1").machine.folio_id[0] == 1
    assert after(f"{line}; put 1; put 1").machine.folio_id[0] == 0
