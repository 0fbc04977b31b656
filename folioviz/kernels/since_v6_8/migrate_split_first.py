"""v6.10: a folio on the deferred split queue is split instead of migrated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import folio_lock, folio_try_get, folio_unlock
from folioviz.machine.memory import EAGAIN, LOWEST_QUEUED_ORDER
from folioviz.machine.primitives import View, list_empty
from folioviz.mm.headers import deferred_list

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.migrate_freeze import migrate_folio_move
    from folioviz.mm.huge_memory import split_huge_page_to_list
    from folioviz.mm.swap import folio_put


def migrate_folio(m: View, folio: int) -> int:
    """Move a folio; one that is queued is split first: 1 if it was, 0 if it moved, or -EAGAIN.

    Follows mm/migrate.c, migrate_pages_batch(), v6.10: 7262f208ca68 ("mm/migrate: split source folio if it is on
    deferred split list").
    """
    if not folio_try_get(m, folio):
        return -EAGAIN
    folio_lock(m, folio)
    result = 1
    small = m.folio_order[folio] < LOWEST_QUEUED_ORDER
    if small or list_empty(m, deferred_list(folio)) or split_huge_page_to_list(m, folio, 0) != 0:
        result = migrate_folio_move(m, folio)
    folio_unlock(m, folio)
    folio_put(m, folio)
    return result
