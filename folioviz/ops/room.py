"""What an operation finds in a machine: VMAs, tables, huge pages, and what is free of each.

As kernel functions are, these are written in the small part of Python that compiles (:mod:`folioviz.engine`): the same
text runs in plain Python and as machine code. None of them writes.
"""

from __future__ import annotations

from folioviz.machine.memory import (
    ENTRY_SHIFT,
    FREE_AREA,
    HPAGE_PMD_NR,
    MAX_ORDER,
    MM_LIST,
    PMD_HUGE,
    PMD_TABLE,
    PTE_PRESENT,
)
from folioviz.machine.primitives import View
from folioviz.mm.headers import (
    deferred_list,
    entry_page,
    is_huge_zero_pmd,
    pmd_addr_end,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_swap,
)
from folioviz.ops.reasons import NO_BLOCK, PAGES_OUT, TABLES_OUT, VMAS_OUT, refused
from folioviz.ops.walk import vma_at


def nr_mms(m: View) -> int:
    """Count the live processes."""
    found = 0
    node = m.list_next[MM_LIST]
    while node != MM_LIST:
        found += 1
        node = m.list_next[node]
    return found


# --- VMAs -----------------------------------------------------------------------------------------------------------


def vmas_until(m: View, vma: int, end: int) -> int:
    """Count the VMAs of a process from one of them, or -1 for none, to the first that reaches page ``end``."""
    found = 0
    while vma >= 0:
        found += 1
        vma = m.vma_next[vma] if m.vma_end[vma] < end else -1
    return found


def cuts_vma(m: View, mm: int, vpn: int) -> bool:
    """Tell whether a VMA goes on from before a page."""
    vma = vma_at(m, mm, vpn)
    return vma >= 0 and vma == vma_at(m, mm, vpn - 1)


# --- page tables ----------------------------------------------------------------------------------------------------


def mapped_from(m: View, pmd: int, start: int, end: int) -> int:
    """Return the first page of ``[start, end)`` for which a page table has an entry, or ``end``."""
    index = pte_index(pmd, start)
    for vpn in range(start, end):
        if m.pte[index + vpn - start]:
            return vpn
    return end


def tables_of(m: View, mm: int) -> int:
    """Count a process's page tables."""
    found = 0
    for slot in range(512):
        found += m.pmd[mm * 512 + slot] & PMD_TABLE
    return found


def tables_needed(m: View, mm: int, start: int, end: int) -> int:
    """Count the page tables that a process lacks for pages ``[start, end)``."""
    found = 0
    for slot in range(pmd_index(mm, start), pmd_index(mm, end - 1) + 1):
        found += not m.pmd[slot] & PMD_TABLE
    return found


def tables_to_move(m: View, mm: int, start: int, to: int, pages: int) -> int:
    """Count the page tables that moving pages may take: one for each huge page, and what the destination lacks."""
    found = tables_needed(m, mm, to, to + pages)
    for slot in range(pmd_index(mm, start), pmd_index(mm, start + pages - 1) + 1):
        found += pmd_trans_huge(m.pmd[slot])
    return found


def huge_zero_pmds(m: View, mm: int, start: int, end: int) -> int:
    """Count the PMDs of a process that map the huge zero page in ``[start, end)``."""
    found = 0
    for slot in range(pmd_index(mm, start), pmd_index(mm, end - 1) + 1):
        found += is_huge_zero_pmd(m.pmd[slot])
    return found


def cuts_huge_page(m: View, mm: int, vpn: int) -> bool:
    """Tell whether a page is inside of a huge page, and not its first."""
    return bool(vpn % HPAGE_PMD_NR and pmd_trans_huge(m.pmd[pmd_index(mm, vpn)]))


def huge_pages_cut(m: View, mm: int, start: int, end: int) -> int:
    """Count the huge pages that the ends of a range cut."""
    first, last = cuts_huge_page(m, mm, start), cuts_huge_page(m, mm, end)
    both = first and last and pmd_index(mm, start) == pmd_index(mm, end)
    return int(first) + int(last) - int(both)


# --- what is pinned, of which fork makes copies ----------------------------------------------------------------------


def huge_pages_copied(m: View, mm: int) -> int:
    """Count the huge pages of a process whose pages fork copies one by one."""
    found = 0
    if m.nr_foll_pin[0]:
        for slot in range(mm * 512, mm * 512 + 512):
            folio = entry_page(m.pmd[slot])
            found += bool(m.pmd[slot] & PMD_HUGE and m.folio_pincount[folio] and m.page_anon_exclusive[folio])
    return found


def pages_copied(m: View, mm: int) -> int:
    """Count the pages of a process that fork copies; O(entries of its page tables) if anything is pinned."""
    found = 512 * huge_pages_copied(m, mm)
    if m.nr_foll_pin[0]:
        for slot in range(mm * 512, mm * 512 + 512):
            if m.pmd[slot] & PMD_TABLE:
                for index in range(pte_index(m.pmd[slot], 0), pte_index(m.pmd[slot], 0) + 512):
                    page = entry_page(m.pte[index])
                    if m.pte[index] & PTE_PRESENT and m.folio_pincount[m.page_folio[page]]:
                        found += m.page_anon_exclusive[page]
    return found


# --- folios that a split turns into pages; each PMD that maps one gets a page table in its place ----------------------


def huge_mappings(m: View, folio: int) -> int:
    """Count the PMDs that map a folio."""
    return int(m.folio_entire_mapcount[folio]) + 1


