"""The rules of what a program gives back."""

from __future__ import annotations

from folioviz.machine.primitives import View
from folioviz.mm.headers import find_vma
from folioviz.ops.reasons import NO_VMA
from folioviz.ops.room import cuts_vma, huge_mappings_below, huge_pages_cut, no_room, tables_needed
from folioviz.ops.rules.common import bad_range, locked


def refuse_munmap(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse to cut VMAs and huge pages where there is no room for the pieces."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    vmas = int(cuts_vma(m, mm, vpn)) + int(cuts_vma(m, mm, vpn + pages))
    return no_room(m, huge_pages_cut(m, mm, vpn, vpn + pages), vmas)


def refuse_dontneed(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what mlock() holds, and to cut huge pages where there is no room for their page tables."""
    return refuse_dontneedlocked(m, mm, vpn, pages) or locked(m, mm, vpn, pages)


def refuse_dontneedlocked(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse to cut huge pages where there is no room for their page tables."""
    return bad_range(vpn, pages) or no_room(m, huge_pages_cut(m, mm, vpn, vpn + pages), 0)


def refuse_free(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse advice on what is not mapped at all, or what mlock() holds."""
    bad = bad_range(vpn, pages) or locked(m, mm, vpn, pages)
    if bad:
        return bad
    vma = find_vma(m, mm, vpn)
    if vma < 0 or m.vma_start[vma] >= vpn + pages:
        return NO_VMA
    return no_room(m, huge_mappings_below(m, mm, vpn, vpn + pages), 0)


def refuse_guard(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse to guard what is not mapped at all, what mlock() holds, or where there is no room for page tables."""
    bad = refuse_unguard(m, mm, vpn, pages) or locked(m, mm, vpn, pages)
    return bad or no_room(m, tables_needed(m, mm, vpn, vpn + pages), 0)


def refuse_unguard(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what is not mapped at all."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    vma = find_vma(m, mm, vpn)
    return NO_VMA if vma < 0 or m.vma_start[vma] >= vpn + pages else 0


def refuse_pageout(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what MADV_FREE is refused for."""
    return refuse_free(m, mm, vpn, pages)


def refuse_cold(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what MADV_FREE is refused for."""
    return refuse_free(m, mm, vpn, pages)
