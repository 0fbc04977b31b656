"""mm/rmap.c: reclaim unmaps a folio: swap entries take the place of its pages, or nothing if MADV_FREE gave them up.

Locks: each PTE's PTL while it is replaced. TLB flushes are put off in the kernel (TTU_BATCH_FLUSH), and not counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import FOLIO_FLAGS, PTE
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_SHIFT,
    LIST_MM,
    MM_LIST,
    PG_DIRTY,
    PG_LAZYFREE,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_SWAP,
)
from folioviz.machine.primitives import View, clear_page_anon_exclusive, folio_mark_dirty, store
from folioviz.mm.headers import (
    entry_page,
    folio_nr_pages,
    folio_test_swapcache,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
    pte_present,
    swap_duplicate,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.swap_rmap import unmap_swapped
    from folioviz.kernels.swap_slots import folio_mapcount
    from folioviz.mm.huge_memory import __split_huge_pmd
    from folioviz.mm.memory import add_mm_counter
    from folioviz.mm.swap import folio_put


def try_to_unmap(m: View, folio: int) -> None:
    """Replace every mapping of a folio by a swap entry, process by process, VMA by VMA.

    Follows mm/rmap.c, v6.1: unmapping a folio for reclaim, trimmed to anonymous ones.
    """
    node = m.list_next[MM_LIST]
    while node != MM_LIST:
        mm = node - LIST_MM
        vma = m.mm_mmap[mm]
        while vma >= 0:
            first = m.vma_start[vma] + m.folio_index[folio] - m.vma_pgoff[vma]
            start = max(m.vma_start[vma], first)
            end = min(m.vma_end[vma], first + folio_nr_pages(m, folio))
            if m.vma_anon[vma] and start < end and not try_to_unmap_one(m, folio, mm, start, end):
                return
            vma = m.vma_next[vma]
        node = m.list_next[node]


def try_to_unmap_one(m: View, folio: int, mm: int, addr: int, end: int) -> bool:
    """Replace the mappings of a folio in ``[addr, end)`` of one process, page by page; a PMD is split first.

    False if a page of a lazily freed folio was written to again, or is held: then the folio stays.

    Follows mm/rmap.c, v6.8: unmapping a folio for reclaim, trimmed to anonymous ones.
    """
    while addr < end:
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd_trans_huge(pmd) and pmd_page(pmd) == folio:
            __split_huge_pmd(m, mm, addr, 0, folio)
            pmd = m.pmd[pmd_index(mm, addr)]
        if pmd == 0 or pmd_trans_huge(pmd):
            addr = (addr | 511) + 1
            continue
        index = pte_index(pmd, addr)
        pte_lock(m, pmd)
        pte = m.pte[index]
        page = entry_page(pte)
        addr += 1
        if not pte_present(pte) or m.page_folio[page] != folio:
            pte_unlock(m, pmd)
            continue
        if not pte & ENTRY_CLEAN:
            folio_mark_dirty(m, folio)
        entry = 0
        if folio_test_swapcache(m, folio):
            entry = make_swap_entry(m, page)
        elif m.folio_flags[folio] & PG_DIRTY or m.folio_refcount[folio] != folio_mapcount(m, folio) + 1:
            store(m, FOLIO_FLAGS, folio, m.folio_flags[folio] & ~PG_LAZYFREE)
            pte_unlock(m, pmd)
            return False
        store(m, PTE, index, entry)
        add_mm_counter(m, mm, -1)
        unmap_swapped(m, folio, page, mm)
        folio_put(m, folio)
        pte_unlock(m, pmd)
    return True


def make_swap_entry(m: View, page: int) -> int:
    """Return the swap entry that takes a page's place, counted; it remembers AnonExclusive.

    Follows mm/rmap.c, try_to_unmap_one(), v6.8: unmapping a folio for reclaim, trimmed to anonymous ones.
    """
    folio = m.page_folio[page]
    slot = m.folio_swap[folio] + page - folio
    swap_duplicate(m, slot)
    entry = (slot << ENTRY_SHIFT) | PTE_SWAP
    if m.page_anon_exclusive[page]:
        clear_page_anon_exclusive(m, page)
        entry |= PTE_MIGRATION_EXCLUSIVE
    return int(entry)
