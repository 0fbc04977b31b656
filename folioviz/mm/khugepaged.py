"""mm/khugepaged.c: MADV_COLLAPSE puts one new 2 MiB folio in the place of what a page table maps.

What is mapped is copied, what is not becomes zeros, and the old folios lose their mappings one by one: large ones may
go on the deferred split queue as they go. A folio that somebody else holds ends it: that one would not see the copy.

Locks: the scan holds mmap_lock for reading and the PTL; the rest holds mmap_lock for writing, the anon_vma's lock
while pages are isolated, and the lock of each folio. Not modelled: the flush of the TLB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    folio_trylock,
    folio_unlock,
    pmd_lock,
    pmd_unlock,
    pte_lock,
    pte_unlock,
)
from folioviz.machine.fields import FREE_PTE_TABLE, PAGE_ZERO_FILLED, PMD, PTE, PTE_TABLE_NEXT
from folioviz.machine.journal import (
    COLLAPSE_HELD,
    COLLAPSE_NONE,
    COLLAPSE_NOT_THERE,
    COLLAPSE_OLD,
    COLLAPSE_READ_ONLY,
    COLLAPSE_SHARED,
    COLLAPSE_SWAPPED,
    COLLAPSE_TOO_SMALL,
    COLLAPSED,
    PASSED_HOLE,
)
from folioviz.machine.memory import (
    COMPOUND_PAGELIST,
    EAGAIN,
    EINVAL,
    ENOMEM,
    ENTRY_OLD,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    LIST_PAGE,
    MAX_PTES_SHARED,
    MAX_PTES_SWAP,
    PMD_HUGE,
    PMD_WRITE,
    PTE_WRITE,
)
from folioviz.machine.primitives import (
    View,
    fail,
    list_add_tail,
    list_del_init,
    list_empty,
    put_page_testzero,
    store,
    why,
)
from folioviz.mm.charges import mem_cgroup_charge
from folioviz.mm.headers import (
    do_swap_page,
    entry_page,
    find_vma,
    folio_cache_ref_count,
    folio_test_large,
    folio_test_swapcache,
    free_swap_cache,
    lru_node,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_present,
    pte_swap,
    pte_zero,
)

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.memory import add_mm_counter
    from folioviz.mm.page_alloc import alloc_pages, free_unref_page
    from folioviz.mm.rmap import folio_add_new_anon_rmap, page_remove_rmap, total_mapcount
    from folioviz.mm.swap import folio_get, folio_put


def madvise_collapse(m: View, mm: int, start: int, end: int) -> int:
    """MADV_COLLAPSE on ``[start, end)``: 0, or why something of it was not collapsed.

    A VMA that fails ends it; a hole is passed over, and told of by -ENOMEM at the end.
    """
    hole = -1
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] < end:
        if start < m.vma_start[vma]:
            hole = start
            start = m.vma_start[vma]
        last = min(end, m.vma_end[vma])
        error = madvise_collapse_vma(m, mm, vma, start, last)
        if error:
            return error
        start = last
        vma = m.vma_next[vma]
    if start < end:
        hole = start
    if hole < 0:
        return 0
    fail(m, PASSED_HOLE, hole)
    return -ENOMEM


def madvise_collapse_vma(m: View, mm: int, vma: int, start: int, end: int) -> int:
    """Collapse each aligned 2 MiB of a part of one VMA; 0 if all of them are huge pages now, or the last error."""
    if not collapse_possible(m, vma):
        fail(m, COLLAPSE_TOO_SMALL, start)
        return -EINVAL
    error = 0
    addr = (start + HPAGE_PMD_NR - 1) & -HPAGE_PMD_NR
    if addr > end:
        return collapse_nothing(m, start)
    while addr + HPAGE_PMD_NR <= end:
        if not pmd_trans_huge(m.pmd[pmd_index(mm, addr)]):
            failed = hpage_collapse_scan_pmd(m, mm, vma, addr, HPAGE_PMD_NR, 0)
            if failed < 0:
                error = failed
        addr += HPAGE_PMD_NR
    return error


def collapse_possible(m: View, vma: int) -> bool:
    """Tell whether a VMA has an aligned 2 MiB anywhere."""
    return bool(((m.vma_start[vma] + HPAGE_PMD_NR - 1) & -HPAGE_PMD_NR) + HPAGE_PMD_NR <= m.vma_end[vma])


def collapse_nothing(m: View, start: int) -> int:
    """Return what becomes of a range inside of one 2 MiB: its length, rounded, is below zero, and so it fails."""
    fail(m, COLLAPSE_TOO_SMALL, start)
    return -EINVAL


def hpage_collapse_scan_pmd(m: View, mm: int, vma: int, addr: int, max_none: int, khugepaged: int) -> int:
    """Collapse what one page table maps, if it may be: 1, or a negative error.

    ``max_none`` entries may be empty; khugepaged also leaves what is shared, or was not accessed.
    """
    pmd = m.pmd[pmd_index(mm, addr)]
    if not pmd or not m.vma_anon[vma]:
        fail(m, COLLAPSE_NOT_THERE, addr)
        return -EINVAL
    pte_lock(m, pmd)
    error = collapse_scan_ptes(m, pmd, addr, HPAGE_PMD_NR, max_none, khugepaged)
    pte_unlock(m, pmd)
    return error or collapse_huge_page(m, mm, vma, addr, max_none, khugepaged)


def collapse_scan_ptes(m: View, pmd: int, addr: int, nr: int, max_none: int, khugepaged: int) -> int:
    """Look whether ``nr`` entries may be collapsed; 0, or a negative error.

    The kernel looks twice: here and in __collapse_huge_page_isolate(), which finds the same if nobody comes between,
    and nothing is read from swap.
    """
    none = 0
    swapped = 0
    shared = 0
    young = 0
    writable = 0
    first = pte_index(pmd, addr)
    for index in range(first, first + nr):
        pte = m.pte[index]
        if pte == 0 or pte_zero(pte):
            none += 1
            if none > max_none:
                fail(m, COLLAPSE_NONE, addr)
                return -EINVAL
            continue
        if pte_swap(pte):
            swapped += 1
            if khugepaged and swapped > MAX_PTES_SWAP:
                fail(m, COLLAPSE_SWAPPED, addr)
                return -EINVAL
            continue
        if not pte_present(pte):
            fail(m, COLLAPSE_NOT_THERE, addr + index - first)
            return -EINVAL
        page = entry_page(pte)
        if khugepaged and collapse_shared(m, page):
            shared += 1
            if shared > MAX_PTES_SHARED:
                fail(m, COLLAPSE_SHARED, addr + index - first)
                return -EINVAL
        if not is_refcount_suitable(m, m.page_folio[page]):
            fail(m, COLLAPSE_HELD, addr + index - first)
            return -EAGAIN
        young += not pte & ENTRY_OLD
        writable |= pte & PTE_WRITE
    if not writable:
        fail(m, COLLAPSE_READ_ONLY, addr)
        return -EINVAL
    if khugepaged and young < collapse_young(m, nr, swapped):
        fail(m, COLLAPSE_OLD, addr)
        return -EINVAL
    return 0


def collapse_young(_m: View, nr: int, swapped: int) -> int:
    """Return how many of ``nr`` pages khugepaged asks to have been accessed: one, or half if some are in swap."""
    return nr // 2 if swapped else 1


def collapse_shared(m: View, page: int) -> bool:
    """Tell whether more than one mapping maps a page."""
    return bool(m.folio_entire_mapcount[m.page_folio[page]] + m.page_mapcount[page] + 2 > 1)


def is_refcount_suitable(m: View, folio: int) -> bool:
    """Tell whether all references of a folio are its mappings' and the swap cache's."""
    return bool(m.folio_refcount[folio] == total_mapcount(m, folio) + folio_cache_ref_count(m, folio))


def collapse_huge_page(m: View, mm: int, vma: int, addr: int, max_none: int, khugepaged: int) -> int:
    """Put a new 2 MiB folio in the place of what one page table maps; 1, or a negative error.

    The scan found that it is possible. What it found in swap is read, and may be shared or not writable: so it is
    looked at once more.
    """
    folio = alloc_pages(m, HPAGE_PMD_ORDER, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, folio, mm)
    swapped = __collapse_huge_page_swapin(m, mm, addr)
    if swapped < 0:
        collapse_free(m, folio)
        return swapped
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    store(m, PMD, slot, 0)
    pmd_unlock(m, slot)
    pte_lock(m, pmd)
    error = collapse_scan_ptes(m, pmd, addr, HPAGE_PMD_NR, max_none, khugepaged) if swapped else 0
    if error == 0:
        __collapse_huge_page_isolate(m, pte_index(pmd, 0), HPAGE_PMD_NR)
    pte_unlock(m, pmd)
    if error:
        pmd_lock(m, slot)
        store(m, PMD, slot, pmd)
        pmd_unlock(m, slot)
        collapse_free(m, folio)
        return error
    __collapse_huge_page_copy(m, mm, folio, pmd, pte_index(pmd, 0), HPAGE_PMD_NR)
    pmd_lock(m, slot)
    store(m, PTE_TABLE_NEXT, pmd >> ENTRY_SHIFT, m.free_pte_table[0])
    store(m, FREE_PTE_TABLE, 0, pmd >> ENTRY_SHIFT)
    map_anon_folio_pmd(m, mm, vma, slot, folio)
    pmd_unlock(m, slot)
    return 1


def __collapse_huge_page_swapin(m: View, mm: int, addr: int) -> int:
    """Read back what one page table waits for; return how often that was necessary, or -EINVAL at a marker."""
    pmd = m.pmd[pmd_index(mm, addr)]
    swapped = 0
    for vpn in range(addr, addr + HPAGE_PMD_NR):
        pte = m.pte[pte_index(pmd, vpn)]
        if pte_swap(pte):
            swapped += 1
            do_swap_page(m, mm, vpn, 0)
        elif pte and not pte_present(pte) and not pte_zero(pte):
            fail(m, COLLAPSE_NOT_THERE, vpn)
            return -EINVAL
    return swapped


def collapse_free(m: View, folio: int) -> None:
    """Give back a new folio that found no place."""
    if put_page_testzero(m, folio):
        free_unref_page(m, folio)


def map_anon_folio_pmd(m: View, _mm: int, vma: int, slot: int, folio: int) -> None:
    """Map the new folio by one PMD, writable if its VMA is."""
    folio_add_new_anon_rmap(m, folio, 1)
    store(m, PMD, slot, (folio << ENTRY_SHIFT) | PMD_HUGE | collapse_write_bit(m, vma, PMD_WRITE))


def collapse_write_bit(m: View, vma: int, bit: int) -> int:
    """Return the write bit of a new entry: none in a read-only VMA, which only some kernels have."""
    return 0 if len(m.vma_readonly) and m.vma_readonly[vma] else bit


def __collapse_huge_page_isolate(m: View, first: int, nr: int) -> None:
    """Lock each folio that ``nr`` entries map, and take a reference on it: a large one once."""
    for index in range(first, first + nr):
        if pte_present(m.pte[index]):
            folio = m.page_folio[entry_page(m.pte[index])]
            if list_empty(m, lru_node(folio)):
                folio_trylock(m, folio)
                folio_get(m, folio)
                if folio_test_large(m, folio):
                    list_add_tail(m, lru_node(folio), COMPOUND_PAGELIST)


def __collapse_huge_page_copy(m: View, mm: int, new: int, pmd: int, first: int, nr: int) -> None:
    """Copy what ``nr`` entries map, fill holes with zeros, and let the old pages go."""
    for i in range(nr):
        copy_user_highpage(m, new + i, m.pte[first + i])
    none = 0
    copied = 0
    index = first
    while index < first + nr:
        pte = m.pte[index]
        run = 1
        if pte == 0 or pte_zero(pte):
            none += 1
            store(m, PTE, index, 0)
        else:
            page = entry_page(pte)
            folio = m.page_folio[page]
            run = collapse_run(m, folio, page, index, first + nr - index)
            copied += run
            if not folio_test_large(m, folio):
                folio_unlock(m, folio)
                folio_put(m, folio)
            pte_lock(m, pmd)
            for i in range(index, index + run):
                store(m, PTE, i, 0)
            collapse_remove_rmap(m, mm, folio, page, run)
            pte_unlock(m, pmd)
            if folio_test_swapcache(m, folio) and not folio_test_large(m, folio):
                free_swap_cache(m, folio)
            collapse_put(m, folio, run)
        index += run
    add_mm_counter(m, mm, none)
    node = m.list_next[COMPOUND_PAGELIST]
    while node != COMPOUND_PAGELIST:
        after = m.list_next[node]
        list_del_init(m, node)
        folio_unlock(m, node - LIST_PAGE)
        if folio_test_swapcache(m, node - LIST_PAGE):
            free_swap_cache(m, node - LIST_PAGE)
        folio_put(m, node - LIST_PAGE)
        node = after
    why(m, COLLAPSED, new, copied)


def copy_user_highpage(m: View, to: int, pte: int) -> None:
    """Copy what an entry maps to a new page, or clear that, as far as a kernel tells what pages hold."""
    if len(m.page_zero_filled):
        filled = pte_present(pte) and not m.page_zero_filled[entry_page(pte)]
        store(m, PAGE_ZERO_FILLED, to, int(not filled))


def collapse_run(_m: View, _folio: int, _page: int, _index: int, _max_nr: int) -> int:
    """Return how many entries go at once: one."""
    return 1


def collapse_remove_rmap(m: View, _mm: int, _folio: int, page: int, _nr: int) -> None:
    """Take down the mapping of a page that was copied."""
    page_remove_rmap(m, page, 0)


def collapse_put(m: View, folio: int, _nr: int) -> None:
    """Drop the reference of a mapping."""
    folio_put(m, folio)
