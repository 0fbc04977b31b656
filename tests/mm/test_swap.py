"""Dropping references: at the end of a gather, large folios at once and small ones together."""

from __future__ import annotations

from folioviz.machine.journal import FREED, UNQUEUED_FREED


def test_small_folios_are_freed_behind_the_large_ones_of_their_batch(after, reasons):
    """A large folio is freed as soon as its last page comes by; small ones at the end, the last one first."""
    lab = after("mm; mmap 1 0 8; fault 1 0 0; fault 1 1 0; fault 1 4 2; fault 1 2 0; munmap 1 0 8")

    assert [folio for reason, folio, _ in reasons(lab) if reason == FREED] == [3, 4, 2, 1]


def test_without_a_gather_each_is_freed_when_it_is_zapped(after, reasons):
    """On s390 the order is that of the addresses."""
    lab = after(
        "mm; mmap 1 0 8; fault 1 0 0; fault 1 1 0; fault 1 4 2; fault 1 2 0; munmap 1 0 8", mmu_gather="none"
    )

    assert [folio for reason, folio, _ in reasons(lab) if reason == FREED] == [1, 2, 4, 3]


def test_a_freed_folio_leaves_the_queue(after, reasons, spent):
    """free_transhuge_page() takes it off, at the price of one more lock."""
    lab = after("mm; mmap 1 0 16; fault 1 0 4; dontneed 1 0 1; munmap 1 0 16", "v4")

    assert (UNQUEUED_FREED, 1, 0) in reasons(lab)
    assert (spent(lab)["sqlock"], spent(lab)["qdel"]) == (1, 1)
    assert lab.machine.split_queue_len[0] == 0
