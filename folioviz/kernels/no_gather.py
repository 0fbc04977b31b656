"""CONFIG_MMU_GATHER_NO_GATHER, as on s390: a page handed to the gather loses its reference at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.costs import TLBRM
from folioviz.machine.primitives import View, count
from folioviz.mm.headers import folio_test_swapcache, free_swap_cache

if TYPE_CHECKING:
    from folioviz.mm.swap import folio_put


def __tlb_remove_page(m: View, page: int) -> bool:
    """Drop a page's reference; there is nothing that could be full.

    Follows arch/s390/include/asm/tlb.h, __tlb_remove_page_size(), v6.5: CONFIG_MMU_GATHER_NO_GATHER.
    """
    count(m, TLBRM, 1)
    folio = m.page_folio[page]
    if folio_test_swapcache(m, folio):
        free_swap_cache(m, folio)
    folio_put(m, folio)
    return False


def tlb_batch_pages_flush(_m: View) -> None:
    """Do nothing: no page is waiting.

    Follows mm/mmu_gather.c, v6.5: CONFIG_MMU_GATHER_NO_GATHER.
    """
