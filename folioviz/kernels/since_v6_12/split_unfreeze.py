"""v6.15: a split gives its head the first reference as it unfreezes it, not by an atomic of its own as v6.12 does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import FOLIO_REFCOUNT
from folioviz.machine.journal import SPLIT_DONE
from folioviz.machine.primitives import View, store, why
from folioviz.mm.headers import folio_mod_nr_anon, folio_nr_pages, folio_test_swapcache, split_swap_cache

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.split_to_order import split_remap
    from folioviz.mm.page_alloc import split_page_ids


def __split_huge_page(m: View, folio: int, order: int) -> None:
    """Make folios of an order of a frozen, unmapped one, and map them again.

    Follows mm/huge_memory.c, __split_unmapped_folio(), v6.15: 58729c04cf10 ("mm/huge_memory: add buddy allocator like
    (non-uniform) folio_split()").
    """
    nr = folio_nr_pages(m, folio)
    why(m, SPLIT_DONE, folio, nr >> order)
    folio_mod_nr_anon(m, folio, -1)
    split_page_ids(m, folio, nr, order)
    if order:
        folio_mod_nr_anon(m, folio, nr >> order)
    store(m, FOLIO_REFCOUNT, folio, 1)
    if folio_test_swapcache(m, folio):
        split_swap_cache(m, folio, nr)
    split_remap(m, folio, nr, order)
