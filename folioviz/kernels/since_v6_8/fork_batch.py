"""v6.9: fork shares a run of PTEs at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import PTE
from folioviz.machine.memory import ENTRY_CLEAN, PTE_WRITE
from folioviz.machine.primitives import View, page_ref_add, pte_mkold, store
from folioviz.mm.entries import copy_nonpresent_pte
from folioviz.mm.headers import entry_page, pte_index, pte_present, pte_zero

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_try_dup_anon_rmap_ptes
    from folioviz.kernels.since_v6_8.zap_batch import folio_pte_batch
    from folioviz.mm.memory import add_mm_counter


def copy_pte_range(m: View, src: int, dst: int, addr: int, end: int, child: int) -> None:
    """Share the PTEs of one page table with a child, run by run.

    Follows mm/memory.c, v6.9: f8d937761d65 ("mm/memory: optimize fork() with PTE-mapped THP").
    """
    rss = 0
    pte_lock(m, dst)
    pte_lock(m, src)
    index = pte_index(src, addr)
    after = index + end - addr
    to = pte_index(dst, addr)
    while index < after:
        pte = m.pte[index]
        nr = 1
        if pte_present(pte):
            page = entry_page(pte)
            nr = folio_pte_batch(m, m.page_folio[page], page, index, after - index, ENTRY_CLEAN)
            copy_present_ptes(m, page, index, to, nr, child)
            rss += nr
        elif pte_zero(pte):
            store(m, PTE, to, pte)
        else:
            rss += copy_nonpresent_pte(m, index, to)
        index += nr
        to += nr
    pte_unlock(m, src)
    add_mm_counter(m, child, rss)
    pte_unlock(m, dst)


def copy_present_ptes(m: View, page: int, src: int, dst: int, nr: int, child: int) -> None:
    """Share a run of one folio's pages with a child, its references in one go.

    Follows mm/memory.c, v6.9: f8d937761d65 ("mm/memory: optimize fork() with PTE-mapped THP").
    """
    folio = m.page_folio[page]
    page_ref_add(m, folio, nr)
    folio_try_dup_anon_rmap_ptes(m, folio, page, nr, child)
    for i in range(nr):
        pte = m.pte[src + i] & ~PTE_WRITE
        store(m, PTE, src + i, pte)
        store(m, PTE, dst + i, pte_mkold(m, pte))
