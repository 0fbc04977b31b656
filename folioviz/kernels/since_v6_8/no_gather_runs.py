"""CONFIG_MMU_GATHER_NO_GATHER since v6.9: a run's references are dropped at once, behind its mappings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.costs import TLBRM
from folioviz.machine.primitives import View, count, page_ref_sub_and_test
from folioviz.mm.headers import folio_test_swapcache, free_swap_cache

if TYPE_CHECKING:
    from folioviz.mm.swap import __folio_put


def __tlb_remove_folio_pages(m: View, page: int, nr_pages: int) -> bool:
    """Drop the references of a run; there is nothing that could be full.

    Follows arch/s390/include/asm/tlb.h, v6.9: d7f861b9c43a ("mm/mmu_gather: add __tlb_remove_folio_pages()").
    """
    count(m, TLBRM, 1)
    folio = m.page_folio[page]
    if folio_test_swapcache(m, folio):
        free_swap_cache(m, folio)
    if page_ref_sub_and_test(m, folio, nr_pages):
        __folio_put(m, folio)
    return False


def tlb_batch_pages_flush(_m: View) -> None:
    """Do nothing: no page is waiting.

    Follows mm/mmu_gather.c, v6.9: d7f861b9c43a ("mm/mmu_gather: add __tlb_remove_folio_pages()").
    """
