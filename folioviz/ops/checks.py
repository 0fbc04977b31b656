"""The rules by which operations are refused, in the small part of Python that compiles; the words are elsewhere.

``refuse_WORD(m, ...)`` takes an operation's fields, where ``mm`` is the process's slot and ``folio`` the head page, and
returns 0 if it can be done. Else it returns why, with the numbers of the sentence (:mod:`folioviz.ops.reasons`). A word
without such a function is never refused here. What is done to folios is in :mod:`folioviz.ops.folio_checks`.
"""

from __future__ import annotations

from folioviz.machine.memory import (
    HPAGE_PMD_NR,
    LOWEST_QUEUED_ORDER,
    MAX_MMS,
    MAX_ORDER,
    NR_VPNS,
    PMD_HUGE,
    PMD_TABLE,
    PMD_WRITE,
    PTE_WRITE,
)
from folioviz.machine.primitives import View
from folioviz.mm.headers import find_vma, pmd_index, pte_index
from folioviz.ops.reasons import (
    BAD_LIMIT,
    BAD_ORDER,
    BAD_SWITCH,
    BAD_VALUE,
    HIT_BUG,
    HUGE_PAGE_THERE,
    MMS_FULL,
    NO_HUGE_PAGE,
    NO_PAGES,
    NO_VMA,
    PAGE_THERE,
    PAGES_OUT,
    RANGE_OUTSIDE,
    RANGES_OVERLAP,
    READ_ONLY_VMA,
    TABLE_THERE,
    TARGET_OUTSIDE,
    UNALIGNED,
    VMA_ENDS,
    VMA_THERE,
    refused,
)
from folioviz.ops.room import (
    cuts_vma,
    huge_mappings_below,
    huge_pages_cut,
    mapped_from,
    no_memory,
    no_room,
    nr_mms,
    pages_to_touch,
    readonly,
    tables_needed,
    tables_of,
    tables_to_move,
    vmas_until,
    writable_until,
)
from folioviz.ops.walk import vma_at


def hit_bug(m: View) -> int:
    """Refuse whatever comes after a bug."""
    return HIT_BUG if m.bug[0] else 0


# --- what several operations share ----------------------------------------------------------------------------------


def bad_range(start: int, pages: int) -> int:
    """Refuse a range that is empty or leaves the address space."""
    if pages < 1:
        return NO_PAGES
    return RANGE_OUTSIDE if start < 0 or start + pages > NR_VPNS else 0


def bad_switch(on: int) -> int:
    """Refuse a switch that is neither on nor off."""
    return 0 if 0 <= on <= 1 else BAD_SWITCH


# --- processes and VMAs ---------------------------------------------------------------------------------------------


def refuse_mm(m: View) -> int:
    """Refuse a process more than there is room for."""
    return MMS_FULL if nr_mms(m) == MAX_MMS else 0


def refuse_fork(m: View, mm: int) -> int:
    """Refuse a copy for which there is no room."""
    return refuse_mm(m) or no_room(m, tables_of(m, mm), vmas_until(m, m.mm_mmap[mm], NR_VPNS))


