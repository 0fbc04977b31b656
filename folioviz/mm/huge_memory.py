"""mm/huge_memory.c: PMD-mapped folios, splitting, and the deferred split queue.

Splitting a PMD changes only how a folio is mapped; splitting the folio makes small ones of it. The second is work: a
folio that lost pages is merely queued, and the shrinker splits it when memory is short.

Locks: split_queue_lock guards list, length and link, and is taken with interrupts off, inside the PTL (queueing), or
with no other (free, shrinker). A split holds the folio lock and the anon_vma's lock, and freezes the refcount under
split_queue_lock, which is counted. A PMD is read and written under the lock of its table; while it is split, it looks
huge to all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    anon_vma_lock,
    anon_vma_unlock,
    folio_lock,
    folio_ref_freeze,
    folio_try_get,
    folio_trylock,
    folio_unlock,
    list_move,
    list_splice_tail_init,
    page_ref_inc,
    pmd_lock,
    pmd_populate,
    pmd_unlock,
    pmdp_invalidate,
    pte_lock,
    pte_unlock,
)
from folioviz.machine.fields import PAGE_ANON_EXCLUSIVE, PMD, PTE, VMA_ANON
from folioviz.machine.journal import (
    COPIED_HUGE,
    NOT_QUEUED_ALREADY,
    NOT_QUEUED_SWAPCACHE,
    QUEUED,
    REUSED_EXCLUSIVE,
    REUSED_LAST,
    SPLIT_DONE,
    SPLIT_PINNED,
    SPLIT_UNMAPPED,
    UNQUEUED_FREED,
    UNQUEUED_SPLIT,
)
from folioviz.machine.memory import (
    BUG_ORDER,
    COMPOUND_MAPPED,
    EAGAIN,
    EBUSY,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    PMD_HUGE,
    PMD_WRITE,
    PTE_MIGRATION,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_WRITE,
    SCAN_LIST,
    THP_DEFERRED_SPLIT_PAGE,
    THP_SPLIT_PAGE,
    THP_SPLIT_PAGE_FAILED,
    THP_SPLIT_PMD,
    TTU_SPLIT_HUGE_PMD,
)
from folioviz.machine.primitives import (
    View,
    bug,
    count_vm_event,
    list_add_tail,
    list_del_init,
    list_empty,
    page_ref_add,
    pte_mkold,
    shrinking,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    store,
    why,
)
from folioviz.mm.charges import mem_cgroup_charge, shrinker_begins
from folioviz.mm.headers import (
    deferred_list,
    do_huge_zero_wp_pmd,
    entry_page,
    find_vma,
    folio_needs_cow_for_dma,
    folio_nr_pages,
    folio_split_queue,
    folio_test_swapcache,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
)

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.memory import add_mm_counter, pte_alloc
    from folioviz.mm.mmu_gather import __tlb_remove_page, tlb_flush_mmu, tlb_remove_tlb_entry
    from folioviz.mm.page_alloc import alloc_pages, split_page_ids
    from folioviz.mm.rmap import (
        folio_add_new_anon_rmap,
        page_add_anon_rmap,
        page_dup_anon_rmap,
        page_remove_rmap,
        remap_page,
        remove_migration_ptes,
        total_mapcount,
        try_to_migrate,
    )
    from folioviz.mm.swap import folio_get, folio_put
    from folioviz.mm.zero_pages import __split_huge_zero_page_pmd

# --- PMD mappings -----------------------------------------------------------------------------------------------


def do_huge_pmd_anonymous_page(m: View, mm: int, addr: int) -> None:
    """Map a new order-9 folio by one PMD."""
    vma = find_vma(m, mm, addr)
    store(m, VMA_ANON, vma, 1)
    folio = alloc_pages(m, HPAGE_PMD_ORDER, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, folio, mm)
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    if m.pmd[slot]:  # another CPU was faster
        pmd_unlock(m, slot)
        folio_put(m, folio)
        return
    folio_add_new_anon_rmap(m, folio, 1)
    store(m, PMD, slot, (folio << ENTRY_SHIFT) | PMD_HUGE | PMD_WRITE)
    add_mm_counter(m, mm, HPAGE_PMD_NR)
    pmd_unlock(m, slot)


def do_huge_pmd_wp_page(m: View, mm: int, addr: int) -> bool:
    """Write to a huge page: reuse it and return true, or split the PMD and return false."""
    slot = pmd_index(mm, addr)
    pmd = m.pmd[slot]
    if not pmd_trans_huge(pmd):
        return False
    if pmd & PMD_WRITE:
        return True
    if pmd_page(pmd) < 0:
        if do_huge_zero_wp_pmd(m, mm, addr):
            return True
        __split_huge_pmd(m, mm, addr, 0, -1)
        return False
    folio = entry_page(pmd)
    pmd_lock(m, slot)
    if m.pmd[slot] != pmd:  # another CPU was faster
        pmd_unlock(m, slot)
        return True
    exclusive = bool(m.page_anon_exclusive[folio])
    if not exclusive and not folio_trylock(m, folio):  # who has it may not wait for the PMD's lock
        folio_try_get(m, folio)
        pmd_unlock(m, slot)
        folio_lock(m, folio)
        pmd_lock(m, slot)
        same = bool(m.pmd[slot] == pmd)
        if not same:
            pmd_unlock(m, slot)
            folio_unlock(m, folio)
        folio_put(m, folio)
        if not same:
            return True
    if exclusive:
        why(m, REUSED_EXCLUSIVE, folio, 0)
    elif m.folio_refcount[folio] == 1:
        store(m, PAGE_ANON_EXCLUSIVE, folio, 1)
        why(m, REUSED_LAST, folio, 0)
    else:
        why(m, COPIED_HUGE, folio, m.folio_refcount[folio])
        folio_unlock(m, folio)
        pmd_unlock(m, slot)
        __split_huge_pmd(m, mm, addr, 0, -1)
        return False
    if not exclusive:
        folio_unlock(m, folio)
    store(m, PMD, slot, pmd | PMD_WRITE)
    pmd_unlock(m, slot)
    return True


def copy_huge_pmd(m: View, mm: int, child: int, addr: int) -> None:
    """Share a huge page with a child, read-only on both sides."""
    slot, to = pmd_index(mm, addr), pmd_index(child, addr)
    pmd_lock(m, to)
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    if pmd_page(pmd) < 0:  # the huge zero page, which nothing counts
        store(m, PMD, to, pmd)
    if pmd_page(pmd) < 0 or not pmd_trans_huge(pmd):  # the latter if another CPU has split it
        pmd_unlock(m, slot)
        pmd_unlock(m, to)
        return
    folio = entry_page(m.pmd[slot])
    folio_get(m, folio)
    if folio_needs_cow_for_dma(m, folio, folio, 1):  # its pages are copied one by one
        folio_put(m, folio)
        pmd_unlock(m, slot)
        pmd_unlock(m, to)
        __split_huge_pmd(m, mm, addr, 0, -1)
        return
    page_dup_anon_rmap(m, folio, 1)
    add_mm_counter(m, child, HPAGE_PMD_NR)
    pmd = m.pmd[slot] & ~PMD_WRITE
    store(m, PMD, slot, pmd)
    store(m, PMD, to, pte_mkold(m, pmd))
    pmd_unlock(m, slot)
    pmd_unlock(m, to)


def zap_huge_pmd(m: View, mm: int, addr: int) -> None:
    """Zap a huge page that the range covers wholly."""
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    if not pmd_trans_huge(m.pmd[slot]):  # another CPU has split or zapped it
        pmd_unlock(m, slot)
        return
    folio = pmd_page(m.pmd[slot])
    store(m, PMD, slot, 0)
    tlb_remove_tlb_entry(m)
    if folio >= 0:  # else it is the huge zero page
        page_remove_rmap(m, folio, 1)
        add_mm_counter(m, mm, -HPAGE_PMD_NR)
    pmd_unlock(m, slot)
    if folio >= 0 and __tlb_remove_page(m, folio):
        tlb_flush_mmu(m)


def __split_huge_pmd(m: View, mm: int, addr: int, freeze: int, only: int) -> None:
    """Map a huge page by 512 PTEs instead of its PMD; with ``freeze`` by 512 migration entries.

    ``only``: the folio that it must be, or -1.
    """
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    folio = pmd_page(pmd)
    if not pmd_trans_huge(pmd) or (only >= 0 and folio != only):  # another CPU was faster
        pmd_unlock(m, slot)
        return
    count_vm_event(m, THP_SPLIT_PMD)
    if folio < 0:
        __split_huge_zero_page_pmd(m, mm, addr)
        return
    exclusive = m.page_anon_exclusive[folio]
    bits = PTE_WRITE if pmd & PMD_WRITE else 0
    if freeze:
        bits |= PTE_MIGRATION
        if exclusive:
            store(m, PAGE_ANON_EXCLUSIVE, folio, 0)
            bits |= PTE_MIGRATION_EXCLUSIVE
    else:
        bits |= PTE_PRESENT
        page_ref_add(m, folio, HPAGE_PMD_NR - 1)
    pmdp_invalidate(m, slot)
    store(m, PMD, slot, 0)
    table = pte_alloc(m, mm, addr)
    pte_lock(m, table)
    first = pte_index(table, 0)
    for i in range(HPAGE_PMD_NR):
        if not freeze:
            if exclusive:
                store(m, PAGE_ANON_EXCLUSIVE, folio + i, 1)
            page_add_anon_rmap(m, folio + i, 0)
        store(m, PTE, first + i, ((folio + i) << ENTRY_SHIFT) | bits)
    page_remove_rmap(m, folio, 1)  # last: all pages are mapped by PTEs, so nothing is uncounted or queued
    if freeze:
        folio_put(m, folio)
    pte_unlock(m, table)
    pmd_populate(m, slot)
    pmd_unlock(m, slot)


# --- the deferred split queue -----------------------------------------------------------------------------------


def deferred_split_folio(m: View, folio: int) -> None:
    """Put a partially mapped folio on the queue for the shrinker, once."""
    if m.folio_order[folio] < 2:
        bug(m, BUG_ORDER)
        return
    if folio_test_swapcache(m, folio):  # it is being reclaimed
        why(m, NOT_QUEUED_SWAPCACHE, folio, 0)
        return
    node = deferred_list(folio)
    if not list_empty(m, node):
        why(m, NOT_QUEUED_ALREADY, folio, int(shrinking(m)))
        return
    spin_lock(m)
    if list_empty(m, node):  # again, now that nobody else can queue it
        count_vm_event(m, THP_DEFERRED_SPLIT_PAGE)
        list_add_tail(m, node, folio_split_queue(m, folio))
        split_queue_len_add(m, 1)
        why(m, QUEUED, folio, m.folio_nr_pages_mapped[folio] & (COMPOUND_MAPPED - 1))
    spin_unlock(m)


def free_transhuge_page(m: View, folio: int) -> None:
    """Take a folio that is being freed off the queue."""
    if m.folio_order[folio] < 2 or list_empty(m, deferred_list(folio)):
        return
    spin_lock(m)
    if not list_empty(m, deferred_list(folio)):  # again, now that no shrinker can take it off
        split_queue_len_add(m, -1)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_FREED, folio, 0)
    spin_unlock(m)


def deferred_split_scan(m: View, nr_to_scan: int) -> int:
    """Split up to ``nr_to_scan`` folios from the queue's head; return how many, or -1 (SHRINK_STOP)."""
    queue = shrinker_begins(m)
    spin_lock(m)
    node = m.list_next[queue]
    while nr_to_scan > 0 and node != queue:
        after = m.list_next[node]
        if folio_try_get(m, node - deferred_list(0)):
            list_move(m, node, SCAN_LIST)  # linked, and counted in the length: nobody queues it again
        else:  # whoever dropped the last reference has not come to the queue yet
            list_del_init(m, node)
            split_queue_len_add(m, -1)
        nr_to_scan -= 1
        node = after
    spin_unlock(m)
    split = 0
    node = m.list_next[SCAN_LIST]
    while node != SCAN_LIST:
        after = m.list_next[node]
        folio = node - deferred_list(0)
        if folio_trylock(m, folio):
            if split_huge_page_to_list(m, folio, 0) == 0:
                split += 1
            folio_unlock(m, folio)
        folio_put(m, folio)
        node = after
    spin_lock(m)
    list_splice_tail_init(m, SCAN_LIST, queue)
    spin_unlock(m)
    if split == 0 and list_empty(m, queue):
        return -1
    return split


