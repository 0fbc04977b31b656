"""v6.8: migration entries go in and out with the process that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import PTE
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    LIST_MM,
    MM_LIST,
    PMD_MIGRATION,
    PTE_MIGRATION,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_WRITE,
    TTU_SPLIT_HUGE_PMD,
)
from folioviz.machine.primitives import View, clear_page_anon_exclusive, folio_mark_dirty, page_ref_add, store
from folioviz.mm.headers import (
    entry_page,
    folio_nr_pages,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
    pte_present,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.migrate_pmd import remove_migration_pmd, set_pmd_migration_entry
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_anon_rmap_ptes, folio_remove_rmap_ptes
    from folioviz.mm.huge_memory import __split_huge_pmd
    from folioviz.mm.swap import folio_put


def try_to_migrate_one(m: View, folio: int, mm: int, addr: int, end: int, flags: int) -> None:
    """Replace the mappings of a folio in ``[addr, end)`` of one process, page by page.

    Follows mm/rmap.c, v6.8: ca1a0746182c ("mm/rmap: page_remove_rmap() -> folio_remove_rmap_pte()").
    """
    while addr < end:
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd == 0 or pmd_trans_huge(pmd):
            if pmd and pmd_page(pmd) == folio and flags & TTU_SPLIT_HUGE_PMD:
                __split_huge_pmd(m, mm, addr, 1, folio)
            elif pmd and pmd_page(pmd) == folio:
                set_pmd_migration_entry(m, mm, addr)
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
        entry = (page << ENTRY_SHIFT) | PTE_MIGRATION | (pte & (PTE_WRITE | ENTRY_OLD | ENTRY_CLEAN))
        if m.page_anon_exclusive[page]:
            clear_page_anon_exclusive(m, page)
            entry |= PTE_MIGRATION_EXCLUSIVE
        store(m, PTE, index, entry)
        folio_remove_rmap_ptes(m, folio, page, 1, mm)
        folio_put(m, folio)
        pte_unlock(m, pmd)


def remove_migration_ptes(m: View, src: int, dst: int, flags: int) -> None:
    """Map the pages of ``dst`` wherever migration entries for those of ``src`` wait: one walk, VMA by VMA.

    Follows mm/migrate.c, v6.8: a15dc4785c98 ("mm/migrate: page_add_anon_rmap() -> folio_add_anon_rmap_pte()").
    """
    node = m.list_next[MM_LIST]
    while node != MM_LIST:
        mm = node - LIST_MM
        vma = m.mm_mmap[mm]
        while vma >= 0:
            first = m.vma_start[vma] + m.folio_index[dst] - m.vma_pgoff[vma]
            start = max(m.vma_start[vma], first)
            end = min(m.vma_end[vma], first + folio_nr_pages(m, dst))
            for addr in range(start, end):
                pmd = m.pmd[pmd_index(mm, addr)]
                if pmd & PMD_MIGRATION and entry_page(pmd) == src:
                    remove_migration_pmd(m, mm, addr, dst)
                elif pmd and not pmd_trans_huge(pmd):
                    page = addr - first
                    pte_lock(m, pmd)
                    remove_migration_pte(m, mm, pte_index(pmd, addr), src + page, dst + page, flags)
                    pte_unlock(m, pmd)
            vma = m.vma_next[vma]
        node = m.list_next[node]


def remove_migration_pte(m: View, mm: int, index: int, src: int, dst: int, _flags: int) -> None:
    """Turn one migration entry for ``src``, if that is what the PTE holds, into a mapping of ``dst``.

    Follows mm/migrate.c, v6.8: a15dc4785c98 ("mm/migrate: page_add_anon_rmap() -> folio_add_anon_rmap_pte()").
    """
    pte = m.pte[index]
    if not pte & PTE_MIGRATION or entry_page(pte) != src:
        return
    folio = m.page_folio[dst]
    page_ref_add(m, folio, 1)
    exclusive = int(pte & (PTE_WRITE | PTE_MIGRATION_EXCLUSIVE) != 0)
    folio_add_anon_rmap_ptes(m, folio, dst, 1, mm, exclusive)
    store(m, PTE, index, (dst << ENTRY_SHIFT) | PTE_PRESENT | (pte & (PTE_WRITE | ENTRY_OLD | ENTRY_CLEAN)))
