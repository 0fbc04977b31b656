"""mm/memory.c: faults, fork's copy of page tables, and zapping.

A fault fills entries, fork copies them, a zap clears them; with each entry goes one reference and one mapping of a
page. The reference is taken before the mapping is counted and dropped after it, so that a mapped folio is never freed:
a zap leaves the reference to the mmu_gather, which drops it once the TLB has been flushed.

Locks: a fault and MADV_DONTNEED hold mmap_lock for reading (a fault may do with its VMA's lock), fork and munmap for
writing; entries are read and written under the PTL of their table. zap_pte_range() takes the PTL once a round and lets
it go before the gathered pages are freed; the rounds are counted (``zround``). A fault holds the PTL but where it
allocates and copies, so it looks again behind that: who comes second gives its new page back. Not modelled: a zap that
pauses for the scheduler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    folio_trylock,
    folio_unlock,
    migration_entry_wait,
    pmd_lock,
    pmd_unlock,
    pte_lock,
    pte_unlock,
)
from folioviz.machine.costs import TFORCE, ZRESTART, ZROUND
from folioviz.machine.fields import (
    FREE_PTE_TABLE,
    MM_RSS,
    PAGE_ANON_EXCLUSIVE,
    PMD,
    PTE,
    PTE_TABLE_NEXT,
    VMA_ANON,
)
from folioviz.machine.journal import COPIED, COPIED_PINNED, FLUSH_FULL, REUSED_EXCLUSIVE, REUSED_LAST
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    PMD_TABLE,
    PTE_MIGRATION,
    PTE_PRESENT,
    PTE_WRITE,
)
from folioviz.machine.primitives import View, count, page_ref_add, pte_mkold, store, why
from folioviz.mm.charges import mem_cgroup_charge
from folioviz.mm.entries import copy_nonpresent_pte, zap_nonpresent_pte
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    folio_free_swap,
    folio_needs_cow_for_dma,
    folio_test_swapcache,
    pmd_addr_end,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_present,
    pte_range_none,
    pte_zero,
)

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.huge_memory import __split_huge_pmd, copy_huge_pmd, do_huge_pmd_wp_page, zap_huge_pmd
    from folioviz.mm.mmu_gather import (
        __tlb_remove_page,
        tlb_flush_mmu,
        tlb_flush_mmu_tlbonly,
        tlb_remove_tlb_entry,
    )
    from folioviz.mm.page_alloc import alloc_pages
    from folioviz.mm.rmap import folio_add_new_anon_rmap, page_dup_anon_rmap, page_remove_rmap
    from folioviz.mm.swap import folio_get, folio_put


def add_mm_counter(m: View, mm: int, n: int) -> None:
    """Add to a process's resident pages, MM_ANONPAGES."""
    store(m, MM_RSS, mm, m.mm_rss[mm] + n)


def pte_alloc(m: View, mm: int, addr: int) -> int:
    """Return the PMD entry for an address, with an empty page table put there if it was none."""
    pmd = m.pmd[pmd_index(mm, addr)]
    if pmd == 0:
        table = m.free_pte_table[0]
        store(m, FREE_PTE_TABLE, 0, m.pte_table_next[table])
        pmd = (table << ENTRY_SHIFT) | PMD_TABLE
        store(m, PMD, pmd_index(mm, addr), pmd)
    return int(pmd)


def free_pte_range(m: View, slot: int) -> None:
    """Free the (empty) page table of a PMD slot."""
    table = m.pmd[slot] >> ENTRY_SHIFT
    store(m, PMD, slot, 0)
    store(m, PTE_TABLE_NEXT, table, m.free_pte_table[0])
    store(m, FREE_PTE_TABLE, 0, table)
    tlb_remove_tlb_entry(m)


def free_pgtables(m: View, mm: int, start: int, end: int) -> None:
    """Free the page tables of ``[start, end)`` whose 2 MiB have no VMA any more."""
    for slot in range(start >> 9, ((end - 1) >> 9) + 1):
        if m.pmd[mm * 512 + slot]:
            vma = find_vma(m, mm, slot * 512)
            if vma < 0 or m.vma_start[vma] >= (slot + 1) * 512:
                free_pte_range(m, mm * 512 + slot)


# --- faults -----------------------------------------------------------------------------------------------------