def refuse_mmap(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse a VMA where there is one already."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    vma = find_vma(m, mm, vpn)
    if vma >= 0 and m.vma_start[vma] < vpn + pages:
        return refused(VMA_THERE, vma, 0)
    return no_room(m, 0, 1)


def refuse_munmap(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse to cut VMAs and huge pages where there is no room for the pieces."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    vmas = int(cuts_vma(m, mm, vpn)) + int(cuts_vma(m, mm, vpn + pages))
    return no_room(m, huge_pages_cut(m, mm, vpn, vpn + pages), vmas)


def refuse_mremap(m: View, mm: int, vpn: int, pages: int, to: int) -> int:
    """Refuse to move what is not mapped, or onto itself."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    if bad_range(to, pages):
        return TARGET_OUTSIDE
    vma = vma_at(m, mm, vpn)
    if vma < 0:
        return NO_VMA
    if vpn < to + pages and to < vpn + pages:
        return RANGES_OVERLAP
    return no_room(m, tables_to_move(m, mm, vpn, to, pages), 6 * vmas_until(m, vma, vpn + pages))


def refuse_mprotect(m: View, mm: int, vpn: int, pages: int, writable: int) -> int:
    """Refuse to protect what is not mapped."""
    bad = bad_range(vpn, pages) or bad_switch(writable)
    if bad:
        return bad
    if vma_at(m, mm, vpn) < 0:
        return NO_VMA
    return no_room(m, huge_pages_cut(m, mm, vpn, vpn + pages), 2)


# --- faults ---------------------------------------------------------------------------------------------------------


def refuse_fault(m: View, mm: int, vpn: int, order: int) -> int:
    """Refuse a folio that does not fit into its VMA, or lies on what is mapped."""
    if not 0 <= order <= MAX_ORDER:
        return BAD_ORDER
    end = vpn + (1 << order)
    bad = bad_range(vpn, end - vpn)
    if bad:
        return bad
    if vpn & (end - vpn - 1):
        return UNALIGNED
    vma = vma_at(m, mm, vpn)
    if vma < 0:
        return NO_VMA
    if end > m.vma_end[vma]:
        return refused(VMA_ENDS, m.vma_end[vma], 0)
    if readonly(m, vma):
        return refused(READ_ONLY_VMA, vpn, 0)
    pmd = m.pmd[pmd_index(mm, vpn)]
    if pmd & PMD_HUGE:
        return HUGE_PAGE_THERE
    if pmd:
        first = mapped_from(m, pmd, vpn, end)
        if first < end:
            return refused(PAGE_THERE, first, 0)
    return no_memory(m, order) or no_room(m, int(not pmd), 0)


def refuse_faultpmd(m: View, mm: int, vpn: int) -> int:
    """Refuse a huge page that does not fit into its VMA, or where something is mapped."""
    bad = bad_range(vpn, HPAGE_PMD_NR)
    if bad:
        return bad
    if vpn % HPAGE_PMD_NR:
        return UNALIGNED
    vma = vma_at(m, mm, vpn)
    if vma < 0 or vpn + HPAGE_PMD_NR > m.vma_end[vma]:
        return NO_VMA
    if readonly(m, vma):
        return refused(READ_ONLY_VMA, vpn, 0)
    pmd = m.pmd[pmd_index(mm, vpn)]
    if pmd:
        return HUGE_PAGE_THERE if pmd & PMD_HUGE else TABLE_THERE
    return no_memory(m, MAX_ORDER)


def refuse_write(m: View, mm: int, vpn: int) -> int:
    """Refuse a write that is a SIGSEGV, or for whose page there may be no room."""
    vma = vma_at(m, mm, vpn)
    if vma < 0:
        return NO_VMA
    if readonly(m, vma):
        return refused(READ_ONLY_VMA, vpn, 0)
    pmd = m.pmd[pmd_index(mm, vpn)]
    if pmd & PMD_WRITE or (pmd & PMD_TABLE and m.pte[pte_index(pmd, vpn)] & PTE_WRITE):
        return 0
    return no_memory(m, 0) or no_room(m, int(not pmd & PMD_TABLE), 0)


def refuse_touch(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse writes of which the first is a SIGSEGV, or for whose folios there may be no room."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    vma = vma_at(m, mm, vpn)
    if vma < 0:
        return NO_VMA
    if readonly(m, vma):
        return refused(READ_ONLY_VMA, vpn, 0)
    end = writable_until(m, mm, vpn, vpn + pages)
    need = pages_to_touch(m, vpn, end)
    if m.nr_free_pages[0] < need:
        return refused(PAGES_OUT, end - vpn, need)
    return no_room(m, tables_needed(m, mm, vpn, end), 0)


# --- advice, and what splits huge mappings --------------------------------------------------------------------------


def refuse_dontneed(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse to cut huge pages where there is no room for their page tables."""
    return bad_range(vpn, pages) or no_room(m, huge_pages_cut(m, mm, vpn, vpn + pages), 0)


def refuse_free(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse advice on what is not mapped at all."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    vma = find_vma(m, mm, vpn)
    if vma < 0 or m.vma_start[vma] >= vpn + pages:
        return NO_VMA
    return no_room(m, huge_mappings_below(m, mm, vpn, vpn + pages), 0)


def refuse_cold(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what MADV_FREE is refused for."""
    return refuse_free(m, mm, vpn, pages)


def refuse_splitpmd(m: View, mm: int, vpn: int) -> int:
    """Refuse where no huge page is."""
    if not 0 <= vpn < NR_VPNS or not m.pmd[pmd_index(mm, vpn)] & PMD_HUGE:
        return NO_HUGE_PAGE
    return no_room(m, 1, 0)


# --- the machine and its settings -----------------------------------------------------------------------------------


def refuse_glimit(_m: View, batches: int) -> int:
    """Refuse a limit below none."""
    return BAD_LIMIT if batches < -1 else 0


def refuse_enabled(_m: View, order: int, on: int) -> int:
    """Refuse a size that no folio has."""
    return bad_switch(on) if LOWEST_QUEUED_ORDER <= order <= MAX_ORDER else BAD_ORDER


def refuse_underused(_m: View, on: int) -> int:
    """Refuse what is neither on nor off."""
    return bad_switch(on)


def refuse_maxnone(_m: View, pages: int) -> int:
    """Refuse a number of pages that no huge page has."""
    return 0 if 0 <= pages < HPAGE_PMD_NR else BAD_VALUE
