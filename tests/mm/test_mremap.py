"""mremap: mappings move, counters stay."""

from __future__ import annotations

import numpy as np

from folioviz.machine.memory import PMD_HUGE, THP_SPLIT_PMD
from folioviz.ops.walk import page_at

COUNTERS = (
    "page_mapcount",
    "folio_refcount",
    "folio_nr_pages_mapped",
    "folio_entire_mapcount",
    "vmstat",
    "mm_rss",
)


def same_counters(one, other):
    """Compare what no move changes."""
    for name in COUNTERS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_pages_move_and_nothing_is_counted(after, spent):
    """PTEs go from one table to another; no atomic, no reference, no statistic."""
    line = "mm; mmap 1 0 64; fault 1 0 4"
    lab = after(f"{line}; mremap 1 4 4 1000")

    same_counters(after(line).machine, lab.machine)
    assert [page_at(lab.machine, 0, vpn) for vpn in (3, 4, 7, 8, 999, 1000, 1003, 1004)] == [
        3,
        -1,
        -1,
        8,
        -1,
        4,
        7,
        -1,
    ]
    assert not {"mapc", "rget", "rput", "lru"} & set(spent(lab))


def test_a_whole_table_moves_as_one(after):
    """Where both sides are aligned and the place is free, the PMD entry moves."""
    line = "mm; mmap 1 0 512; fault 1 0 4"
    table = after(line).machine.pmd[0]
    machine = after(f"{line}; mremap 1 0 512 1024").machine

    assert machine.pmd[[0, 2]].tolist() == [0, table]


def test_a_huge_page_moves_whole_or_is_split(after):
    """Aligned it stays huge; elsewhere its pages are mapped by PTEs of two tables."""
    line = "mm; mmap 1 0 512; faultpmd 1 0"
    whole, parts = (
        after(f"{line}; mremap 1 0 512 1024").machine,
        after(f"{line}; mremap 1 0 512 1025").machine,
    )

    assert whole.pmd[2] & PMD_HUGE
    assert whole.vm_event[THP_SPLIT_PMD] == 0
    assert parts.vm_event[THP_SPLIT_PMD] == 1
    assert [page_at(parts, 0, vpn) for vpn in (1024, 1025, 1535, 1536, 1537)] == [-1, 0, 510, 511, -1]


def test_what_was_at_the_destination_goes_first(after):
    """The destination is unmapped before anything moves there."""
    machine = after("mm; mmap 1 0 8; mmap 1 16 8; fault 1 0 3; fault 1 16 2; mremap 1 0 8 16").machine

    assert machine.folio_id.max() == 1
    assert page_at(machine, 0, 23) == 7


def test_the_page_offset_travels(after):
    """A later move continues the offset of the first mapping, so that rmap finds the pages."""
    machine = after("mm; mmap 1 0 16; fault 1 0 4; mremap 1 8 8 100; mremap 1 104 4 200").machine
    vmas = sorted(zip(machine.vma_start[:8].tolist(), machine.vma_pgoff[:8].tolist(), strict=True))

    assert {(0, 0), (100, 8), (200, 12)} <= set(vmas)
