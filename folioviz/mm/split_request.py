"""mm/huge_memory.c: a folio is split because somebody asks for it.

Locks: the folio's, and what a split holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_lock, folio_try_get, folio_unlock
from folioviz.machine.memory import EBUSY
from folioviz.machine.primitives import View

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.huge_memory import split_huge_page_to_list
    from folioviz.mm.swap import folio_put


def split_folio(m: View, folio: int, order: int) -> int:
    """Split a folio on request, as the debugfs file split_huge_pages does; 0, -EBUSY or -EAGAIN."""
    if not folio_try_get(m, folio):
        return -EBUSY
    folio_lock(m, folio)
    result = split_huge_page_to_list(m, folio, order)
    folio_unlock(m, folio)
    folio_put(m, folio)
    return result
