"""v6.1: mapcounts without ``_nr_pages_mapped``; a bias in each ``_mapcount`` stands for the PMDs (PG_double_map).

v6.1 cannot know how many pages of a folio are mapped, so every page that loses its last mapping asks for the queue, the
very last, too.
The field ``folio_entire_mapcount`` is v6.1's ``compound_mapcount``; ``folio_nr_pages_mapped`` stays 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import (
    FOLIO_DOUBLE_MAP,
    FOLIO_ENTIRE_MAPCOUNT,
    PAGE_ANON_EXCLUSIVE,
    PAGE_MAPCOUNT,
)
from folioviz.machine.journal import NOT_QUEUED_ALREADY, NOT_QUEUED_SWAPCACHE, QUEUED
from folioviz.machine.memory import (
    COMPOUND_MAPPED,
    HPAGE_PMD_NR,
    NR_ANON_MAPPED,
    NR_ANON_THPS,
    THP_DEFERRED_SPLIT_PAGE,
)
from folioviz.machine.primitives import (
    View,
    atomic_add_return,
    count_vm_event,
    list_add_tail,
    list_empty,
    lruvec_stat_add,
    shrinking,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
    store,
    why,
)
from folioviz.mm.headers import (
    deferred_list,
    folio_nr_pages,
    folio_split_queue,
    folio_test_large,
    folio_test_swapcache,
)

if TYPE_CHECKING:
    from folioviz.mm.rmap import why_not_queued


def page_add_anon_rmap(m: View, page: int, exclusive: int) -> None:
    """Count one more PTE that maps a page, be it small or part of a compound page.

    Follows mm/rmap.c, v6.1: before cb67f4282bf9 ("mm,thp,rmap: simplify compound page mapcount handling", v6.2).
    """
    if atomic_add_return(m, PAGE_MAPCOUNT, page, 1) == 0:
        lruvec_stat_add(m, NR_ANON_MAPPED, 1)
        if exclusive:
            store(m, PAGE_ANON_EXCLUSIVE, page, 1)


def page_remove_rmap(m: View, page: int, compound: int) -> None:
    """Take down one mapping of a page; any page of a compound page that loses its last one queues it.

    Follows mm/rmap.c, v6.1: before cb67f4282bf9 ("mm,thp,rmap: simplify compound page mapcount handling", v6.2).
    """
    folio = m.page_folio[page]
    if compound:
        page_remove_anon_compound_rmap(m, folio)
        return
    mapcount = atomic_add_return(m, PAGE_MAPCOUNT, page, -1)
    if mapcount >= 0:
        only_bias = folio_test_large(m, folio) and m.folio_double_map[folio] and mapcount == 0
        why_not_queued(m, folio, 0, 0, COMPOUND_MAPPED if only_bias else 0)
        return
    lruvec_stat_add(m, NR_ANON_MAPPED, -1)
    if folio_test_large(m, folio):
        deferred_split_huge_page(m, folio)
    else:
        why_not_queued(m, folio, 1, 0, 0)


def page_remove_anon_compound_rmap(m: View, folio: int) -> None:
    """Take down one PMD; the last one takes the bias of DoubleMap along and looks what PTEs still map.

    Follows mm/rmap.c, v6.1: before cb67f4282bf9 ("mm,thp,rmap: simplify compound page mapcount handling", v6.2).
    """
    if atomic_add_return(m, FOLIO_ENTIRE_MAPCOUNT, folio, -1) >= 0:
        why_not_queued(m, folio, 0, 0, 0)
        return
    lruvec_stat_add(m, NR_ANON_THPS, -HPAGE_PMD_NR)
    nr = HPAGE_PMD_NR
    if m.folio_double_map[folio]:
        store(m, FOLIO_DOUBLE_MAP, folio, 0)
        nr = 0
        for page in range(folio, folio + HPAGE_PMD_NR):
            if atomic_add_return(m, PAGE_MAPCOUNT, page, -1) < 0:
                nr += 1
    if 0 < nr < HPAGE_PMD_NR:
        deferred_split_huge_page(m, folio)
    else:
        why_not_queued(m, folio, nr, HPAGE_PMD_NR, 0)
    if nr:
        lruvec_stat_add(m, NR_ANON_MAPPED, -nr)


def deferred_split_huge_page(m: View, folio: int) -> None:
    """Put a compound page on the queue for the shrinker, once.

    The look at the list before the lock is taken came with the stable tree; v6.1 as released did without.

    Follows mm/huge_memory.c, v6.3, in v6.1.y by a backport: 81e506bec9be ("mm/thp: check and bail out if page in
    deferred queue already").
    """
    if folio_test_swapcache(m, folio):  # it is being reclaimed
        why(m, NOT_QUEUED_SWAPCACHE, folio, 0)
        return
    node = deferred_list(folio)
    if not list_empty(m, node):
        why(m, NOT_QUEUED_ALREADY, folio, int(shrinking(m)))
        return
    spin_lock(m)
    if list_empty(m, node):
        count_vm_event(m, THP_DEFERRED_SPLIT_PAGE)
        list_add_tail(m, node, folio_split_queue(m, folio))
        split_queue_len_add(m, 1)
        mapped = 0  # for the reader: the kernel does not count them
        for page in range(folio, folio + folio_nr_pages(m, folio)):
            if m.page_mapcount[page] >= 0:
                mapped += 1
        why(m, QUEUED, folio, mapped)
    spin_unlock(m)
