"""v6.9: a page of a large folio is written in place only if it is AnonExclusive.

v6.8 itself still reused the last page that was mapped, as v6.5 did; its model has the rule of v6.9 already, as its
vectors have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_trylock, folio_unlock, pte_lock, pte_unlock
from folioviz.machine.fields import PAGE_ZERO_FILLED, PTE
from folioviz.machine.journal import COPIED, COPIED_LARGE, REUSED_EXCLUSIVE, REUSED_LAST
from folioviz.machine.memory import ENTRY_SHIFT, PTE_PRESENT, PTE_WRITE
from folioviz.machine.primitives import View, set_page_anon_exclusive, store, why
from folioviz.mm.charges import mem_cgroup_charge
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    folio_free_swap,
    folio_test_large,
    folio_test_swapcache,
    free_swap_cache,
    pmd_index,
    pte_zero,
)

if TYPE_CHECKING:
    from folioviz.kernels.anon_vma import __anon_vma_prepare
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_new_anon_rmap, folio_remove_rmap_ptes
    from folioviz.mm.memory import add_mm_counter, wp_page_reuse
    from folioviz.mm.page_alloc import alloc_pages
    from folioviz.mm.swap import folio_get, folio_put


def do_wp_page(m: View, mm: int, addr: int, index: int) -> None:
    """Write to a page mapped read-only: reuse it if it is surely ours, else copy it; the PTL is held, and released.

    Follows mm/memory.c, v6.9, in the model from v6.8 on: cd197c3a2040 ("mm: prohibit the last subpage from reusing the
    entire large folio").
    """
    pte = m.pte[index]
    if pte_zero(pte):
        wp_page_copy(m, mm, addr, index)
        return
    page = entry_page(pte)
    folio = m.page_folio[page]
    if m.page_anon_exclusive[page]:
        why(m, REUSED_EXCLUSIVE, folio, page - folio)
        wp_page_reuse(m, index)
        pte_unlock(m, m.pmd[pmd_index(mm, addr)])
    elif wp_can_reuse_anon_folio(m, folio, page):
        set_page_anon_exclusive(m, page)
        wp_page_reuse(m, index)
        pte_unlock(m, m.pmd[pmd_index(mm, addr)])
    else:
        folio_get(m, folio)
        wp_page_copy(m, mm, addr, index)


def wp_can_reuse_anon_folio(m: View, folio: int, page: int) -> bool:
    """Tell whether nobody else can see a page not AnonExclusive: never if its folio is large.

    Follows mm/memory.c, v6.9, in the model from v6.8 on: cd197c3a2040 ("mm: prohibit the last subpage from reusing the
    entire large folio").
    """
    if folio_test_large(m, folio):
        why(m, COPIED_LARGE, folio, page - folio)
        return False
    if not folio_trylock(m, folio):
        return False
    if folio_test_swapcache(m, folio) and m.folio_refcount[folio] == 2:
        folio_free_swap(m, folio)
    last = bool(m.folio_refcount[folio] == 1)
    folio_unlock(m, folio)
    if not last:
        why(m, COPIED, folio, page - folio)
        return False
    why(m, REUSED_LAST, folio, page - folio)
    return True


def wp_page_copy(m: View, mm: int, addr: int, index: int) -> None:
    """Map a new page instead of a shared one or of the zero page; drop the mapping's and the caller's references.

    The caller holds the PTL; it is released.

    Follows mm/memory.c, v6.9, in the model from v6.8 on: cd197c3a2040 ("mm: prohibit the last subpage from reusing the
    entire large folio").
    """
    pte, pmd = m.pte[index], m.pmd[pmd_index(mm, addr)]
    page = entry_page(pte)
    pte_unlock(m, pmd)
    vma = find_vma(m, mm, addr)
    if not m.vma_anon[vma]:
        __anon_vma_prepare(m, mm, vma)
    new = alloc_pages(m, 0, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, new, mm)
    store(m, PAGE_ZERO_FILLED, new, 0)
    pte_lock(m, pmd)
    if m.pte[index] != pte:  # another CPU was faster
        pte_unlock(m, pmd)
        folio_put(m, new)
        if not pte_zero(pte):
            folio_put(m, m.page_folio[page])
        return
    folio_add_new_anon_rmap(m, new, mm, 0)
    store(m, PTE, index, (new << ENTRY_SHIFT) | PTE_PRESENT | PTE_WRITE)
    if pte_zero(pte):
        add_mm_counter(m, mm, 1)
        pte_unlock(m, pmd)
        return
    folio = m.page_folio[page]
    folio_remove_rmap_ptes(m, folio, page, 1, mm)
    pte_unlock(m, pmd)
    if folio_test_swapcache(m, folio):
        free_swap_cache(m, folio)
    folio_put(m, folio)
    folio_put(m, folio)
