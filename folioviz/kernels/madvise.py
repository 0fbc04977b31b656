"""mm/madvise.c: MADV_FREE, MADV_COLD and MADV_PAGEOUT visit what is mapped, split large folios, clear bits or reclaim.

Before v6.10 every large folio that PTEs map is split, unless it looks shared; one that does, or that cannot be split,
ends the visit of its page table. A folio of order 1, which no fault of these kernels brings, is left alone: it has no
room for the queue's link. MADV_PAGEOUT has reclaim take what it finds, page table by page table (vmscan.py); that
pages age, or go some time after MADV_FREE, is not modelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    folio_try_get,
    folio_trylock,
    folio_unlock,
    pmd_lock,
    pmd_unlock,
    pte_lock,
    pte_unlock,
)
from folioviz.machine.fields import FOLIO_FLAGS, PMD, PTE
from folioviz.machine.journal import PASSED_HOLE
from folioviz.machine.memory import (
    ENOMEM,
    ENTRY_CLEAN,
    ENTRY_OLD,
    HPAGE_PMD_NR,
    LOWEST_QUEUED_ORDER,
    PG_DIRTY,
    PG_LAZYFREE,
)
from folioviz.machine.primitives import View, fail, store
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    folio_nr_pages,
    folio_test_large,
    pmd_addr_end,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
    pte_present,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.estimated_sharers import madvise_shared
    from folioviz.kernels.swap_slots import folio_mapcount
    from folioviz.kernels.vmscan import folio_isolate_lru, reclaim_pages
    from folioviz.mm.huge_memory import split_huge_page_to_list
    from folioviz.mm.mmu_gather import tlb_finish_mmu, tlb_gather_mmu, tlb_remove_tlb_entry
    from folioviz.mm.swap import folio_put

ADVICE_COLD = 0
ADVICE_FREE = 1
ADVICE_PAGEOUT = 2


def madvise_free(m: View, mm: int, start: int, end: int) -> int:
    """MADV_FREE on ``[start, end)``; 0, or -ENOMEM if there is a hole in it.

    Follows mm/madvise.c, do_madvise(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and bits.
    """
    return madvise_walk_vmas(m, mm, start, end, ADVICE_FREE)


def madvise_cold(m: View, mm: int, start: int, end: int) -> int:
    """MADV_COLD on ``[start, end)``; 0, or -ENOMEM if there is a hole in it.

    Follows mm/madvise.c, do_madvise(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and bits.
    """
    return madvise_walk_vmas(m, mm, start, end, ADVICE_COLD)


def madvise_pageout(m: View, mm: int, start: int, end: int) -> int:
    """MADV_PAGEOUT on ``[start, end)``; 0, or -ENOMEM if there is a hole in it.

    Follows mm/madvise.c, do_madvise(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and bits.
    """
    return madvise_walk_vmas(m, mm, start, end, ADVICE_PAGEOUT)


def madvise_walk_vmas(m: View, mm: int, start: int, end: int, advice: int) -> int:
    """Visit the VMAs in ``[start, end)``; a hole is passed over, and told of by -ENOMEM at the end.

    Follows mm/madvise.c, v6.8: MADV_FREE and MADV_COLD, trimmed to splits and bits.
    """
    hole = -1
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] < end:
        if start < m.vma_start[vma]:
            hole = start
            start = m.vma_start[vma]
        last = min(end, m.vma_end[vma])
        madvise_single_vma(m, mm, start, last, advice)
        start = last
        vma = m.vma_next[vma]
    if start < end:
        hole = start
    if hole < 0:
        return 0
    fail(m, PASSED_HOLE, hole)
    return -ENOMEM


def madvise_single_vma(m: View, mm: int, addr: int, end: int, advice: int) -> None:
    """Visit a part of one VMA, in a gather of its own.

    Follows mm/madvise.c, madvise_free_single_vma(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and bits.
    """
    tlb_gather_mmu(m)
    walk_page_range(m, mm, addr, end, advice)
    tlb_finish_mmu(m)


def walk_page_range(m: View, mm: int, addr: int, end: int, advice: int) -> None:
    """Visit what is mapped in a part of one VMA, page table by page table.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and bits.
    """
    while addr < end:
        after = pmd_addr_end(addr, end)
        slot = pmd_index(mm, addr)
        if pmd_trans_huge(m.pmd[slot]):
            madvise_huge_pmd(m, slot, after - addr, advice)
        pmd = m.pmd[slot]
        if pmd and not pmd_trans_huge(pmd):
            madvise_pte_range(m, pmd, addr, after, advice)
        if advice == ADVICE_PAGEOUT:
            reclaim_pages(m)
        addr = after


def madvise_huge_pmd(m: View, slot: int, nr: int, advice: int) -> None:
    """Split the folio of a PMD that is visited in part, or clear the PMD's bits, unless others seem to map it too.

    Follows mm/madvise.c, madvise_cold_or_pageout_pte_range(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and
    bits.
    """
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    folio = pmd_page(pmd)
    if not pmd_trans_huge(pmd) or folio < 0 or madvise_shared(m, folio, folio, int(advice == ADVICE_FREE), 1):
        pmd_unlock(m, slot)
        return
    locked = bool((advice == ADVICE_FREE or nr < HPAGE_PMD_NR) and folio_trylock(m, folio))
    if nr < HPAGE_PMD_NR and locked:
        folio_try_get(m, folio)
        pmd_unlock(m, slot)
        split_huge_page_to_list(m, folio, 0)
        folio_unlock(m, folio)
        folio_put(m, folio)
        return
    if locked:
        folio_unlock(m, folio)
    elif advice == ADVICE_FREE or nr < HPAGE_PMD_NR:
        pmd_unlock(m, slot)
        return
    bits = ENTRY_OLD
    if advice == ADVICE_FREE:
        bits |= ENTRY_CLEAN
        store(m, FOLIO_FLAGS, folio, PG_LAZYFREE)
    elif advice == ADVICE_PAGEOUT:
        bits = pageout_folio(m, folio)
    if pmd & bits != bits:
        store(m, PMD, slot, pmd | bits)
        tlb_remove_tlb_entry(m)
    pmd_unlock(m, slot)


def madvise_pte_range(m: View, pmd: int, addr: int, end: int, advice: int) -> None:
    """Visit the PTEs of one table; a large folio that seems shared, or that cannot be split, ends the visit.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and bits.
    """
    pte_lock(m, pmd)
    more = True
    while more and addr < end:
        index = pte_index(pmd, addr)
        addr += 1
        if pte_present(m.pte[index]):
            page = entry_page(m.pte[index])
            folio = m.page_folio[page]
            if m.folio_order[folio] >= LOWEST_QUEUED_ORDER:
                more = False
                if not madvise_shared(m, folio, page, int(advice == ADVICE_FREE), 0) and folio_trylock(
                    m, folio
                ):
                    folio_try_get(m, folio)
                    pte_unlock(m, pmd)
                    more = split_huge_page_to_list(m, folio, 0) == 0
                    folio_unlock(m, folio)
                    folio_put(m, folio)
                    pte_lock(m, pmd)
                addr -= 1  # it is visited again
            elif not folio_test_large(m, folio):
                madvise_ptes(m, folio, index, 1, advice)
    pte_unlock(m, pmd)


def madvise_ptes(m: View, folio: int, index: int, nr: int, advice: int) -> None:
    """Clear the bits of ``nr`` PTEs that map all of a folio; MADV_FREE also says that its pages may go, or they do.

    If others map the folio too, MADV_COLD and MADV_PAGEOUT leave it alone, and MADV_FREE does if it is PG_dirty.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and bits.
    """
    free = advice == ADVICE_FREE
    dirty = m.folio_flags[folio] & PG_DIRTY
    locked = bool(free and dirty and folio_trylock(m, folio))
    if free and dirty and not locked:
        return
    shared = bool((dirty or not free) and folio_mapcount(m, folio) != folio_nr_pages(m, folio))
    if free and not shared:
        store(m, FOLIO_FLAGS, folio, PG_LAZYFREE)
    if locked:
        folio_unlock(m, folio)
    if shared:
        return
    bits = ENTRY_OLD | ENTRY_CLEAN if free else ENTRY_OLD
    if advice == ADVICE_PAGEOUT:
        bits = pageout_folio(m, folio)
    cleared = 0
    for i in range(index, index + nr):
        pte = m.pte[i]
        if pte & bits != bits:
            store(m, PTE, i, pte | bits)
            cleared = 1
    if cleared:
        tlb_remove_tlb_entry(m)


def pageout_folio(m: View, folio: int) -> int:
    """Let reclaim take a folio; return the bits of its entries that are cleared before.

    Follows mm/madvise.c, madvise_cold_or_pageout_pte_range(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and
    bits.
    """
    folio_isolate_lru(m, folio)
    return ENTRY_OLD if pageout_clears_young(m) else 0


def pageout_clears_young(_m: View) -> bool:
    """Tell whether MADV_PAGEOUT clears accessed bits, so that reclaim takes what was used lately.

    Follows mm/madvise.c, madvise_cold_or_pageout_pte_range(), v6.8: MADV_FREE and MADV_COLD, trimmed to splits and
    bits.
    """
    return True
