"""The rules of what lets others use pages, too."""

from __future__ import annotations

from folioviz.machine.memory import NR_VPNS
from folioviz.machine.primitives import View
from folioviz.ops.reasons import NOT_HELD
from folioviz.ops.room import no_room, tables_of, vmas_until
from folioviz.ops.rules.mapping import refuse_mm


def refuse_fork(m: View, mm: int) -> int:
    """Refuse a copy for which there is no room."""
    return refuse_mm(m) or no_room(m, tables_of(m, mm), vmas_until(m, m.mm_mmap[mm], NR_VPNS))


def refuse_put(m: View, folio: int) -> int:
    """Refuse to drop a reference that nobody took."""
    return 0 if m.folio_pins[folio] else NOT_HELD