def do_anonymous_page(m: View, mm: int, addr: int, order: int) -> None:
    """Map a new folio of 2**order pages at an empty place, each page by a PTE.

    Orders above 0 follow the companion series for large anonymous folios (v6.5-rc3 has order 0 only).
    """
    vma = find_vma(m, mm, addr)
    store(m, VMA_ANON, vma, 1)
    folio = alloc_pages(m, order, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, folio, mm)
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    pmd = pte_alloc(m, mm, addr)
    pmd_unlock(m, slot)
    if pmd_trans_huge(pmd):  # another CPU was faster
        folio_put(m, folio)
        return
    first = pte_index(pmd, addr)
    nr = 1 << order
    pte_lock(m, pmd)
    if m.pmd[slot] != pmd or not pte_range_none(m, first, nr):
        pte_unlock(m, pmd)
        folio_put(m, folio)
        return
    if order:
        page_ref_add(m, folio, nr - 1)
    add_mm_counter(m, mm, nr)
    folio_add_new_anon_rmap(m, folio, 0)
    for i in range(nr):
        store(m, PTE, first + i, ((folio + i) << ENTRY_SHIFT) | PTE_PRESENT | PTE_WRITE)
    pte_unlock(m, pmd)


def handle_mm_fault(m: View, mm: int, addr: int) -> None:
    """Write to a page: fault it in, make it writable, or copy it."""
    pmd = m.pmd[pmd_index(mm, addr)]
    if pmd_trans_huge(pmd):
        if do_huge_pmd_wp_page(m, mm, addr):
            return
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd_trans_huge(pmd):
            return
    index = pte_index(pmd, addr)
    pte = m.pte[index] if pmd else 0
    if pte == 0:
        do_anonymous_page(m, mm, addr, 0)
    elif pte & PTE_MIGRATION:
        migration_entry_wait(m, index)
    elif not pte & PTE_WRITE:
        pte_lock(m, pmd)
        if m.pte[index] == pte:
            do_wp_page(m, mm, addr, index)
        else:
            pte_unlock(m, pmd)


def do_wp_page(m: View, mm: int, addr: int, index: int) -> None:
    """Write to a page mapped read-only: reuse it if it is surely ours, else copy it; the PTL is held, and released."""
    pte = m.pte[index]
    if pte_zero(pte):
        wp_page_copy(m, mm, addr, index)
        return
    page = entry_page(pte)
    folio = m.page_folio[page]
    reuse = bool(m.page_anon_exclusive[page])
    if reuse:
        why(m, REUSED_EXCLUSIVE, folio, page - folio)
    elif folio_trylock(m, folio):
        if folio_test_swapcache(m, folio) and m.folio_refcount[folio] == 2:
            folio_free_swap(m, folio)
        reuse = bool(m.folio_refcount[folio] == 1)  # this PTE's: of a large folio no other page is mapped
        if reuse:
            store(m, PAGE_ANON_EXCLUSIVE, page, 1)
            why(m, REUSED_LAST, folio, page - folio)
        folio_unlock(m, folio)
    if reuse:
        wp_page_reuse(m, index)
        pte_unlock(m, m.pmd[pmd_index(mm, addr)])
        return
    why(m, COPIED, folio, page - folio)
    folio_get(m, folio)  # holds the old page while it is copied, when the PTL is not held
    wp_page_copy(m, mm, addr, index)


def wp_page_reuse(m: View, index: int) -> None:
    """Make a PTE writable."""
    store(m, PTE, index, m.pte[index] | PTE_WRITE)


def wp_page_copy(m: View, mm: int, addr: int, index: int) -> None:
    """Map a new page instead of a shared one or of the zero page; drop the mapping's and the caller's references.

    The caller holds the PTL; it is released.
    """
    pte, pmd = m.pte[index], m.pmd[pmd_index(mm, addr)]
    page = entry_page(pte)
    pte_unlock(m, pmd)
    vma = find_vma(m, mm, addr)
    if pte_zero(pte):
        store(m, VMA_ANON, vma, 1)
    new = alloc_pages(m, 0, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, new, mm)
    pte_lock(m, pmd)
    if m.pte[index] != pte:  # another CPU was faster
        pte_unlock(m, pmd)
        folio_put(m, new)
        if not pte_zero(pte):
            folio_put(m, m.page_folio[page])
        return
    folio_add_new_anon_rmap(m, new, 0)
    store(m, PTE, index, (new << ENTRY_SHIFT) | PTE_PRESENT | PTE_WRITE)
    if pte_zero(pte):
        add_mm_counter(m, mm, 1)
        pte_unlock(m, pmd)
        return
    folio = m.page_folio[page]
    page_remove_rmap(m, page, 0)
    pte_unlock(m, pmd)
    folio_put(m, folio)
    folio_put(m, folio)


# --- fork -------------------------------------------------------------------------------------------------------


def copy_page_range(m: View, mm: int, child: int, addr: int, end: int) -> None:
    """Share the mappings of ``[addr, end)`` with a child, read-only on both sides."""
    while addr < end:
        after = pmd_addr_end(addr, end)
        slot = pmd_index(child, addr)
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd_trans_huge(pmd):
            copy_huge_pmd(m, mm, child, addr)
            pmd = (
                0 if m.pmd[slot] else m.pmd[pmd_index(mm, addr)]
            )  # a split that came first made a table of it
        if pmd:
            pmd_lock(m, slot)
            dst = pte_alloc(m, child, addr)
            pmd_unlock(m, slot)
            copy_pte_range(m, pmd, dst, addr, after, child)
        addr = after


