"""v6.12: whoever drops the last reference unqueues the folio first; live folios are counted per size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.journal import UNQUEUED_FREED
from folioviz.machine.memory import MTHP_STAT_NR_ANON
from folioviz.machine.primitives import (
    View,
    list_del_init,
    list_empty,
    mod_mthp_stat,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    why,
)
from folioviz.mm.headers import deferred_list, folio_test_large

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_12.partially_mapped import folio_clear_partially_mapped
    from folioviz.mm.page_alloc import free_unref_page


def __folio_put(m: View, folio: int) -> None:
    """Free a folio that has no reference left.

    Follows mm/swap.c, v6.12: f8f931bba0f9 ("mm/thp: fix deferred split unqueue naming and locking").
    """
    if folio_test_large(m, folio):
        if m.folio_order[folio] > 1 and not list_empty(m, deferred_list(folio)):
            __folio_unqueue_deferred_split(m, folio)
        folio_mod_nr_anon(m, folio, -1)
    free_unref_page(m, folio)


def folio_mod_nr_anon(m: View, folio: int, n: int) -> None:
    """Count a large folio in or out by its size.

    Follows mm/rmap.c, folio_add_new_anon_rmap(), v6.12: 5d65c8d758f2 ("mm: count the number of anonymous THPs per
    size").
    """
    mod_mthp_stat(m, m.folio_order[folio], MTHP_STAT_NR_ANON, n)


def __folio_unqueue_deferred_split(m: View, folio: int) -> None:
    """Take a folio that is on the queue off it, and its flag.

    Follows mm/huge_memory.c, v6.12: f8f931bba0f9 ("mm/thp: fix deferred split unqueue naming and locking").
    """
    spin_lock(m)
    if not list_empty(m, deferred_list(folio)):
        split_queue_len_add(m, -1)
        folio_clear_partially_mapped(m, folio)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_FREED, folio, 0)
    spin_unlock(m)
