"""The rules of what lets others use pages, too."""

from __future__ import annotations

from folioviz.machine.memory import NR_VPNS
from folioviz.machine.primitives import View
from folioviz.mm.headers import find_vma
from folioviz.ops.reasons import COPIES_OUT, GUARDED, NO_VMA, NOT_HELD, READ_ONLY_VMA, refused
from folioviz.ops.room import huge_pages_copied, huge_pages_cut, no_room, pages_copied, tables_of, vmas_until
from folioviz.ops.rules.common import bad_range, markers_from
from folioviz.ops.rules.mapping import refuse_mm
from folioviz.ops.rules.write import refuse_touch
from folioviz.ops.walk import vma_at, writable_until


def refuse_fork(m: View, mm: int) -> int:
    """Refuse a copy for which there is no room."""
    pages = pages_copied(m, mm)
    if m.nr_free_pages[0] < pages:
        return refused(COPIES_OUT, 0, pages)
    tables = tables_of(m, mm) + 2 * huge_pages_copied(m, mm)
    return refuse_mm(m) or no_room(m, tables, vmas_until(m, m.mm_mmap[mm], NR_VPNS))


def refuse_pin(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse pages that may not be written to, or for which there may be no room."""
    bad = refuse_touch(m, mm, vpn, pages)
    if bad:
        return bad
    marker = markers_from(m, mm, vpn, vpn + pages)
    if marker < vpn + pages:
        return refused(GUARDED, marker, 0)
    first = writable_until(m, mm, vpn, vpn + pages)
    if first == vpn + pages:
        return 0
    return NO_VMA if vma_at(m, mm, first) < 0 else refused(READ_ONLY_VMA, first, 0)


def refuse_unpin(m: View, folio: int) -> int:
    """Refuse to drop a pin that nobody holds."""
    return 0 if m.folio_pincount[folio] else NOT_HELD


def refuse_dontfork(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse advice on what is not mapped at all, or where there is no room for the pieces of a VMA."""
    bad = bad_range(vpn, pages)
    if bad:
        return bad
    vma = find_vma(m, mm, vpn)
    if vma < 0 or m.vma_start[vma] >= vpn + pages:
        return NO_VMA
    return no_room(m, huge_pages_cut(m, mm, vpn, vpn + pages), 2)


def refuse_dofork(m: View, mm: int, vpn: int, pages: int) -> int:
    """Refuse what MADV_DONTFORK is refused for."""
    return refuse_dontfork(m, mm, vpn, pages)


def refuse_put(m: View, folio: int) -> int:
    """Refuse to drop a reference that nobody took."""
    return 0 if m.folio_pins[folio] else NOT_HELD
