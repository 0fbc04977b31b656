"""v6.12: a large folio comes back for a run of swap entries, if its size is enabled; slots of zeros are not written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import SWAP_ZEROS
from folioviz.machine.memory import (
    FREE_AREA,
    HPAGE_PMD_ORDER,
    MAX_ORDER,
    PTE_MIGRATION_EXCLUSIVE,
)
from folioviz.machine.primitives import View, list_empty, store
from folioviz.machine.swap import SLOT_ZEROMAP, SLOT_ZEROS, SWPOUT_ZERO
from folioviz.mm.headers import (
    deferred_list,
    entry_page,
    find_vma,
    folio_nr_pages,
    pmd_index,
    pte_index,
    pte_swap,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_anon_rmap_ptes, folio_add_new_anon_rmap
    from folioviz.kernels.swap_slots import count_swap_event


def alloc_swap_order(m: View, mm: int, addr: int) -> int:
    """Return the order of the largest enabled folio that may come in around a page.

    Follows mm/memory.c, alloc_swap_folio(), v6.12: 242d12c98174 ("mm: support large folios swap-in for sync io
    devices").
    """
    order = HPAGE_PMD_ORDER - 1
    while order > 0 and not can_swapin_thp(m, mm, addr, order):
        order -= 1
    return order


def can_swapin_thp(m: View, mm: int, addr: int, order: int) -> bool:
    """Tell whether a size is enabled, and an aligned run of slots waits for all of its block.

    Follows mm/memory.c, v6.12: 242d12c98174 ("mm: support large folios swap-in for sync io devices").
    """
    if not (m.thp_enabled[0] >> order) & 1:
        return False
    nr = 1 << order
    start = addr & ~(nr - 1)
    vma = find_vma(m, mm, addr)
    if start < m.vma_start[vma] or start + nr > m.vma_end[vma]:
        return False
    first = pte_index(m.pmd[pmd_index(mm, addr)], start)
    pte = m.pte[first]
    slot = entry_page(pte)
    if not pte_swap(pte) or slot & (nr - 1):
        return False
    exclusive, zero = pte & PTE_MIGRATION_EXCLUSIVE, m.swap_zeros[slot] & SLOT_ZEROMAP
    memcg = m.swap_memcg[slot]
    for i in range(nr):
        pte = m.pte[first + i]
        if not pte_swap(pte) or entry_page(pte) != slot + i or pte & PTE_MIGRATION_EXCLUSIVE != exclusive:
            return False
        if m.swap_cache[slot + i] >= 0 or m.swap_zeros[slot + i] & SLOT_ZEROMAP != zero:
            return False
        if m.swap_memcg[slot + i] != memcg:
            return False
    free = order
    while free <= MAX_ORDER and list_empty(m, FREE_AREA + free):
        free += 1
    return free <= MAX_ORDER


def maps_writable(m: View, mm: int, addr: int, _writes: int) -> bool:
    """Tell whether an exclusive page is mapped writable at once: in a writable VMA.

    Follows mm/memory.c, do_swap_page(), v6.11: 20dfa5b7adc5 ("mm: set pte writable while pte_soft_dirty() is true in
    do_swap_page()").
    """
    return not m.vma_readonly[find_vma(m, mm, addr)]


def map_swapped(m: View, folio: int, page: int, nr: int, mm: int, exclusive: int, fresh: int) -> None:
    """Count the mappings of pages that came back; those of a new folio are set without atomics.

    The kernel does so also for a page that several entries wait for, which is counted by an atomic here.

    Follows mm/memory.c, do_swap_page(), v6.11: 9ae2feacedde ("mm: use folio_add_new_anon_rmap() if
    folio_test_anon(folio)==false").
    """
    if fresh and exclusive:
        folio_add_new_anon_rmap(m, folio, mm, 0)
    else:
        folio_add_anon_rmap_ptes(m, folio, page, nr, mm, exclusive)


def shrink_splits(m: View, folio: int) -> bool:
    """Tell whether a large folio is split before anybody looks for slots: if it is partially mapped.

    Follows mm/vmscan.c, shrink_folio_list(), v6.12: 8422acdc97ed ("mm: introduce a pageflag for partially mapped
    folios").
    """
    queued = m.folio_order[folio] > 1 and not list_empty(m, deferred_list(folio))
    return bool(queued and m.folio_partially_mapped[folio])


def swap_zeromap_folio_set(m: View, folio: int) -> bool:
    """Note that a folio holds nothing but zeros, in place of writing it; false if it holds something else.

    Follows mm/page_io.c, v6.12: 0ca0c24e3211 ("mm: store zero pages to be swapped out in a bitmap").
    """
    nr, slot = folio_nr_pages(m, folio), m.folio_swap[folio]
    for i in range(nr):
        if not m.page_zero_filled[folio + i]:
            return False
    for i in range(slot, slot + nr):
        store(m, SWAP_ZEROS, i, SLOT_ZEROS | SLOT_ZEROMAP)
    count_swap_event(m, SWPOUT_ZERO, nr)
    return True
