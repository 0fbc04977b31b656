"""What only a race asks for: kernel functions that look from outside, and two that begin in the middle.

They are linked with a kernel like a patch of the reader's own, and written like the functions of mm/: integers, array
reads, loops and primitives only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    count_pin,
    folio_lock,
    folio_ref_freeze,
    folio_ref_unfreeze,
    folio_try_get,
    folio_unlock,
)
from folioviz.machine.memory import LOWEST_QUEUED_ORDER
from folioviz.machine.primitives import (
    View,
    list_add_tail,
    list_empty,
    spin_lock,
    spin_unlock,
    split_queue_len_add,
)
from folioviz.mm.headers import (
    deferred_list,
    entry_page,
    folio_nr_pages,
    folio_split_queue,
    pmd_index,
    pmd_page,
    pmd_trans_huge,
    pte_index,
    pte_present,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.migrate import migrate_folio_finish
    from folioviz.kernels.since_v6_8.migrate_freeze import migrate_folio_queued, migrate_folio_unqueue
    from folioviz.kernels.since_v6_12.partially_mapped import folio_clear_partially_mapped
    from folioviz.mm.page_alloc import alloc_pages
    from folioviz.mm.rmap import try_to_migrate
    from folioviz.mm.swap import folio_get, folio_put


def gup_fast(m: View, mm: int, addr: int) -> int:
    """Pin one page without a lock: read its entry, try to take a reference, look at the entry again; 1 if it is pinned.

    Folioviz's own, after the fast path of mm/gup.c.
    """
    pmd = m.pmd[pmd_index(mm, addr)]
    if pmd == 0:
        return 0
    if pmd_trans_huge(pmd):
        head = pmd_page(pmd)
        if head < 0 or not folio_try_get(m, head):
            return 0
        if m.pmd[pmd_index(mm, addr)] != pmd:
            folio_put(m, head)
            return 0
        remember_pin(m, head)
        return 1
    pte = m.pte[pte_index(pmd, addr)]
    if not pte_present(pte):
        return 0
    folio = m.page_folio[entry_page(pte)]
    if not folio_try_get(m, folio):
        return 0
    if m.pte[pte_index(pmd, addr)] != pte or m.page_folio[entry_page(pte)] != folio:
        folio_put(m, folio)
        return 0
    remember_pin(m, folio)
    return 1


def remember_pin(m: View, folio: int) -> None:
    """Remember whose a reference is. Folioviz's own."""
    count_pin(m, folio, 1)


def observe_folio(m: View, folio: int) -> int:
    """Compare refcount and mapcounts at one moment, as KSM and compaction do in two reads; 1 if mappings are more.

    Folioviz's own, after the rule of reviewers that each mapping has its reference.
    """
    total = m.folio_entire_mapcount[folio] + 1
    for page in range(folio, folio + folio_nr_pages(m, folio)):
        total += m.page_mapcount[page] + 1
    return int(m.folio_refcount[folio] < total)


def queue_folio(m: View, folio: int) -> None:
    """Put a folio on the queue, unflagged, as v6.12 does with every 2 MiB folio at birth. Folioviz's own."""
    if m.folio_order[folio] >= LOWEST_QUEUED_ORDER and list_empty(m, deferred_list(folio)):
        spin_lock(m)
        list_add_tail(m, deferred_list(folio), folio_split_queue(m, folio))
        split_queue_len_add(m, 1)
        spin_unlock(m)


def unmap_folio(m: View, folio: int) -> None:
    """Put migration entries in place of a folio's mappings and leave its flag clear, as a PMD-mapped folio's stays.

    Folioviz's own: a small folio in the middle of the migration of a 2 MiB one.
    """
    folio_get(m, folio)
    try_to_migrate(m, folio, 0)
    folio_clear_partially_mapped(m, folio)


def move_folio(m: View, src: int) -> int:
    """Go on with the migration of a folio after :func:`unmap_folio`; 1 if somebody holds it, who never lets go here.

    Folioviz's own, after migrate_folio_move(), mm/migrate.c.
    """
    dst = alloc_pages(m, m.folio_order[src], m.folio_index[src])
    folio_lock(m, src)
    folio_lock(m, dst)
    was = migrate_folio_queued(m, src)
    if not folio_ref_freeze(m, src, 1):
        return 1
    migrate_folio_unqueue(m, src, dst)
    folio_ref_unfreeze(m, src, 1)
    migrate_folio_finish(m, src, dst, was)
    folio_unlock(m, dst)
    folio_put(m, dst)
    folio_unlock(m, src)
    folio_put(m, src)
    return 0
