"""v6.9: the gather takes a run of pages of one folio as one entry of two slots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.costs import TFULL, TLBRM, TSLOT
from folioviz.machine.fields import TLB_ACTIVE, TLB_BATCH_NR, TLB_NR, TLB_PAGE
from folioviz.machine.memory import BUG_BATCH_OVERRUN, LIST_PAGE, PAGES_TO_FREE
from folioviz.machine.primitives import (
    View,
    bug,
    count,
    list_add,
    list_del_init,
    list_empty,
    page_ref_sub_and_test,
    store,
)
from folioviz.mm.headers import (
    batch_max,
    batch_slot,
    folio_test_large,
    folio_test_swapcache,
    free_swap_cache,
    lru_node,
)

if TYPE_CHECKING:
    from folioviz.mm.mmu_gather import tlb_next_batch
    from folioviz.mm.page_alloc import free_unref_page
    from folioviz.mm.swap import __folio_put


def __tlb_remove_folio_pages(m: View, page: int, nr_pages: int) -> bool:
    """Hand a run of pages to the gather; true if there may be no room for another run.

    Follows mm/mmu_gather.c, v6.9: d7f861b9c43a ("mm/mmu_gather: add __tlb_remove_folio_pages()").
    """
    count(m, TLBRM, 1)
    batch = m.tlb_active[0]
    nr = m.tlb_batch_nr[batch]
    slots = 1 if nr_pages == 1 else 2
    if nr + slots > batch_max(batch):
        bug(m, BUG_BATCH_OVERRUN)
        return False
    count(m, TSLOT, slots)
    slot = batch_slot(batch) + nr
    store(m, TLB_PAGE, slot, page)
    store(m, TLB_NR, slot, nr_pages)
    if slots > 1:
        store(m, TLB_NR, slot + 1, 0)
    store(m, TLB_BATCH_NR, batch, nr + slots)
    if nr + slots >= batch_max(batch) - 1 and not tlb_next_batch(m):
        count(m, TFULL, 1)
        return True
    return False


def __tlb_remove_page(m: View, page: int) -> bool:
    """Hand one page, or a huge one, to the gather.

    Follows include/asm-generic/tlb.h, v6.9: d7f861b9c43a ("mm/mmu_gather: add __tlb_remove_folio_pages()").
    """
    return __tlb_remove_folio_pages(m, page, 1)


def folios_put_refs(m: View, first: int, nr: int) -> None:
    """Drop the references of the entries in ``nr`` slots, a run's in one go.

    Follows mm/swap.c, v6.9: d7f861b9c43a ("mm/mmu_gather: add __tlb_remove_folio_pages()").
    """
    for slot in range(first, first + nr):
        refs = m.tlb_nr[slot]
        if refs == 0:
            continue
        folio = m.page_folio[m.tlb_page[slot]]
        if folio_test_swapcache(m, folio):
            free_swap_cache(m, folio)
        if not page_ref_sub_and_test(m, folio, refs):
            continue
        if folio_test_large(m, folio):
            __folio_put(m, folio)
        else:
            list_add(m, lru_node(folio), PAGES_TO_FREE)
    while not list_empty(m, PAGES_TO_FREE):
        node = m.list_next[PAGES_TO_FREE]
        list_del_init(m, node)
        free_unref_page(m, node - LIST_PAGE)


def tlb_batch_pages_flush(m: View) -> None:
    """Drop the references of all pending entries.

    Follows mm/mmu_gather.c, v6.9: d7f861b9c43a ("mm/mmu_gather: add __tlb_remove_folio_pages()").
    """
    batch = 0
    while batch <= m.tlb_batch_count[0] and m.tlb_batch_nr[batch]:
        folios_put_refs(m, batch_slot(batch), m.tlb_batch_nr[batch])
        store(m, TLB_BATCH_NR, batch, 0)
        batch += 1
    store(m, TLB_ACTIVE, 0, 0)
