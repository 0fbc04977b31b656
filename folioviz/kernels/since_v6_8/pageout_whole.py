"""v6.10: a large folio of any size goes out whole, unless it waits on the deferred split queue; counted by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import SWAP_STAT
from folioviz.machine.memory import (
    HPAGE_PMD_ORDER,
)
from folioviz.machine.primitives import View, list_empty, store
from folioviz.machine.swap import (
    NR_SWAP_STATS,
    PSWPOUT,
    SWAP_STAT_SWPOUT,
    SWAP_STAT_SWPOUT_FALLBACK,
    THP_SWPOUT,
    THP_SWPOUT_FALLBACK,
)
from folioviz.mm.headers import deferred_list

if TYPE_CHECKING:
    from folioviz.kernels.swap_slots import count_swap_event


def shrink_splits(m: View, folio: int) -> bool:
    """Tell whether a large folio is split before anybody looks for slots: if it waits for its split anyway.

    Follows mm/vmscan.c, shrink_folio_list(), v6.10: 5ed890ce5147 ("mm: vmscan: avoid split during
    shrink_folio_list()").
    """
    return bool(m.folio_order[folio] > 1 and not list_empty(m, deferred_list(folio)))


def count_swap_stat(m: View, order: int, item: int) -> None:
    """Count a large folio by its size.

    Follows include/linux/huge_mm.h, count_mthp_stat(), v6.10: d0f048ac39f6 ("mm: add per-order mTHP anon_swpout and
    anon_swpout_fallback counters").
    """
    place = order * NR_SWAP_STATS + item
    store(m, SWAP_STAT, place, m.swap_stat[place] + 1)


def count_swpout_fallback(m: View, order: int) -> None:
    """Count a folio, by its size, that was split because there was no run of slots for it.

    Follows mm/vmscan.c, shrink_folio_list(), v6.10: d0f048ac39f6 ("mm: add per-order mTHP anon_swpout and
    anon_swpout_fallback counters").
    """
    if order == HPAGE_PMD_ORDER:
        count_swap_event(m, THP_SWPOUT_FALLBACK, 1)
    count_swap_stat(m, order, SWAP_STAT_SWPOUT_FALLBACK)


def count_swpout_vm_event(m: View, order: int) -> None:
    """Count a folio that was written, a large one by its size.

    Follows mm/page_io.c, v6.10: d0f048ac39f6 ("mm: add per-order mTHP anon_swpout and anon_swpout_fallback counters").
    """
    if order == HPAGE_PMD_ORDER:
        count_swap_event(m, THP_SWPOUT, 1)
    if order:
        count_swap_stat(m, order, SWAP_STAT_SWPOUT)
    count_swap_event(m, PSWPOUT, 1 << order)