def maps(m: View, mm: int, start: int, end: int, folio: int) -> bool:
    """Tell whether a process maps a page of a folio in ``[start, end)``; O(pages that it maps there)."""
    while start < end:
        after = pmd_addr_end(start, end)
        pmd = m.pmd[pmd_index(mm, start)]
        if pmd & PMD_HUGE:
            if entry_page(pmd) == folio:
                return True
        elif pmd & PMD_TABLE:
            before = pte_index(pmd, start) - start
            for vpn in range(start, after):
                pte = m.pte[before + vpn]
                if pte & PTE_PRESENT and m.page_folio[pte >> ENTRY_SHIFT] == folio:
                    return True
        start = after
    return False


def huge_mappings_below(m: View, mm: int, start: int, end: int) -> int:
    """Count the PMDs, of all processes, that map the large folios which a process maps in ``[start, end)``."""
    found, latest, at = 0, -1, start
    while at < end:
        after = pmd_addr_end(at, end)
        pmd = m.pmd[pmd_index(mm, at)]
        if pmd & PMD_HUGE:
            latest = entry_page(pmd)
            if not maps(m, mm, start, at, latest):
                found += huge_mappings(m, latest)
        elif pmd & PMD_TABLE:
            before = pte_index(pmd, at) - at
            for vpn in range(at, after):
                pte = m.pte[before + vpn]
                folio = m.page_folio[pte >> ENTRY_SHIFT] if pte & PTE_PRESENT else latest
                if folio != latest:
                    latest = folio
                    if huge_mappings(m, folio) > 0 and not maps(m, mm, start, vpn, folio):
                        found += huge_mappings(m, folio)
        at = after
    return found


def queue_length(m: View, queue: int) -> int:
    """Count the folios on a deferred split queue; one that a race has broken ends where it leads into itself."""
    first = m.list_next[queue]
    found, node = 0, first
    while node != queue and found < len(m.list_next):
        found += 1
        node = m.list_next[node]
    if node == queue:
        return found
    ring, at = 1, m.list_next[node]
    while at != node:  # it is in the ring by now; how long is that?
        ring += 1
        at = m.list_next[at]
    before, ahead = 0, first
    for _ in range(ring):
        ahead = m.list_next[ahead]
    while first != ahead:
        before += 1
        first, ahead = m.list_next[first], m.list_next[ahead]
    return before + ring


def huge_mappings_queued(m: View, queue: int, nr: int) -> int:
    """Count the PMDs that map the first ``nr`` folios of a deferred split queue."""
    found, node = 0, m.list_next[queue]
    for _ in range(min(nr, queue_length(m, queue))):
        found += huge_mappings(m, node - deferred_list(0))
        node = m.list_next[node]
    return found


# --- what is free ---------------------------------------------------------------------------------------------------


def free_tables(m: View, most: int) -> int:
    """Count the free page tables, up to so many."""
    found, table = 0, m.free_pte_table[0]
    while table >= 0 and found < most:
        found += 1
        table = m.pte_table_next[table]
    return found


def free_vmas(m: View, most: int) -> int:
    """Count the free VMAs, up to so many."""
    found, vma = 0, m.free_vma[0]
    while vma >= 0 and found < most:
        found += 1
        vma = m.vma_next[vma]
    return found


def block_is_free(m: View, order: int) -> bool:
    """Tell whether ``2**order`` free pages are in one piece."""
    for head in range(FREE_AREA + order, FREE_AREA + MAX_ORDER + 1):
        if m.list_next[head] != head:
            return True
    return False


def pages_to_touch(m: View, start: int, end: int) -> int:
    """Count the pages of the largest folios that faults on pages ``[start, end)`` may bring.

    Their sizes are those that are enabled; a kernel without sizes has single pages.
    """
    block, enabled = 1, 0
    if len(m.thp_enabled):
        enabled = m.thp_enabled[0]
    while enabled > 1:
        enabled >>= 1
        block *= 2
    return ((end + block - 1) & -block) - (start & -block)


def swapped(m: View, mm: int, start: int, end: int) -> int:
    """Count the pages of ``[start, end)`` that are swapped out."""
    found, on = 0, len(m.total_swap_pages) and m.total_swap_pages[0]
    for vpn in range(start, end if on else start):
        pmd = m.pmd[pmd_index(mm, vpn)]
        found += bool(pmd & PMD_TABLE) and pte_swap(m.pte[pte_index(pmd, vpn)])
    return found


def no_room(m: View, tables: int, vmas: int) -> int:
    """Refuse what might run out of page tables or VMAs."""
    free = free_tables(m, tables)
    if free < tables:
        return refused(TABLES_OUT, free, tables)
    free = free_vmas(m, vmas)
    return refused(VMAS_OUT, free, vmas) if free < vmas else 0


def no_pages(m: View, mm: int, start: int, end: int, vmas: int) -> int:
    """Refuse faults on pages ``[start, end)`` that might run out of pages, page tables or VMAs."""
    need = pages_to_touch(m, start, end) + swapped(m, mm, start, end)
    need += HPAGE_PMD_NR * huge_zero_pmds(m, mm, start, end)
    if m.nr_free_pages[0] < need:
        return refused(PAGES_OUT, end - start, need)
    return no_room(m, tables_needed(m, mm, start, end), vmas)


def no_memory(m: View, order: int) -> int:
    """Refuse what finds no free block of an order."""
    return 0 if block_is_free(m, order) else refused(NO_BLOCK, order, 0)
