"""What several operations are refused for."""

from __future__ import annotations

from folioviz.machine.memory import LOWEST_QUEUED_ORDER, NR_VPNS
from folioviz.machine.primitives import View
from folioviz.mm.headers import find_vma, guarded, vma_locked
from folioviz.ops.reasons import (
    BAD_SWITCH,
    HIT_BUG,
    LOCKED_VMA,
    NO_PAGES,
    ORDER_TOO_SMALL,
    RANGE_OUTSIDE,
    refused,
)


def hit_bug(m: View) -> int:
    """Refuse whatever comes after a bug."""
    return HIT_BUG if m.bug[0] else 0


def bad_range(start: int, pages: int) -> int:
    """Refuse a range that is empty or leaves the address space."""
    if pages < 1:
        return NO_PAGES
    return RANGE_OUTSIDE if start < 0 or start + pages > NR_VPNS else 0


def locked_from(m: View, mm: int, start: int, end: int) -> int:
    """Return the first page of ``[start, end)`` that a locked VMA has (mlock), or ``end``."""
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] < end:
        if vma_locked(m, vma):
            return max(start, int(m.vma_start[vma]))
        vma = m.vma_next[vma]
    return end


def markers_from(m: View, mm: int, start: int, end: int) -> int:
    """Return the first page of ``[start, end)`` that has a guard marker, or ``end``."""
    while start < end and not guarded(m, mm, start):
        start += 1
    return start


def locked(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what mlock() holds."""
    first = locked_from(m, mm, vpn, vpn + pages)
    return refused(LOCKED_VMA, first, 0) if first < vpn + pages else 0


def bad_switch(on: int) -> int:
    """Refuse a switch that is neither on nor off."""
    return 0 if 0 <= on <= 1 else BAD_SWITCH


def too_small(m: View, folio: int) -> int:
    """Refuse a folio of an order that is never split."""
    return ORDER_TOO_SMALL if m.folio_order[folio] < LOWEST_QUEUED_ORDER else 0
