"""mm/page_alloc.c: a buddy allocator of one zone, orders 0 to 9.

Free blocks of 2**order pages are listed by order, cut in halves for a smaller one and merged with their buddies when
they come back. Its place in memory is all that this decides about a folio; no count depends on it.

Locks: none is modelled. The kernel has zone->lock and per-CPU lists of pages before it, here as if always empty.
A folio is checked as it is freed, and one that is still mapped is reported and leaked, so that the fault stays visible.
"""

from __future__ import annotations

from folioviz.machine.concurrency import give_folio_id
from folioviz.machine.costs import PALLOC, PFREE
from folioviz.machine.fields import (
    FOLIO_ENTIRE_MAPCOUNT,
    FOLIO_ID,
    FOLIO_INDEX,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_ORDER,
    FOLIO_REFCOUNT,
    NR_FREE_PAGES,
    PAGE_ANON_EXCLUSIVE,
    PAGE_BUDDY,
    PAGE_FOLIO,
)
from folioviz.machine.journal import FREED, FREED_MAPPED, STORE
from folioviz.machine.memory import BUG_FREE_MAPPED, FREE_AREA, LIST_PAGE, MAX_ORDER
from folioviz.machine.primitives import (
    View,
    bug,
    clear_folio_flags,
    copy_folio_flags,
    count,
    list_add,
    list_add_tail,
    list_del_init,
    list_empty,
    store,
    why,
    write,
)
from folioviz.mm.charges import mem_cgroup_replace, mem_cgroup_uncharge
from folioviz.mm.headers import folio_nr_pages, lru_node


def alloc_pages(m: View, order: int, index: int) -> int:
    """Return a new folio of 2**order pages with one reference; the caller made sure that there is room."""
    current = order
    while list_empty(m, FREE_AREA + current):
        current += 1
    folio = m.list_next[FREE_AREA + current] - LIST_PAGE
    list_del_init(m, lru_node(folio))
    store(m, PAGE_BUDDY, folio, -1)
    while current > order:
        current -= 1
        half = folio + (1 << current)
        store(m, PAGE_BUDDY, half, current)
        list_add(m, lru_node(half), FREE_AREA + current)
    write(m, STORE, NR_FREE_PAGES, 0, m.nr_free_pages[0] - (1 << order))
    count(m, PALLOC, 1 << order)
    prep_compound_page(m, folio, order)
    store(m, FOLIO_INDEX, folio, index)
    return int(folio)


def prep_compound_page(m: View, folio: int, order: int) -> None:
    """Make free pages one folio, give it the next id and one reference."""
    for page in range(folio + 1, folio + (1 << order)):
        store(m, PAGE_FOLIO, page, folio)
    store(m, FOLIO_ORDER, folio, order)
    store(m, FOLIO_REFCOUNT, folio, 1)
    give_folio_id(m, folio)


def free_unref_page(m: View, folio: int) -> None:
    """Give an unreferenced folio's pages back; a folio that is still mapped is reported and leaked instead."""
    order = m.folio_order[folio]
    nr = folio_nr_pages(m, folio)
    count(m, PFREE, nr)
    if not free_pages_check(m, folio, nr):
        why(m, FREED_MAPPED, folio, nr)
        bug(m, BUG_FREE_MAPPED)
        return
    why(m, FREED, folio, nr)
    clear_folio_flags(m, folio)
    mem_cgroup_uncharge(m, folio)
    store(m, FOLIO_ID, folio, 0)
    store(m, FOLIO_ORDER, folio, 0)
    store(m, FOLIO_INDEX, folio, 0)
    for page in range(folio, folio + nr):
        store(m, PAGE_FOLIO, page, page)
        store(m, PAGE_ANON_EXCLUSIVE, page, 0)
    write(m, STORE, NR_FREE_PAGES, 0, m.nr_free_pages[0] + nr)
    __free_one_page(m, folio, order)


def free_pages_check(m: View, folio: int, nr: int) -> bool:
    """Tell whether no counter of a folio says that it is still mapped."""
    if m.folio_entire_mapcount[folio] != -1 or m.folio_nr_pages_mapped[folio] != 0:
        return False
    for page in range(folio, folio + nr):
        if m.page_mapcount[page] != -1:
            return False
    return True


def __free_one_page(m: View, page: int, order: int) -> None:
    """Put a block on the free lists, merged with its buddies."""
    while order < MAX_ORDER and m.page_buddy[page ^ (1 << order)] == order:
        buddy = page ^ (1 << order)
        list_del_init(m, lru_node(buddy))
        store(m, PAGE_BUDDY, buddy, -1)
        page &= ~(1 << order)
        order += 1
    store(m, PAGE_BUDDY, page, order)
    if order == MAX_ORDER:
        list_add_tail(m, lru_node(page), FREE_AREA + order)
    else:
        list_add(m, lru_node(page), FREE_AREA + order)


def split_page_ids(m: View, folio: int, nr: int, order: int) -> None:
    """Make 2**order pages each of a folio that is being split a folio of its own, with the next ids in ascending order.

    The first keeps its id.
    """
    first = folio
    for page in range(folio + 1, folio + nr):
        if (page - folio) & ((1 << order) - 1):
            store(m, PAGE_FOLIO, page, first)
            store(m, PAGE_ANON_EXCLUSIVE, page, 0)
        else:
            first = page
            store(m, PAGE_FOLIO, page, page)
            store(m, PAGE_ANON_EXCLUSIVE, page, 0)
            copy_folio_flags(m, folio, page)
            mem_cgroup_replace(m, folio, page)
            if order:
                store(m, FOLIO_ORDER, page, order)
            store(m, FOLIO_INDEX, page, m.folio_index[folio] + page - folio)
            store(m, FOLIO_REFCOUNT, page, 1)
            give_folio_id(m, page)
    store(m, FOLIO_ORDER, folio, order)
    store(m, FOLIO_NR_PAGES_MAPPED, folio, 0)
    store(m, FOLIO_ENTIRE_MAPCOUNT, folio, -1)
