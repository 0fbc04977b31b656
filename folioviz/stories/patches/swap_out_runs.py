"""Unmap what goes to swap in runs of PTEs, as what MADV_FREE gave up is unmapped since v6.16."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import PTE_WRITE
from folioviz.machine.primitives import View
from folioviz.mm.headers import folio_nr_pages, folio_test_swapcache

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.zap_batch import folio_pte_batch


def folio_unmap_pte_batch(m: View, folio: int, page: int, index: int, nr: int) -> int:
    """Return how many PTEs go together: a swap entry remembers AnonExclusive, so a run to swap ends where that ends."""
    if folio_nr_pages(m, folio) == 1:
        return 1
    nr = folio_pte_batch(m, folio, page, index, nr, PTE_WRITE)
    if not folio_test_swapcache(m, folio):
        return nr
    run = 1
    while run < nr and m.page_anon_exclusive[page + run] == m.page_anon_exclusive[page]:
        run += 1
    return run
