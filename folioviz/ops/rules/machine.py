"""The rules of what the kernel does by itself, and of its settings."""

from __future__ import annotations

from folioviz.machine.memory import HPAGE_PMD_NR, LOWEST_QUEUED_ORDER, MAX_ORDER, NR_VPNS, PMD_HUGE
from folioviz.machine.primitives import View
from folioviz.mm.headers import pmd_index
from folioviz.ops.reasons import (
    BAD_LIMIT,
    BAD_ORDER,
    BAD_VALUE,
    NO_FOLIOS,
    NO_HUGE_PAGE,
    NOT_LOWER,
    PINNED,
    PMD_MAPPED,
)
from folioviz.ops.room import huge_mappings, huge_mappings_queued, no_memory, no_room
from folioviz.ops.rules.common import bad_switch, too_small


def refuse_splitpmd(m: View, mm: int, vpn: int) -> int:
    """Refuse where no huge page is."""
    if not 0 <= vpn < NR_VPNS or not m.pmd[pmd_index(mm, vpn)] & PMD_HUGE:
        return NO_HUGE_PAGE
    return no_room(m, 1, 0)


def refuse_split(m: View, folio: int, order: int) -> int:
    """Refuse a folio that is too small, and an order that is not lower; anonymous folios of order 1 there are not."""
    if order != 0 and not LOWEST_QUEUED_ORDER <= order < m.folio_order[folio]:
        return too_small(m, folio) or NOT_LOWER
    return too_small(m, folio) or no_room(m, huge_mappings(m, folio), 0)


def refuse_shrink(m: View, nr: int) -> int:
    """Refuse to scan nothing."""
    return NO_FOLIOS if nr < 1 else no_room(m, huge_mappings_queued(m, nr), 0)


def refuse_remap(m: View, folio: int) -> int:
    """Refuse a folio that is too small, pinned, or mapped by a PMD."""
    if m.folio_pincount[folio]:
        return PINNED
    return too_small(m, folio) or (PMD_MAPPED if m.folio_entire_mapcount[folio] >= 0 else 0)


def refuse_migrate(m: View, folio: int) -> int:
    """Refuse what cannot be remapped, or has nowhere to go."""
    return refuse_remap(m, folio) or no_memory(m, m.folio_order[folio])


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