def copy_pte_range(m: View, src: int, dst: int, addr: int, end: int, child: int) -> None:
    """Share the PTEs of one page table with a child, one by one."""
    rss = 0
    pte_lock(m, dst)
    pte_lock(m, src)
    for index in range(pte_index(src, addr), pte_index(src, addr) + end - addr):
        to = index - pte_index(src, 0) + pte_index(dst, 0)
        if pte_present(m.pte[index]):
            copy_present_pte(m, index, to, child)
            rss += 1
        else:
            rss += copy_nonpresent_pte(m, index, to)
    pte_unlock(m, src)
    add_mm_counter(m, child, rss)
    pte_unlock(m, dst)


def copy_present_pte(m: View, src: int, dst: int, child: int) -> None:
    """Share one mapped page with a child."""
    page = entry_page(m.pte[src])
    folio = m.page_folio[page]
    folio_get(m, folio)
    if folio_needs_cow_for_dma(m, folio, page, 1):
        copy_present_page(m, page, src, dst, child)
        return
    page_dup_anon_rmap(m, page, 0)
    pte = m.pte[src] & ~PTE_WRITE
    store(m, PTE, src, pte)
    store(m, PTE, dst, pte_mkold(m, pte))


def copy_present_page(m: View, page: int, src: int, dst: int, child: int) -> None:
    """Give a child a copy of its own of a page that is pinned, instead of the mapping that the caller holds.

    The first attempt finds no page for it: it is let go, the page is allocated without the PTL, and it is tried again.
    """
    folio = m.page_folio[page]
    why(m, COPIED_PINNED, folio, page - folio)
    folio_put(m, folio)
    new = alloc_pages(m, 0, m.folio_index[folio] + page - folio)
    mem_cgroup_charge(m, new, child)
    folio_get(m, folio)
    folio_put(m, folio)
    folio_add_new_anon_rmap(m, new, 0)
    store(m, PTE, dst, (new << ENTRY_SHIFT) | (m.pte[src] & PTE_WRITE) | PTE_PRESENT)


# --- zapping ----------------------------------------------------------------------------------------------------


def unmap_page_range(m: View, mm: int, addr: int, end: int) -> None:
    """Zap ``[addr, end)``, a part of one VMA (zap_p4d_range and zap_pud_range have one entry each here)."""
    zap_pmd_range(m, mm, addr, end)


def zap_pmd_range(m: View, mm: int, addr: int, end: int) -> None:
    """Zap ``[addr, end)`` page table by page table; a table whose zap was cut short is entered again."""
    while addr < end:
        after = pmd_addr_end(addr, end)
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd_trans_huge(pmd):
            if after - addr == HPAGE_PMD_NR:
                zap_huge_pmd(m, mm, addr)
            else:
                __split_huge_pmd(m, mm, addr, 0, -1)
            pmd = m.pmd[pmd_index(mm, addr)]
        if pmd == 0 or pmd_trans_huge(pmd):  # what another CPU mapped meanwhile stays
            addr = after
            continue
        while addr < after:
            addr = zap_pte_range(m, mm, pmd, addr, after)
            if addr < after:
                count(m, ZRESTART, 1)


def zap_pte_range(m: View, mm: int, pmd: int, addr: int, end: int) -> int:
    """Zap ``[addr, end)`` of one page table, page by page; return where it stopped.

    A page's mapping goes before the gather gets the page, because s390's drops the reference at once.
    """
    pte_lock(m, pmd)
    count(m, ZROUND, 1)
    rss = 0
    force_flush = 0
    while addr < end:
        index = pte_index(pmd, addr)
        pte = m.pte[index]
        addr += 1
        if not pte_present(pte):
            rss += zap_nonpresent_pte(m, mm, index)
            continue
        page = entry_page(pte)
        store(m, PTE, index, 0)
        tlb_remove_tlb_entry(m)
        rss += 1
        page_remove_rmap(m, page, 0)
        if __tlb_remove_page(m, page):
            why(m, FLUSH_FULL, m.page_folio[page], page - m.page_folio[page])
            force_flush = 1
            break
    zap_pte_finish(m, mm, rss, force_flush, pmd)
    return addr


def zap_pte_finish(m: View, mm: int, rss: int, force_flush: int, pmd: int) -> None:
    """End a round of zap_pte_range(), in which this is the part behind ``add_mm_rss_vec()``."""
    add_mm_counter(m, mm, -rss)
    if force_flush:
        count(m, TFORCE, 1)
        tlb_flush_mmu_tlbonly(m)
    pte_unlock(m, pmd)
    if force_flush:  # the TLB was flushed under the PTL; the pages are freed without it
        tlb_flush_mmu(m)
