"""The rules of what brings pages."""

from __future__ import annotations

from folioviz.machine.memory import HPAGE_PMD_NR, MAX_ORDER, PMD_TABLE, PMD_WRITE, PTE_WRITE
from folioviz.machine.primitives import View
from folioviz.mm.headers import find_vma, guarded, pmd_index, pmd_trans_huge, pte_index, pte_swap
from folioviz.ops.blocks import no_blocks
from folioviz.ops.reasons import (
    BAD_ORDER,
    GUARDED,
    HUGE_PAGE_THERE,
    NO_VMA,
    NOT_OF_FOLIO,
    PAGE_THERE,
    PAGES_OUT,
    READ_ONLY_VMA,
    SWAPPED_THERE,
    TABLE_THERE,
    UNALIGNED,
    VMA_ENDS,
    refused,
)
from folioviz.ops.room import mapped_from, no_memory, no_pages, no_room, swapped, tables_needed
from folioviz.ops.rules.common import bad_range
from folioviz.ops.walk import readable_until, readonly, vma_at, writable_until


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
    if pmd_trans_huge(pmd):
        return HUGE_PAGE_THERE
    if pmd:
        first = mapped_from(m, pmd, vpn, end)
        if first < end:
            return refused(what_is_there(m, mm, first), first, 0)
    return no_memory(m, order) or no_room(m, int(not pmd), 0)


def what_is_there(m: View, mm: int, vpn: int) -> int:
    """Return why no folio can be faulted in at a page whose PTE is not empty."""
    if guarded(m, mm, vpn):
        return GUARDED
    return SWAPPED_THERE if pte_swap(m.pte[pte_index(m.pmd[pmd_index(mm, vpn)], vpn)]) else PAGE_THERE


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
        return HUGE_PAGE_THERE if pmd_trans_huge(pmd) else TABLE_THERE
    return no_memory(m, MAX_ORDER)


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
    if guarded(m, mm, vpn):
        return refused(GUARDED, vpn, 0)
    end = writable_until(m, mm, vpn, vpn + pages)
    return no_pages(m, mm, vpn, end, 0)


def refuse_write(m: View, mm: int, vpn: int) -> int:
    """Refuse a write that is a SIGSEGV, or for whose page there may be no room."""
    vma = vma_at(m, mm, vpn)
    if vma < 0:
        return NO_VMA
    if readonly(m, vma):
        return refused(READ_ONLY_VMA, vpn, 0)
    if guarded(m, mm, vpn):
        return refused(GUARDED, vpn, 0)
    pmd = m.pmd[pmd_index(mm, vpn)]
    if pmd & PMD_WRITE or (pmd & PMD_TABLE and m.pte[pte_index(pmd, vpn)] & PTE_WRITE):
        return 0
    if m.nr_free_pages[0] < 2 and swapped(m, mm, vpn, vpn + 1):  # the page, and a copy of it
        return refused(PAGES_OUT, 1, 2)
    return no_memory(m, 0) or no_room(m, int(not pmd & PMD_TABLE), 0)


def refuse_collapse(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what is not mapped at all, and what there may be no new folios for."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    vma = find_vma(m, mm, vpn)
    if vma < 0 or m.vma_start[vma] >= vpn + pages:
        return NO_VMA
    return no_blocks(m, mm, vpn, vpn + pages)


def refuse_read(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse reads of which the first is a SIGSEGV, or for which there may be no room."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    end = readable_until(m, mm, vpn, vpn + pages)
    if end == vpn:
        if vma_at(m, mm, vpn) < 0:
            return NO_VMA
        return refused(GUARDED if guarded(m, mm, vpn) else READ_ONLY_VMA, vpn, 0)
    need = swapped(m, mm, vpn, end)
    if m.nr_free_pages[0] < need:
        return refused(PAGES_OUT, end - vpn, need)
    return no_room(m, tables_needed(m, mm, vpn, end), 0)


def refuse_zero(m: View, folio: int, page: int, pages: int) -> int:
    """Refuse pages that the folio does not have."""
    return NOT_OF_FOLIO if pages < 1 or page < 0 or page + pages > 1 << m.folio_order[folio] else 0
