"""mm/swap.c: dropping references.

Who drops the last reference frees the folio. A large folio has a destructor, which takes it off the deferred split
queue first; small ones of one flush are freed together at its end.

Locks: none is held by the caller; the destructor takes split_queue_lock. Not modelled: lruvec->lru_lock, under which a
folio leaves its LRU list, and per-CPU batches, which hold no reference here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import LIST_PAGE, PAGES_TO_FREE
from folioviz.machine.primitives import (
    View,
    list_add,
    list_del_init,
    list_empty,
    page_ref_add,
    put_page_testzero,
)
from folioviz.mm.headers import folio_test_large, folio_test_swapcache, free_swap_cache, lru_node

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.huge_memory import free_transhuge_page
    from folioviz.mm.page_alloc import free_unref_page


def folio_get(m: View, folio: int) -> None:
    """Take one reference (include/linux/mm.h)."""
    page_ref_add(m, folio, 1)


def folio_put(m: View, folio: int) -> None:
    """Drop one reference; free the folio if it was the last (include/linux/mm.h)."""
    if put_page_testzero(m, folio):
        __folio_put(m, folio)


def __folio_put(m: View, folio: int) -> None:
    """Free a folio that has no reference left."""
    if folio_test_large(m, folio):
        free_transhuge_page(m, folio)
    free_unref_page(m, folio)


def release_pages(m: View, first: int, nr: int) -> None:
    """Drop the references of ``nr`` gather slots from ``first``; large folios go at once, small ones at the end."""
    for slot in range(first, first + nr):
        folio = m.page_folio[m.tlb_page[slot]]
        if folio_test_swapcache(m, folio):
            free_swap_cache(m, folio)
        if not put_page_testzero(m, folio):
            continue
        if folio_test_large(m, folio):
            __folio_put(m, folio)
        else:
            list_add(m, lru_node(folio), PAGES_TO_FREE)
    while not list_empty(m, PAGES_TO_FREE):
        node = m.list_next[PAGES_TO_FREE]
        list_del_init(m, node)
        free_unref_page(m, node - LIST_PAGE)
