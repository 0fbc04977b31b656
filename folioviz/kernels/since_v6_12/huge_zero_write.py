"""v6.13: a write to the huge zero page maps a new huge page, which is queued since v6.19."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pmd_lock, pmd_unlock
from folioviz.machine.fields import PMD
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    FREE_AREA,
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    MAX_ORDER,
    PMD_HUGE,
    PMD_WRITE,
    PMD_ZERO,
)
from folioviz.machine.primitives import View, list_empty, store
from folioviz.mm.headers import find_vma, pmd_index

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.mthp import folio_put_new, folio_zero_user
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_new_anon_rmap
    from folioviz.kernels.since_v6_12.partially_mapped import deferred_split_folio
    from folioviz.mm.memory import add_mm_counter
    from folioviz.mm.page_alloc import alloc_pages


def do_huge_zero_wp_pmd(m: View, mm: int, addr: int) -> bool:
    """Map a new huge page of zeros instead of the huge zero page, and queue it, unflagged; false if there is none.

    Which sizes are enabled is not asked: the range was found suitable when it was read.

    Follows mm/huge_memory.c, v6.19: 2a1351cd4176 ("mm/huge_memory: add pmd folio to ds_queue in
    do_huge_zero_wp_pmd()").
    """
    if list_empty(m, FREE_AREA + MAX_ORDER):
        return False
    vma = find_vma(m, mm, addr)
    start = addr & -HPAGE_PMD_NR
    folio = alloc_pages(m, HPAGE_PMD_ORDER, m.vma_pgoff[vma] + start - m.vma_start[vma])
    folio_zero_user(m, folio)
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    if m.pmd[slot] != PMD_ZERO:  # another CPU was faster
        pmd_unlock(m, slot)
        folio_put_new(m, folio)
        return True
    store(m, PMD, slot, 0)
    folio_add_new_anon_rmap(m, folio, mm, 1)
    store(m, PMD, slot, (folio << ENTRY_SHIFT) | PMD_HUGE | PMD_WRITE)
    add_mm_counter(m, mm, HPAGE_PMD_NR)
    deferred_split_folio(m, folio, 0)
    pmd_unlock(m, slot)
    return True
