"""v6.6: no destructor; a large folio that is freed is taken off the queue by a function of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.journal import UNQUEUED_FREED
from folioviz.machine.primitives import (
    View,
    list_del_init,
    list_empty,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    why,
)
from folioviz.mm.headers import deferred_list, folio_test_large

if TYPE_CHECKING:
    from folioviz.mm.page_alloc import free_unref_page


def __folio_put(m: View, folio: int) -> None:
    """Free a folio that has no reference left.

    Follows mm/swap.c, v6.6: 8dc4a8f1e038 ("mm: convert free_transhuge_folio() to folio_undo_large_rmappable()").
    """
    if folio_test_large(m, folio):
        folio_undo_large_rmappable(m, folio)
    free_unref_page(m, folio)


def folio_undo_large_rmappable(m: View, folio: int) -> None:
    """Take a folio that is being freed off the queue.

    Follows mm/huge_memory.c, v6.6: 8dc4a8f1e038 ("mm: convert free_transhuge_folio() to folio_undo_large_rmappable()").
    """
    if m.folio_order[folio] < 2 or list_empty(m, deferred_list(folio)):
        return
    spin_lock(m)
    if not list_empty(m, deferred_list(folio)):
        split_queue_len_add(m, -1)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_FREED, folio, 0)
    spin_unlock(m)
