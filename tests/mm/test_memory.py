"""Faults, writes, fork, and zapping page table by page table."""

from __future__ import annotations

import pytest

from folioviz.machine import journal as j
from folioviz.ops.walk import page_at


def test_a_fault_maps_every_page_of_a_folio(after, spent):
    """One folio, one reference and one exclusive, writable PTE per page."""
    lab = after("mm; mmap 1 0 64; fault 1 8 3")
    machine = lab.machine

    assert [page_at(machine, 0, vpn) for vpn in range(7, 17)] == [-1, *range(8), -1]
    assert machine.folio_refcount[0] == machine.folio_nr_pages_mapped[0] == machine.mm_rss[0] == 8
    assert spent(lab) == {"palloc": 8, "rget": 1, "lru": 1}


@pytest.mark.parametrize(
    ("line", "reason", "copied"),
    [
        ("fault 1 0 0; fork 1; exit 2", j.REUSED_LAST, False),
        ("fault 1 0 0; fork 1", j.COPIED, True),
        ("fault 1 0 2; fork 1; exit 2", j.COPIED, True),
        ("fault 1 0 2; fork 1; exit 2; dontneed 1 1 3", j.REUSED_LAST, False),
        ("faultpmd 1 0; fork 1; exit 2", j.REUSED_LAST, False),
        ("faultpmd 1 0; fork 1", j.COPIED, True),
        ("fault 1 0 2; fork 1; exit 2; dontneed 1 1 3; write 1 0; fork 1; exit 3", j.REUSED_LAST, False),
    ],
)
def test_a_write_reuses_or_copies(after, reasons, line, reason, copied):
    """A page is reused if it is exclusive or the reference is the folio's last; else it is copied."""
    lab = after(f"mm; mmap 1 0 512; {line}; write 1 0")

    assert reason in {found for found, _, _ in reasons(lab)}
    assert (page_at(lab.machine, 0, 0) != 0) == copied


def test_a_second_write_costs_nothing(after, spent):
    """A writable page is just written to."""
    assert spent(after("mm; mmap 1 0 8; write 1 3; write 1 3")) == {}


def test_a_zap_cut_short_enters_the_table_again(after, spent):
    """With 8 places in the gather, 16 small pages take two rounds; the second one ends with the range."""
    faults = "; ".join(f"fault 1 {vpn} 0" for vpn in range(16))
    costs = spent(after(f"mm; mmap 1 0 16; glimit 0; {faults}; dontneed 1 0 16"))

    assert (costs["zround"], costs.get("zrestart"), costs["tforce"], costs["tflush"]) == (2, 1, 2, 3)


def test_an_empty_table_costs_a_round_and_none_costs_nothing(after, spent):
    """zap_pte_range() is called for each page table that there is, empty ones included."""
    assert spent(after("mm; mmap 1 0 1024; dontneed 1 0 1024")).get("zround") is None
    assert spent(after("mm; mmap 1 0 1024; fault 1 0 0; dontneed 1 0 1024; dontneed 1 0 1024"))["zround"] == 1


def test_a_huge_page_is_zapped_whole_or_split(after, spent):
    """A range that covers a huge page takes its PMD away; one that does not splits it first."""
    whole = spent(after("mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 0 512"))
    part = after("mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 0 511")

    assert (whole["entm"], whole.get("mapc")) == (1, None)
    assert (spent(part)["entm"], spent(part)["mapc"]) == (1, 512 + 511)
    assert part.machine.mm_rss[0] == 1


def test_page_tables_go_with_the_last_vma_above_them(after):
    """A table stays while any VMA lies over its 2 MiB."""
    line = "mm; mmap 1 0 8; mmap 1 100 8; fault 1 0 0; fault 1 100 0; munmap 1 0 8"

    assert after(line).machine.pmd[0] != 0
    assert after(f"{line}; munmap 1 100 8").machine.pmd[0] == 0


def test_fork_copies_tables_and_no_pages(after, spent):
    """The child gets a table of its own, also an empty one, and shares every page."""
    lab = after("mm; mmap 1 0 1024; fault 1 0 2; fault 1 512 0; dontneed 1 512 1; fork 1")
    machine = lab.machine

    assert (machine.pmd[512:514] & 1).tolist() == [1, 1]
    assert len({*machine.pmd[:2].tolist(), *machine.pmd[512:514].tolist()}) == 4
    assert spent(lab) == {"mapc": 4, "rget": 4}
    assert machine.mm_rss[:2].tolist() == [4, 4]
