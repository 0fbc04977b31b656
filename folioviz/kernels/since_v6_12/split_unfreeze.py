"""v6.15: a split gives its head the first reference as it unfreezes it, not by an atomic of its own as v6.12 does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import FOLIO_REFCOUNT
from folioviz.machine.journal import SPLIT_DONE
from folioviz.machine.primitives import View, store, why
from folioviz.mm.headers import folio_mod_nr_anon, folio_nr_pages

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.mthp_stats import split_remap
    from folioviz.mm.page_alloc import split_page_ids


def __split_huge_page(m: View, folio: int) -> None:
    """Make a frozen, unmapped folio 2**order small ones and map them again.

    Follows mm/huge_memory.c, __split_unmapped_folio(), v6.15: 58729c04cf10 ("mm/huge_memory: add buddy allocator like
    (non-uniform) folio_split()").
    """
    nr = folio_nr_pages(m, folio)
    why(m, SPLIT_DONE, folio, nr)
    folio_mod_nr_anon(m, folio, -1)
    split_page_ids(m, folio, nr)
    store(m, FOLIO_REFCOUNT, folio, 1)
    split_remap(m, folio, nr)
