"""v6.1 as released: whatever keeps a huge page from being split, the answer is -EBUSY.

v6.2 answers -EAGAIN where another reference is in the way; v6.1.116 and later have that by a backport. No recording
shows the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import anon_vma_lock, anon_vma_unlock, folio_ref_freeze
from folioviz.machine.journal import SPLIT_PINNED, SPLIT_UNMAPPED, UNQUEUED_SPLIT
from folioviz.machine.memory import EBUSY, THP_SPLIT_PAGE_FAILED, TTU_SPLIT_HUGE_PMD
from folioviz.machine.primitives import (
    View,
    count_vm_event,
    list_del_init,
    list_empty,
    shrinking,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    why,
)
from folioviz.mm.headers import deferred_list

if TYPE_CHECKING:
    from folioviz.mm.huge_memory import __split_huge_page
    from folioviz.mm.rmap import remap_page, total_mapcount, try_to_migrate


def split_huge_page_to_list(m: View, folio: int, order: int) -> int:
    """Split a huge page, of which the caller holds one reference, into order-0 pages; 0 or -EBUSY.

    Follows mm/huge_memory.c, v6.1: before fd4a7ac32918 ("mm: migrate: try again if THP split is failed due to page
    refcnt", v6.2).
    """
    anon_vma_lock(m)
    mapcount = total_mapcount(m, folio)
    extra = m.folio_refcount[folio] - 1 - mapcount
    if mapcount == 0 or extra != 0:
        count_vm_event(m, THP_SPLIT_PAGE_FAILED)
        why(m, SPLIT_PINNED if mapcount else SPLIT_UNMAPPED, folio, extra if mapcount else 0)
        anon_vma_unlock(m)
        return -EBUSY
    try_to_migrate(m, folio, TTU_SPLIT_HUGE_PMD)
    on = int(shrinking(m))
    spin_lock(m)
    if not folio_ref_freeze(m, folio, 1):
        spin_unlock(m)
        remap_page(m, folio)
        count_vm_event(m, THP_SPLIT_PAGE_FAILED)
        anon_vma_unlock(m)
        return -EBUSY
    if not list_empty(m, deferred_list(folio)):
        split_queue_len_add(m, -1)
        list_del_init(m, deferred_list(folio))
        why(m, UNQUEUED_SPLIT, folio, on)
    spin_unlock(m)
    __split_huge_page(m, folio, order)
    anon_vma_unlock(m)
    return 0
