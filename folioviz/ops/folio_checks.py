"""The rules by which operations on folios are refused; :mod:`folioviz.ops.checks` says how rules are written."""

from __future__ import annotations

from folioviz.machine.memory import LOWEST_QUEUED_ORDER
from folioviz.machine.primitives import View
from folioviz.ops.reasons import NO_FOLIOS, NOT_HELD, NOT_OF_FOLIO, ORDER_TOO_SMALL, PMD_MAPPED
from folioviz.ops.room import huge_mappings, huge_mappings_queued, no_memory, no_room


def too_small(m: View, folio: int) -> int:
    """Refuse a folio of an order that is never split."""
    return ORDER_TOO_SMALL if m.folio_order[folio] < LOWEST_QUEUED_ORDER else 0


def refuse_put(m: View, folio: int) -> int:
    """Refuse to drop a reference that nobody took."""
    return 0 if m.folio_pins[folio] else NOT_HELD


def refuse_split(m: View, folio: int) -> int:
    """Refuse a folio that is too small."""
    return too_small(m, folio) or no_room(m, huge_mappings(m, folio), 0)


def refuse_zero(m: View, folio: int, page: int, pages: int) -> int:
    """Refuse pages that the folio does not have."""
    return NOT_OF_FOLIO if pages < 1 or page < 0 or page + pages > 1 << m.folio_order[folio] else 0


def refuse_remap(m: View, folio: int) -> int:
    """Refuse a folio that is too small, or mapped by a PMD."""
    return too_small(m, folio) or (PMD_MAPPED if m.folio_entire_mapcount[folio] >= 0 else 0)


def refuse_migrate(m: View, folio: int) -> int:
    """Refuse what cannot be remapped, or has nowhere to go."""
    return refuse_remap(m, folio) or no_memory(m, m.folio_order[folio])


def refuse_shrink(m: View, nr: int) -> int:
    """Refuse to scan nothing."""
    return NO_FOLIOS if nr < 1 else no_room(m, huge_mappings_queued(m, nr), 0)
