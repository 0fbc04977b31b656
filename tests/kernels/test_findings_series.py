"""What the series does, as numbers of the model: the findings of the kernel's own functions."""

from __future__ import annotations

import pytest

from folioviz.machine import journal as j
from folioviz.machine.memory import Sizes
from folioviz.ops.walk import queue

LARGE = Sizes(pages=10752, tables=96, vmas=8)
KERNELS = ("base", "p1", "p12", "v4full", "v3", "v4")


def folios(count, order):
    """Return operations that make a VMA full of folios."""
    step = 1 << order
    return f"mm; mmap 1 0 {count * step}; " + "; ".join(f"fault 1 {i * step} {order}" for i in range(count))


def test_v3_frees_a_mapped_folio_on_s390(after, reasons):
    """Nobody holds the folio while its references go: its sixteen pages are freed mapped, and used after that."""
    line = "mm; mmap 1 0 64; fault 1 0 4; exit 1"
    lab = after(line, "v3", "none")

    assert lab.machine.bugs() == ["free_mapped", "uaf"]
    assert (j.FREED_MAPPED, 1, 16) in reasons(lab)
    lab.seek(lab.bug_at())
    assert lab.machine.bugs() == ["free_mapped"]
    assert lab.machine.page_mapcount[:16].tolist() == [0] * 16
    assert (lab.machine.folio_refcount[0], lab.machine.folio_nr_pages_mapped[0]) == (0, 16)
    for kernel, mode in (("v4", "none"), ("v3", "batched"), ("base", "none")):
        assert after(line, kernel, mode).machine.bugs() == []


@pytest.mark.parametrize("holder", ["get 1", "fork 1"])
def test_another_reference_hides_the_bug_of_v3(after, holder):
    """Somebody else's pin or mapping keeps the folio alive."""
    assert after(f"mm; mmap 1 0 64; fault 1 0 4; {holder}; exit 1", "v3", "none").machine.bugs() == []


def test_order_1_has_no_room_for_the_queue(after):
    """Any zap with 1/3, a partial one with 3/3 and none in v6.5-rc3 trips the assertion."""
    full, part = (f"mm; mmap 1 0 64; fault 1 0 1; dontneed 1 0 {pages}" for pages in (2, 1))
    bug = ["vm_bug:folio_order(folio) < 2"]

    assert [after(full, kernel).machine.bugs() for kernel in KERNELS] == [[], bug, bug, [], [], []]
    assert [after(part, kernel).machine.bugs() for kernel in KERNELS] == [[], bug, bug, bug, bug, bug]


def test_the_naive_repair_overruns_the_gather(after):
    """Comparing before decrementing loses a gather that a batch's last page fills; the explicit answer does not."""
    line = "mm; mmap 1 0 64; glimit 0; fault 1 0 3; fault 1 8 3; munmap 1 0 64"

    assert after(line, "v4fix").machine.bugs() == ["vm_bug:batch->nr > batch->max"]
    assert after(line, "v4").machine.bugs() == after(line, "v4full").machine.bugs() == []


def test_2_3_pays_an_atomic_even_if_no_page_becomes_unmapped(after, spent):
    """Zapping one side of a shared order-4 folio: none, none, one per page, one per batch."""
    line = "mm; mmap 1 0 64; fault 1 0 4; fork 1; munmap 2 0 64"

    assert [spent(after(line, kernel)).get("nrpm", 0) for kernel in ("base", "p1", "p12", "v4")] == [
        0,
        0,
        16,
        1,
    ]


def test_v4_hardly_meets_a_full_gather(after, spent):
    """It flushes before the gather can fill up: 640 folios of order 4 are 641 flushes instead of 2."""
    line = f"{folios(640, 4)}; munmap 1 0 10240"
    base, v4 = (spent(after(line, kernel, sizes=LARGE)) for kernel in ("base", "v4"))

    assert (base["thw"], base["tfull"]) == (2, 1)
    assert (v4["thw"], v4.get("tfull")) == (641, None)


def test_a_fully_unmapped_but_pinned_folio(after):
    """1/3 leaves it on the queue, where the shrinker fails on it; v4 never queues it."""
    line = "mm; mmap 1 0 64; fault 1 0 4; get 1; munmap 1 0 64; shrink 1"
    labs = {kernel: after(line, kernel) for kernel in ("p1", "p12", "v4")}

    assert [len(queue(lab.machine)) for lab in labs.values()] == [1, 1, 0]
    assert [lab.applied[-1].result for lab in labs.values()] == [0, 0, -1]
