"""mm/mmu_gather.c: pages wait here until the TLB is flushed.

A page whose entry was cleared may still be reached through a CPU's TLB, so it must not be freed yet: the gather keeps
its reference, and one flush serves all pages that it holds. It has room for 8 pages in itself and for 510 in each of up
to 19 batches; when it is full the zap has to flush and come back.

Locks: none. A gather belongs to the call that made it. Batches are allocated under the zap's PTL, which is why the
allocation may not wait and may fail (the operation ``glimit``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.costs import GBATCH, TFLUSH, TFULL, THW, TLBRM
from folioviz.machine.fields import TLB_ACTIVE, TLB_BATCH_COUNT, TLB_BATCH_NR, TLB_CLEARED, TLB_PAGE
from folioviz.machine.memory import BUG_BATCH_OVERRUN, MAX_GATHER_BATCH_COUNT
from folioviz.machine.primitives import View, bug, count, store
from folioviz.mm.headers import batch_max, batch_slot

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.swap import release_pages


def tlb_gather_mmu(m: View) -> None:
    """Begin a gather: nothing pending, only the local bundle of 8 pages."""
    store(m, TLB_ACTIVE, 0, 0)
    store(m, TLB_BATCH_COUNT, 0, 0)
    store(m, TLB_CLEARED, 0, 0)


def tlb_next_batch(m: View) -> bool:
    """Go on to the next batch, allocating it if need be; false if there is none."""
    active = m.tlb_active[0]
    if active == m.tlb_batch_count[0]:
        if active == MAX_GATHER_BATCH_COUNT or active == m.tlb_limit[0]:
            return False
        count(m, GBATCH, 1)
        store(m, TLB_BATCH_COUNT, 0, active + 1)
    store(m, TLB_ACTIVE, 0, active + 1)
    return True


def __tlb_remove_page(m: View, page: int) -> bool:
    """Hand a page whose entry was cleared to the gather; true if the gather is now full."""
    count(m, TLBRM, 1)
    batch = m.tlb_active[0]
    nr = m.tlb_batch_nr[batch]
    if nr >= batch_max(batch):
        bug(m, BUG_BATCH_OVERRUN)
        return False
    store(m, TLB_PAGE, batch_slot(batch) + nr, page)
    store(m, TLB_BATCH_NR, batch, nr + 1)
    # The next batch is got ready now, so that the caller hears "full" while there still is time to stop.
    if nr + 1 == batch_max(batch) and not tlb_next_batch(m):
        count(m, TFULL, 1)
        return True
    return False


def tlb_remove_tlb_entry(m: View) -> None:
    """Note that an entry was cleared, so that the next flush has something to do (asm-generic/tlb.h)."""
    store(m, TLB_CLEARED, 0, 1)


def tlb_flush_mmu_tlbonly(m: View) -> None:
    """Flush the TLB if anything was cleared since the last flush (asm-generic/tlb.h)."""
    if m.tlb_cleared[0]:
        count(m, THW, 1)
        store(m, TLB_CLEARED, 0, 0)


def tlb_batch_pages_flush(m: View) -> None:
    """Drop the references of all pending pages, at most 512 at a time."""
    batch = 0
    while batch <= m.tlb_batch_count[0] and m.tlb_batch_nr[batch]:
        release_pages(m, batch_slot(batch), m.tlb_batch_nr[batch])
        store(m, TLB_BATCH_NR, batch, 0)
        batch += 1
    store(m, TLB_ACTIVE, 0, 0)


def tlb_flush_mmu(m: View) -> None:
    """Flush the TLB, then let the pending pages go."""
    count(m, TFLUSH, 1)
    tlb_flush_mmu_tlbonly(m)
    tlb_batch_pages_flush(m)


def tlb_finish_mmu(m: View) -> None:
    """End a gather: flush and give the batch pages back."""
    tlb_flush_mmu(m)
    store(m, TLB_BATCH_COUNT, 0, 0)
