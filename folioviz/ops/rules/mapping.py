"""The rules of what a program does to its VMAs."""

from __future__ import annotations

from folioviz.machine.memory import MAX_MMS
from folioviz.machine.primitives import View
from folioviz.mm.headers import find_vma, guarded, vma_locked
from folioviz.ops.reasons import (
    GUARDED,
    MMS_FULL,
    NO_TARGET,
    NO_VMA,
    NOT_ALIKE,
    RANGES_OVERLAP,
    READ_ONLY_VMA,
    TARGET_OUTSIDE,
    VMA_THERE,
    refused,
)
from folioviz.ops.room import (
    huge_mappings_below,
    huge_pages_cut,
    no_pages,
    no_room,
    nr_mms,
    tables_needed,
    tables_to_move,
    vmas_until,
)
from folioviz.ops.rules.common import bad_range, bad_switch, locked_from, markers_from
from folioviz.ops.walk import readable_until, readonly, vma_at


def refuse_mm(m: View) -> int:
    """Refuse a process more than there is room for."""
    return MMS_FULL if nr_mms(m) == MAX_MMS else 0


def refuse_mmap(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse a VMA where there is one already."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    vma = find_vma(m, mm, vpn)
    if vma >= 0 and m.vma_start[vma] < vpn + pages:
        return refused(VMA_THERE, vma, 0)
    return no_room(m, 0, 1)


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


def refuse_dontunmap(m: View, mm: int, vpn: int, pages: int, to: int) -> int:
    """Refuse what mremap is refused for."""
    return refuse_mremap(m, mm, vpn, pages, to)


def refuse_uffdmove(m: View, mm: int, vpn: int, pages: int, to: int) -> int:
    """Refuse ranges that are not each in one VMA, and VMAs that are not alike (validate_move_areas())."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    if bad_range(to, pages):
        return TARGET_OUTSIDE
    vma, there = vma_at(m, mm, vpn), vma_at(m, mm, to)
    if vma < 0 or m.vma_end[vma] < vpn + pages:
        return NO_VMA
    if there < 0 or m.vma_end[there] < to + pages:
        return NO_TARGET
    if vpn < to + pages and to < vpn + pages:
        return RANGES_OVERLAP
    if readonly(m, vma) or readonly(m, there):
        return refused(READ_ONLY_VMA, vpn if readonly(m, vma) else to, 0)
    if vma_locked(m, vma) != vma_locked(m, there):
        return NOT_ALIKE
    tables = tables_needed(m, mm, vpn, vpn + pages) + tables_needed(m, mm, to, to + pages)
    tables += huge_mappings_below(m, mm, vpn, vpn + pages) + huge_pages_cut(m, mm, to, to + pages)
    return no_room(m, tables, 2)


def refuse_mprotect(m: View, mm: int, vpn: int, pages: int, writable: int) -> int:
    """Refuse to protect what is not mapped."""
    bad = bad_switch(writable) or refuse_protnone(m, mm, vpn, pages)
    if bad or not writable or locked_from(m, mm, vpn, vpn + pages) == vpn + pages:
        return bad
    return no_pages(m, mm, vpn, vpn + pages, 2)  # that are locked, and may be written again


def refuse_mlock(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what is not mapped, or PROT_NONE, or where there may be no room."""
    end = vpn + pages
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    if vma_at(m, mm, vpn) < 0:
        return NO_VMA
    first = readable_until(m, mm, vpn, end)
    if first < end and vma_at(m, mm, first) >= 0 and not guarded(m, mm, first):
        return refused(READ_ONLY_VMA, first, 0)
    marker = markers_from(m, mm, vpn, end)
    if marker < end:
        return refused(GUARDED, marker, 0)
    return no_pages(m, mm, vpn, end, 2)


def refuse_munlock(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what is not mapped."""
    return refuse_protnone(m, mm, vpn, pages)


def refuse_protnone(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse to protect what is not mapped."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    if vma_at(m, mm, vpn) < 0:
        return NO_VMA
    return no_room(m, huge_pages_cut(m, mm, vpn, vpn + pages), 2)
