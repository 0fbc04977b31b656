"""mm/memory.c and mm/swapfile.c: pages come back from swap, at a fault or because the swap space goes.

A page for which one swap entry waits is read past the swap cache, as the device is a synchronous one; for several it
goes into the cache, where each of them finds it. Readahead is not modelled: only the page that is asked for comes.

Locks: the folio lock, and the PTL while an entry is replaced. Not modelled: faults at the same entry on several CPUs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_lock, folio_unlock, pte_lock, pte_unlock
from folioviz.machine.fields import (
    NR_SWAP_PAGES,
    PAGE_ZERO_FILLED,
    PTE,
    TOTAL_SWAP_PAGES,
)
from folioviz.machine.journal import SWAPPED_IN
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    LIST_MM,
    MM_LIST,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_WRITE,
)
from folioviz.machine.primitives import View, page_ref_add, store, why
from folioviz.machine.swap import PSWPIN, SLOT_ZEROMAP, SLOT_ZEROS, SWPIN_ZERO
from folioviz.mm.charges import mem_cgroup_swapin_charge_folio
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    folio_free_swap,
    folio_nr_pages,
    folio_test_swapcache,
    pmd_addr_end,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_swap,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.swap_rmap import map_swapped
    from folioviz.kernels.swap_slots import add_to_swap_cache, count_swap_event, swap_free, vm_swap_full
    from folioviz.mm.memory import add_mm_counter, do_wp_page
    from folioviz.mm.page_alloc import alloc_pages
    from folioviz.mm.swap import folio_get, folio_put


def do_swap_page(m: View, mm: int, addr: int, writes: int) -> None:
    """Bring a page back that a swap entry waits for, and what comes with it; a write may have to copy it.

    Follows mm/memory.c, v6.8: swap-in, past the cache where one entry waits.
    """
    pmd = m.pmd[pmd_index(mm, addr)]
    index = pte_index(pmd, addr)
    slot = entry_page(m.pte[index])
    exclusive = bool(m.pte[index] & PTE_MIGRATION_EXCLUSIVE)
    page = m.swap_cache[slot]
    fresh = page < 0
    nr = 1
    if fresh and m.swap_map[slot] == 1:
        nr = 1 << alloc_swap_order(m, mm, addr)
        page = swap_read_folio(m, mm, addr, slot, nr)
        exclusive = True
    elif fresh:
        page = swapin_readahead(m, mm, addr, slot)
    else:
        folio_get(m, m.page_folio[page])
    folio = m.page_folio[page]
    if fresh:
        mem_cgroup_swapin_charge_folio(m, folio, slot, mm)
    folio_lock(m, folio)
    pte_lock(m, pmd)
    before = index & (nr - 1)
    for i in range(nr):
        swap_free(m, slot - before + i)
    if should_try_to_free_swap(m, folio, writes):
        folio_free_swap(m, folio)
    add_mm_counter(m, mm, nr)
    exclusive = exclusive or m.folio_refcount[folio] == 1
    if nr > 1:
        page_ref_add(m, folio, nr - 1)
    map_swapped(m, folio, page - before, nr, mm, int(exclusive), int(fresh))
    bits = PTE_PRESENT | ENTRY_CLEAN
    if exclusive and maps_writable(m, mm, addr, writes):
        bits |= PTE_WRITE
    for i in range(-before, nr - before):
        store(m, PTE, index + i, ((page + i) << ENTRY_SHIFT) | bits)
    folio_unlock(m, folio)
    if writes and not bits & PTE_WRITE:
        do_wp_page(m, mm, addr, index)
    else:
        pte_unlock(m, pmd)


def alloc_swap_order(_m: View, _mm: int, _addr: int) -> int:
    """Return the order of the folio that comes in for a page: 0 before v6.12.

    Follows mm/memory.c, do_swap_page(), v6.8: swap-in, past the cache where one entry waits.
    """
    return 0


def swap_read_folio(m: View, mm: int, addr: int, slot: int, nr: int) -> int:
    """Read a run of slots into a new folio, and return the page for one of them.

    Follows mm/page_io.c, v6.8: swap-in, past the cache where one entry waits.
    """
    vma = find_vma(m, mm, addr)
    order = 0
    while 1 << order < nr:
        order += 1
    before = addr & (nr - 1)
    folio = alloc_pages(m, order, m.vma_pgoff[vma] + addr - before - m.vma_start[vma])
    why(m, SWAPPED_IN, folio, nr)
    slot -= before
    if len(m.page_zero_filled):
        for i in range(nr):
            store(m, PAGE_ZERO_FILLED, folio + i, m.swap_zeros[slot + i] & SLOT_ZEROS)
    if m.swap_zeros[slot] & SLOT_ZEROMAP:
        count_swap_event(m, SWPIN_ZERO, nr)
    else:
        count_swpin(m, order)
    return int(folio + before)


def count_swpin(m: View, order: int) -> None:
    """Count a folio that was read.

    Follows mm/page_io.c, swap_read_folio(), v6.8: swap-in, past the cache where one entry waits.
    """
    count_swap_event(m, PSWPIN, 1 << order)


def swapin_readahead(m: View, mm: int, addr: int, slot: int) -> int:
    """Read a slot into a new page in the swap cache, of which the caller gets a reference.

    Follows mm/swap_state.c, v6.8: swap-in, past the cache where one entry waits.
    """
    page = swap_read_folio(m, mm, addr, slot, 1)
    add_to_swap_cache(m, page, slot)
    return page


def should_try_to_free_swap(m: View, folio: int, writes: int) -> bool:
    """Tell whether a folio should leave the swap cache: swap is short, or a write may find that nobody else has it.

    Follows mm/memory.c, v6.8: swap-in, past the cache where one entry waits.
    """
    if not folio_test_swapcache(m, folio):
        return False
    return bool(vm_swap_full(m) or (writes and m.folio_refcount[folio] == 1 + folio_nr_pages(m, folio)))


def maps_writable(_m: View, _mm: int, _addr: int, writes: int) -> bool:
    """Tell whether an exclusive page is mapped writable at once: before v6.11 only if it is written to.

    Follows mm/memory.c, do_swap_page(), v6.8: swap-in, past the cache where one entry waits.
    """
    return bool(writes)


# --- swapoff --------------------------------------------------------------------------------------------------------


def swapoff(m: View) -> None:
    """Bring all pages back, process by process, VMA by VMA, then use no slot any more.

    Follows mm/swapfile.c, try_to_unuse(), v6.1: swap-in, past the cache where one entry waits.
    """
    node = m.list_next[MM_LIST]
    while node != MM_LIST:
        mm = node - LIST_MM
        vma = m.mm_mmap[mm]
        while vma >= 0:
            if m.vma_anon[vma]:
                unuse_vma(m, mm, m.vma_start[vma], m.vma_end[vma])
            vma = m.vma_next[vma]
        node = m.list_next[node]
    for slot in range(m.total_swap_pages[0]):
        if m.swap_cache[slot] >= 0:
            folio = m.page_folio[m.swap_cache[slot]]
            folio_get(m, folio)
            folio_free_swap(m, folio)
            folio_put(m, folio)
    store(m, TOTAL_SWAP_PAGES, 0, 0)
    store(m, NR_SWAP_PAGES, 0, 0)


def unuse_vma(m: View, mm: int, addr: int, end: int) -> None:
    """Bring the pages of one VMA back, one by one.

    Follows mm/swapfile.c, unuse_pte_range(), v6.1: swap-in, past the cache where one entry waits.
    """
    while addr < end:
        after = pmd_addr_end(addr, end)
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd and not pmd_trans_huge(pmd):
            for at in range(addr, after):
                index = pte_index(pmd, at)
                if pte_swap(m.pte[index]):
                    unuse_page(m, mm, at, pmd, index)
        addr = after


def unuse_page(m: View, mm: int, addr: int, pmd: int, index: int) -> None:
    """Find the page of a swap entry in the swap cache, or read it, and map it; then it may leave the cache.

    Follows mm/swapfile.c, unuse_pte_range(), v6.1: swap-in, past the cache where one entry waits.
    """
    slot = entry_page(m.pte[index])
    page = m.swap_cache[slot]
    fresh = page < 0
    if fresh:
        page = swapin_readahead(m, mm, addr, slot)
        mem_cgroup_swapin_charge_folio(m, page, slot, -1)
    else:
        folio_get(m, m.page_folio[page])
    folio = m.page_folio[page]
    folio_lock(m, folio)
    unuse_pte(m, mm, pmd, index, page, int(fresh))
    folio_free_swap(m, folio)
    folio_unlock(m, folio)
    folio_put(m, folio)


def unuse_pte(m: View, mm: int, pmd: int, index: int, page: int, fresh: int) -> None:
    """Map a page instead of the swap entry that waits for it: read-only, not accessed yet.

    Follows mm/swapfile.c, v6.1: swap-in, past the cache where one entry waits.
    """
    pte_lock(m, pmd)
    pte = m.pte[index]
    folio = m.page_folio[page]
    add_mm_counter(m, mm, 1)
    folio_get(m, folio)
    map_swapped(m, folio, page, 1, mm, int(bool(pte & PTE_MIGRATION_EXCLUSIVE)), fresh)
    store(m, PTE, index, (page << ENTRY_SHIFT) | PTE_PRESENT | ENTRY_OLD | ENTRY_CLEAN)
    swap_free(m, entry_page(pte))
    pte_unlock(m, pmd)
