"""v7.3: each page comes back through the swap cache, large folios of shared entries, too; and leaves it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_lock, folio_unlock, pte_lock, pte_unlock
from folioviz.machine.fields import PTE
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_WRITE,
)
from folioviz.machine.primitives import View, page_ref_add, store
from folioviz.machine.swap import PSWPIN, SWAP_STAT_SWPIN
from folioviz.mm.charges import mem_cgroup_swapin_charge_folio
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    folio_free_swap,
    folio_mod_nr_anon,
    folio_nr_pages,
    folio_test_large,
    pmd_index,
    pte_index,
    pte_swap,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.pageout_whole import count_swap_stat
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_anon_rmap_ptes, folio_add_new_anon_rmap
    from folioviz.kernels.since_v6_12.swapin_orders import alloc_swap_order
    from folioviz.kernels.swap_slots import add_to_swap_cache, count_swap_event, swap_free
    from folioviz.kernels.swapin import maps_writable, swap_read_folio
    from folioviz.kernels.vmscan import isolate_tail
    from folioviz.mm.huge_memory import split_huge_page_to_list
    from folioviz.mm.memory import add_mm_counter, do_wp_page
    from folioviz.mm.swap import folio_get


def do_swap_page(m: View, mm: int, addr: int, writes: int) -> None:
    """Bring a page back that a swap entry waits for: all of its folio, if entries wait for all of it.

    Follows mm/memory.c, v7.3: swap-in, always through the swap cache.
    """
    pmd = m.pmd[pmd_index(mm, addr)]
    index = pte_index(pmd, addr)
    slot = entry_page(m.pte[index])
    exclusive = bool(m.pte[index] & PTE_MIGRATION_EXCLUSIVE)
    page = m.swap_cache[slot]
    fresh = page < 0
    if fresh:
        page = swapin_sync(m, mm, addr, slot)
        mem_cgroup_swapin_charge_folio(m, m.page_folio[page], slot, mm)
    else:
        folio_get(m, m.page_folio[page])
    folio = m.page_folio[page]
    folio_lock(m, folio)
    pte_lock(m, pmd)
    before, nr = page - folio, folio_nr_pages(m, folio)
    if not waits_for_all(m, mm, addr, index, folio):
        before, nr = 0, 1
    add_mm_counter(m, mm, nr)
    bits = PTE_PRESENT | ENTRY_CLEAN
    if exclusive and maps_writable(m, mm, addr, writes):
        bits |= PTE_WRITE
    page_ref_add(m, folio, nr - 1)
    map_swapped(m, folio, page - before, nr, mm, int(exclusive), int(fresh))
    for i in range(-before, nr - before):
        swap_free(m, slot + i)
    for i in range(-before, nr - before):
        store(m, PTE, index + i, ((page + i) << ENTRY_SHIFT) | bits)
    folio_free_swap(m, folio)
    folio_unlock(m, folio)
    if writes and not bits & PTE_WRITE:
        do_wp_page(m, mm, addr, index)
    else:
        pte_unlock(m, pmd)


def swapin_sync(m: View, mm: int, addr: int, slot: int) -> int:
    """Read the largest folio that may come in around a page into the swap cache; the caller gets a reference.

    Follows mm/swap_state.c, v7.3: swap-in, always through the swap cache.
    """
    nr = 1 << alloc_swap_order(m, mm, addr)
    page = swap_read_folio(m, mm, addr, slot, nr)
    folio = m.page_folio[page]
    add_to_swap_cache(m, folio, slot - (page - folio))
    return int(page)


def waits_for_all(m: View, mm: int, addr: int, index: int, folio: int) -> bool:
    """Tell whether the entries around one wait, alike, for all pages of a large folio.

    Follows mm/memory.c, do_swap_page(), v7.3: swap-in, always through the swap cache.
    """
    if not folio_test_large(m, folio):
        return False
    nr = folio_nr_pages(m, folio)
    before = entry_page(m.pte[index]) - m.folio_swap[folio]
    start = addr - before
    vma = find_vma(m, mm, addr)
    first = max(addr & ~(HPAGE_PMD_NR - 1), m.vma_start[vma])
    if start < first or start + nr > min((addr | (HPAGE_PMD_NR - 1)) + 1, m.vma_end[vma]):
        return False
    wanted = m.pte[index] - (before << ENTRY_SHIFT)
    for i in range(nr):
        pte = m.pte[index - before + i]
        if not pte_swap(pte) or pte != wanted + (i << ENTRY_SHIFT):
            return False
    return True


def map_swapped(m: View, folio: int, page: int, nr: int, mm: int, exclusive: int, fresh: int) -> None:
    """Count the mappings of pages that came back; those of a new folio are set without atomics.

    The kernel does so also for a page that several entries wait for, which is counted by an atomic here.

    Follows mm/memory.c, do_swap_page(), v7.3: swap-in, always through the swap cache.
    """
    if fresh and exclusive:
        folio_add_new_anon_rmap(m, folio, mm, 0)
        return
    folio_add_anon_rmap_ptes(m, folio, page, nr, mm, exclusive)
    if fresh and folio_test_large(m, folio):
        folio_mod_nr_anon(m, folio, 1)


def count_swpin(m: View, order: int) -> None:
    """Count a folio that was read, a large one by its size.

    Follows mm/page_io.c, swap_read_folio_bdev_sync(), v6.13: aaf2914aec0f ("mm: add per-order mTHP swpin counters").
    """
    if order:
        count_swap_stat(m, order, SWAP_STAT_SWPIN)
    count_swap_event(m, PSWPIN, 1 << order)


def split_folio_to_list(m: View, folio: int) -> int:
    """Split a folio that is reclaimed; its mapped tails are reclaimed next, the last one first.

    Follows mm/huge_memory.c, v7.3: swap-in, always through the swap cache.
    """
    nr = folio_nr_pages(m, folio)
    error = split_huge_page_to_list(m, folio, 0)
    if error == 0:
        for page in range(folio + 1, folio + nr):
            isolate_tail(m, page)
    return error
