"""v6.12: every 2 MiB folio is queued at birth; the shrinker splits flagged and underused ones, and drops the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    folio_try_get,
    folio_trylock,
    folio_unlock,
    list_move,
    list_splice_tail_init,
    pmd_unlock,
)
from folioviz.machine.fields import PMD, SHRINK_UNDERUSED, THP_UNDERUSED_SPLIT_PAGE
from folioviz.machine.journal import SHRINK_DROPPED, SHRINK_FOUND_UNDERUSED, SHRINK_REQUEUED
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    PMD_HUGE,
    PMD_WRITE,
    SCAN_LIST,
)
from folioviz.machine.primitives import (
    View,
    list_del_init,
    list_empty,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    store,
    why,
)
from folioviz.mm.charges import shrinker_begins
from folioviz.mm.headers import deferred_list, folio_nr_pages, pmd_index

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_new_anon_rmap
    from folioviz.kernels.since_v6_8.rmap_overhaul_huge import __do_huge_pmd_anonymous_page
    from folioviz.kernels.since_v6_12.partially_mapped import (
        deferred_split_folio,
        folio_clear_partially_mapped,
    )
    from folioviz.mm.huge_memory import split_huge_page_to_list
    from folioviz.mm.khugepaged import collapse_write_bit
    from folioviz.mm.swap import folio_put


def split_underused_thp_store(m: View, on: int) -> None:
    """Set shrink_underused.

    Follows mm/huge_memory.c, v6.12: 81d3ff3c6f76 ("mm: add sysfs entry to disable splitting underused THPs").
    """
    store(m, SHRINK_UNDERUSED, 0, on)


def do_huge_pmd_anonymous_page(m: View, mm: int, addr: int) -> None:
    """Map a new order-9 folio by one PMD and queue it, unflagged.

    Follows mm/huge_memory.c, v6.12: dafff3f4c850 ("mm: split underused THPs").
    """
    folio = __do_huge_pmd_anonymous_page(m, mm, addr)
    if folio >= 0:
        deferred_split_folio(m, folio, 0)
        pmd_unlock(m, pmd_index(mm, addr))


def thp_underused(m: View, folio: int) -> bool:
    """Tell whether more than max_ptes_none pages of a folio are zero-filled.

    Follows mm/huge_memory.c, v6.12: dafff3f4c850 ("mm: split underused THPs").
    """
    allowed = m.max_ptes_none[0]
    if allowed == HPAGE_PMD_NR - 1:
        return False
    zero = 0
    filled = 0
    for page in range(folio, folio + folio_nr_pages(m, folio)):
        if m.page_zero_filled[page]:
            zero += 1
            if zero > allowed:
                for later in range(page + 1, folio + folio_nr_pages(m, folio)):
                    zero += int(m.page_zero_filled[later])  # for the reader: the kernel has seen enough
                why(m, SHRINK_FOUND_UNDERUSED, folio, zero)
                return True
        else:
            filled += 1
            if filled >= HPAGE_PMD_NR - allowed:
                return False
    return False


def shrink_one(m: View, folio: int) -> int:
    """Split a folio if it is flagged or underused: 1 if it was split, 0 if not, -1 if it is to stay on the queue.

    Follows mm/huge_memory.c, deferred_split_scan(), v6.12: dafff3f4c850 ("mm: split underused THPs").
    """
    flagged = m.folio_partially_mapped[folio]
    worth = flagged or thp_underused(m, folio)
    if worth and folio_trylock(m, folio):
        failed = split_huge_page_to_list(m, folio, 0)
        folio_unlock(m, folio)
        if failed == 0:
            if not flagged:
                store(m, THP_UNDERUSED_SPLIT_PAGE, 0, m.thp_underused_split_page[0] + 1)
            return 1
    if m.folio_partially_mapped[folio]:
        why(m, SHRINK_REQUEUED, folio, 0)
        return -1
    if not worth:
        why(m, SHRINK_DROPPED, folio, 0)
    return 0


def deferred_split_scan(m: View, nr_to_scan: int) -> int:
    """Look at up to ``nr_to_scan`` folios from the queue's head; return how many were split, or -1 (SHRINK_STOP).

    A folio that is dropped is unlinked without the lock. Whoever unqueues a folio that stays may do so at the same
    time; therefore the last one that stays is held until the next one that stays is there.

    Follows mm/huge_memory.c, v6.12: e66f3185fa04 ("mm/thp: fix deferred split queue not partially_mapped").
    """
    queue = shrinker_begins(m)
    spin_lock(m)
    node = m.list_next[queue]
    while nr_to_scan > 0 and node != queue:
        after = m.list_next[node]
        folio = node - deferred_list(0)
        if folio_try_get(m, folio):
            list_move(m, node, SCAN_LIST)
        else:  # whoever dropped the last reference has not come to the queue yet
            folio_clear_partially_mapped(m, folio)
            list_del_init(m, node)
            split_queue_len_add(m, -1)
        nr_to_scan -= 1
        node = after
    spin_unlock(m)

    split = 0
    removed = 0
    held = -1
    node = m.list_next[SCAN_LIST]
    while node != SCAN_LIST:
        after = m.list_next[node]
        folio = node - deferred_list(0)
        done = shrink_one(m, folio)
        if done > 0:
            split += 1
        elif done == 0:
            list_del_init(m, node)
            removed += 1
        else:
            before = held
            held = folio
            folio = before
        if folio >= 0:
            folio_put(m, folio)
        node = after

    spin_lock(m)
    list_splice_tail_init(m, SCAN_LIST, queue)
    for _ in range(removed):  # one subtraction in the kernel; each counts as a removal here
        split_queue_len_add(m, -1)
    spin_unlock(m)
    if held >= 0:
        folio_put(m, held)
    if split == 0 and list_empty(m, queue):
        return -1
    return split


def map_anon_folio_pmd(m: View, mm: int, vma: int, slot: int, folio: int) -> None:
    """Map the new folio of a collapse by one PMD, writable if its VMA is, and queue it, unflagged.

    Follows mm/khugepaged.c, collapse_huge_page(), v6.12: dafff3f4c850 ("mm: split underused THPs").
    """
    folio_add_new_anon_rmap(m, folio, mm, 1)
    store(m, PMD, slot, (folio << ENTRY_SHIFT) | PMD_HUGE | collapse_write_bit(m, vma, PMD_WRITE))
    deferred_split_folio(m, folio, 0)
