"""v6.15: a large folio remembers two processes that map it, and whether there may be others."""

from __future__ import annotations

from folioviz.machine.concurrency import folio_lock_large_mapcount, folio_unlock_large_mapcount
from folioviz.machine.fields import (
    FOLIO_LARGE_MAPCOUNT,
    FOLIO_MM_ID_0,
    FOLIO_MM_ID_1,
    FOLIO_MM_ID_MAPCOUNT_0,
    FOLIO_MM_ID_MAPCOUNT_1,
    FOLIO_MM_IDS_SHARED,
)
from folioviz.machine.journal import (
    COPIED,
    COPIED_HELD,
    COPIED_LAST,
    COPIED_SHARED,
    REUSED_LAST,
    REUSED_OWNER,
)
from folioviz.machine.primitives import View, store, why
from folioviz.mm.headers import folio_free_swap, folio_test_large, folio_test_swapcache


def folio_set_large_mapcount(m: View, folio: int, mapcount: int, mm: int) -> None:
    """Begin to count a new folio's mappings: all of them are one process's.

    Follows include/linux/rmap.h, v6.15: 6af8cb80d3a9 ("mm/rmap: basic MM owner tracking for large folios (!hugetlb)").
    """
    store(m, FOLIO_LARGE_MAPCOUNT, folio, mapcount - 1)
    store(m, FOLIO_MM_ID_0, folio, m.mm_id[mm])
    store(m, FOLIO_MM_ID_MAPCOUNT_0, folio, mapcount - 1)


def folio_add_large_mapcount(m: View, folio: int, nr: int, mm: int) -> int:
    """Count ``nr`` mappings more, to their process if it has a slot or gets one; return how many there are.

    Follows include/linux/rmap.h, v6.15: 6af8cb80d3a9 ("mm/rmap: basic MM owner tracking for large folios (!hugetlb)").
    """
    folio_lock_large_mapcount(m, folio)
    mm_id = m.mm_id[mm]
    total = m.folio_large_mapcount[folio] + nr
    store(m, FOLIO_LARGE_MAPCOUNT, folio, total)
    if m.folio_mm_id_0[folio] == mm_id:
        store(m, FOLIO_MM_ID_MAPCOUNT_0, folio, m.folio_mm_id_mapcount_0[folio] + nr)
    elif m.folio_mm_id_1[folio] == mm_id:
        store(m, FOLIO_MM_ID_MAPCOUNT_1, folio, m.folio_mm_id_mapcount_1[folio] + nr)
    elif m.folio_mm_id_0[folio] == 0:
        store(m, FOLIO_MM_ID_0, folio, mm_id)
        store(m, FOLIO_MM_ID_MAPCOUNT_0, folio, nr - 1)
        if total != nr - 1:
            store(m, FOLIO_MM_IDS_SHARED, folio, 1)
    elif m.folio_mm_id_1[folio] == 0:
        store(m, FOLIO_MM_ID_1, folio, mm_id)
        store(m, FOLIO_MM_ID_MAPCOUNT_1, folio, nr - 1)
        store(m, FOLIO_MM_IDS_SHARED, folio, 1)
    folio_unlock_large_mapcount(m, folio)
    return int(total) + 1


def folio_sub_large_mapcount(m: View, folio: int, nr: int, mm: int) -> int:
    """Count ``nr`` mappings less; if one owner has all that is left, nobody shares it. Return how many are left.

    Follows include/linux/rmap.h, v6.15: 6af8cb80d3a9 ("mm/rmap: basic MM owner tracking for large folios (!hugetlb)").
    """
    folio_lock_large_mapcount(m, folio)
    mm_id = m.mm_id[mm]
    total = m.folio_large_mapcount[folio] - nr
    store(m, FOLIO_LARGE_MAPCOUNT, folio, total)
    left = -1
    if m.folio_mm_id_0[folio] == mm_id:
        left = m.folio_mm_id_mapcount_0[folio] - nr
        store(m, FOLIO_MM_ID_MAPCOUNT_0, folio, max(left, -1))
        if left < 0:
            store(m, FOLIO_MM_ID_0, folio, 0)
    elif m.folio_mm_id_1[folio] == mm_id:
        left = m.folio_mm_id_mapcount_1[folio] - nr
        store(m, FOLIO_MM_ID_MAPCOUNT_1, folio, max(left, -1))
        if left < 0:
            store(m, FOLIO_MM_ID_1, folio, 0)
    if left < 0 and (m.folio_mm_id_mapcount_0[folio] == total or m.folio_mm_id_mapcount_1[folio] == total):
        store(m, FOLIO_MM_IDS_SHARED, folio, 0)
    folio_unlock_large_mapcount(m, folio)
    return int(total) + 1


def folio_likely_mapped_shared(m: View, folio: int) -> bool:
    """Tell whether more than one process may map a folio.

    Follows include/linux/mm.h, folio_maybe_mapped_shared(), v6.15: 003fde4492c8 ("mm: convert
    folio_likely_mapped_shared() to folio_maybe_mapped_shared()").
    """
    return bool(m.folio_large_mapcount[folio] > 0 and m.folio_mm_ids_shared[folio])


def wp_can_reuse_anon_folio(m: View, folio: int, page: int) -> bool:
    """Tell whether nobody else can see a page that is not AnonExclusive.

    A large folio is reused if one process owns all of its mappings, several of them, and nobody holds it otherwise.

    Follows mm/memory.c, v6.15: 1da190f4d0a6 ("mm: Copy-on-Write (COW) reuse support for PTE-mapped THP").
    """
    if not folio_test_large(m, folio):
        if folio_test_swapcache(m, folio) and m.folio_refcount[folio] == 2:
            folio_free_swap(m, folio)
        if m.folio_refcount[folio] != 1:
            why(m, COPIED, folio, page - folio)
            return False
        why(m, REUSED_LAST, folio, page - folio)
        return True
    mapcount = m.folio_large_mapcount[folio] + 1
    if mapcount <= 1:
        why(m, COPIED_LAST, folio, page - folio)
        return False
    if m.folio_mm_ids_shared[folio]:
        why(m, COPIED_SHARED, folio, page - folio)
        return False
    if folio_test_swapcache(m, folio):
        folio_free_swap(m, folio)
    if mapcount != m.folio_refcount[folio]:
        why(m, COPIED_HELD, folio, page - folio)
        return False
    folio_lock_large_mapcount(m, folio)
    exclusive = (
        not m.folio_mm_ids_shared[folio] and m.folio_large_mapcount[folio] + 1 == m.folio_refcount[folio]
    )
    folio_unlock_large_mapcount(m, folio)
    if not exclusive:  # somebody came before the lock was had
        why(m, COPIED_SHARED, folio, page - folio)
        return False
    why(m, REUSED_OWNER, folio, page - folio)
    return True
