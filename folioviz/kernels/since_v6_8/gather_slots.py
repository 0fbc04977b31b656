"""v6.8: the gather as before; the slots that its entries take are counted, because v6.9 takes two for a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.costs import TFULL, TLBRM, TSLOT
from folioviz.machine.fields import TLB_BATCH_NR, TLB_PAGE
from folioviz.machine.memory import BUG_BATCH_OVERRUN
from folioviz.machine.primitives import View, bug, count, store
from folioviz.mm.headers import batch_max, batch_slot

if TYPE_CHECKING:
    from folioviz.mm.mmu_gather import tlb_next_batch


def __tlb_remove_page(m: View, page: int) -> bool:
    """Hand a page whose entry was cleared to the gather; true if the gather is now full.

    Follows mm/mmu_gather.c, __tlb_remove_page_size(), v6.8: before d7f861b9c43a ("mm/mmu_gather: add
    __tlb_remove_folio_pages()", v6.9).
    """
    count(m, TLBRM, 1)
    batch = m.tlb_active[0]
    nr = m.tlb_batch_nr[batch]
    if nr >= batch_max(batch):
        bug(m, BUG_BATCH_OVERRUN)
        return False
    count(m, TSLOT, 1)
    store(m, TLB_PAGE, batch_slot(batch) + nr, page)
    store(m, TLB_BATCH_NR, batch, nr + 1)
    if nr + 1 == batch_max(batch) and not tlb_next_batch(m):
        count(m, TFULL, 1)
        return True
    return False