# --- splitting a folio ------------------------------------------------------------------------------------------


def split_huge_page_to_list(m: View, folio: int, order: int) -> int:
    """Split a folio, of which the caller holds one reference, into order-0 pages; 0, -EBUSY or -EAGAIN.

    ``order`` is for kernels that split to others, too; here it is 0.
    """
    anon_vma_lock(m)
    mapcount = total_mapcount(m, folio)
    extra = m.folio_refcount[folio] - 1 - mapcount
    if mapcount == 0 or extra != 0:
        count_vm_event(m, THP_SPLIT_PAGE_FAILED)
        why(m, SPLIT_PINNED if mapcount else SPLIT_UNMAPPED, folio, extra if mapcount else 0)
        anon_vma_unlock(m)
        return -EAGAIN if mapcount else -EBUSY
    try_to_migrate(m, folio, TTU_SPLIT_HUGE_PMD)
    on = int(shrinking(m))
    spin_lock(m)
    if not folio_ref_freeze(m, folio, 1):  # somebody took a reference since it was looked at
        spin_unlock(m)
        remap_page(m, folio)
        anon_vma_unlock(m)
        count_vm_event(m, THP_SPLIT_PAGE_FAILED)
        return -EAGAIN
    if not list_empty(m, deferred_list(folio)):
        split_queue_len_add(m, -1)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_SPLIT, folio, on)
    spin_unlock(m)
    __split_huge_page(m, folio, order)
    anon_vma_unlock(m)
    return 0


def __split_huge_page(m: View, folio: int, order: int) -> None:
    """Make a frozen, unmapped folio 2**order small ones, map them again, let the unmapped tails go."""
    nr = folio_nr_pages(m, folio)
    why(m, SPLIT_DONE, folio, nr)
    count_vm_event(m, THP_SPLIT_PAGE)
    split_page_ids(m, folio, nr, order)
    page_ref_inc(m, folio)
    for page in range(folio, folio + nr):
        remove_migration_ptes(m, m.folio_index[page], page)
    for page in range(folio + 1, folio + nr):
        folio_put(m, page)
