"""mmu_gather: where batches begin and end, and when a flush is due."""

from __future__ import annotations

import pytest

from folioviz.machine.memory import GATHER_CAPACITY, Sizes

LARGE = Sizes(pages=10240, tables=96, vmas=8)


@pytest.mark.parametrize(
    ("pages", "batches"),
    [
        (7, 0),
        (8, 1),
        (517, 1),
        (518, 2),
        (1027, 2),
        (1028, 3),
        (1536, 3),
        (1537, 3),
        (1538, 4),
        (2047, 4),
        (2048, 5),
    ],
)
def test_a_batch_is_allocated_when_the_one_before_is_full(after, spent, pages, batches):
    """The local bundle holds 8 pages and each batch 510: the page that fills one up allocates the next."""
    lab = after(f"mm; mmap 1 0 2048; {faults(4)}; dontneed 1 0 {pages}", sizes=LARGE)

    assert spent(lab).get("gbatch", 0) == batches
    assert "tfull" not in spent(lab)


def faults(tables):
    """Return faults that fill page tables."""
    return "; ".join(f"fault 1 {i * 512} 9" for i in range(tables))


@pytest.mark.parametrize(
    ("pages", "full"), [(GATHER_CAPACITY - 1, 0), (GATHER_CAPACITY, 1), (GATHER_CAPACITY + 1, 1)]
)
def test_the_gather_is_full_with_page_9698(after, spent, pages, full):
    """19 batches and no more: the page that fills the last one forces a flush."""
    costs = spent(after(f"mm; mmap 1 0 10240; {faults(19)}; dontneed 1 0 {pages}", sizes=LARGE))

    assert (costs["gbatch"], costs.get("tfull", 0), costs.get("tforce", 0)) == (19, full, full)
    assert costs["tflush"] == 1 + full


def test_after_a_flush_the_batches_are_used_again(after, spent):
    """A flush keeps the batches that there are: the second round through them allocates nothing."""
    costs = spent(after(f"mm; mmap 1 0 2048; glimit 1; {faults(4)}; dontneed 1 0 2048"))

    assert (costs["gbatch"], costs["tfull"], costs["tlbrm"]) == (1, 2048 // 518, 2048)


def test_a_flush_needs_something_cleared(after, spent):
    """tlb_flush_mmu() is called in any case; the TLB is flushed only if an entry was cleared since the last time."""
    assert spent(after("mm; mmap 1 0 64; munmap 1 0 64")) == {"tflush": 1}
    assert spent(after("mm; mmap 1 0 64; fault 1 0 0; dontneed 1 0 64"))["thw"] == 1


@pytest.mark.parametrize("limit", [-1, 0, 1])
def test_the_limit_is_of_no_effect_without_a_gather(after, spent, limit):
    """On s390 nothing waits: no batch, never full, the reference is dropped at once."""
    costs = spent(after(f"mm; mmap 1 0 512; glimit {limit}; fault 1 0 9; munmap 1 0 512", mmu_gather="none"))

    assert (costs["tlbrm"], costs["rput"], costs["tflush"]) == (512, 512, 1)
    assert not {"gbatch", "tfull", "tforce"} & set(costs)


def test_nothing_waits_behind_an_operation(after):
    """The gather is empty again, whatever filled it."""
    machine = after(f"mm; mmap 1 0 2048; glimit 1; {faults(4)}; exit 1").machine

    assert not machine.tlb_batch_nr.any()
    assert machine.tlb_active[0] == machine.tlb_batch_count[0] == machine.tlb_cleared[0] == 0
