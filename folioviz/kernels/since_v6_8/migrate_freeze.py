"""v6.10: a folio that is migrated is frozen while it is taken off the deferred split queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    anon_vma_lock,
    anon_vma_unlock,
    folio_lock,
    folio_ref_freeze,
    folio_ref_unfreeze,
    folio_unlock,
)
from folioviz.machine.fields import PAGE_ZERO_FILLED
from folioviz.machine.journal import MIGRATED
from folioviz.machine.memory import EAGAIN
from folioviz.machine.primitives import View, copy_folio_flags, put_page_testzero, store, why
from folioviz.mm.charges import mem_cgroup_replace
from folioviz.mm.headers import folio_nr_pages

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.migrate import migrate_folio_finish
    from folioviz.kernels.since_v6_8.rmap_overhaul_migrate import remove_migration_ptes
    from folioviz.kernels.since_v6_8.undo_large_rmappable import folio_undo_large_rmappable
    from folioviz.mm.page_alloc import alloc_pages, free_unref_page
    from folioviz.mm.rmap import try_to_migrate
    from folioviz.mm.swap import folio_put


def migrate_folio_move(m: View, src: int) -> int:
    """Unmap a folio, copy it, map the copy; -EAGAIN and everything as before if references are left.

    Follows mm/migrate.c, folio_migrate_mapping(), v6.10: be9581ea8c05 ("mm: fix crashes from deferred split racing
    folio migration").
    """
    dst = alloc_pages(m, m.folio_order[src], m.folio_index[src])
    folio_lock(m, dst)
    anon_vma_lock(m)
    try_to_migrate(m, src, 0)
    anon_vma_unlock(m)
    was = migrate_folio_queued(m, src)
    if not folio_ref_freeze(m, src, 1):
        anon_vma_lock(m)
        remove_migration_ptes(m, src, src, 0)
        anon_vma_unlock(m)
        folio_unlock(m, dst)
        if put_page_testzero(m, dst):
            free_unref_page(m, dst)  # it never was mapped: no statistics, no queue
        return -EAGAIN
    migrate_folio_unqueue(m, src, dst)
    folio_ref_unfreeze(m, src, 1)
    why(m, MIGRATED, src, folio_nr_pages(m, src))
    copy_folio_flags(m, src, dst)
    mem_cgroup_replace(m, src, dst)
    for i in range(folio_nr_pages(m, src)):
        store(m, PAGE_ZERO_FILLED, dst + i, m.page_zero_filled[src + i])
    migrate_folio_finish(m, src, dst, was)
    folio_unlock(m, dst)
    folio_put(m, dst)
    return 0


def migrate_folio_queued(_m: View, _src: int) -> int:
    """Do not ask how the old folio is queued: the new one is not queued for it.

    Follows mm/migrate.c, migrate_folio_move(), v6.10: be9581ea8c05 ("mm: fix crashes from deferred split racing
    folio migration").
    """
    return 0


def migrate_folio_unqueue(m: View, src: int, _dst: int) -> None:
    """Take the old folio off the queue, while nobody can take a reference.

    Follows mm/migrate.c, folio_migrate_mapping(), v6.10: be9581ea8c05 ("mm: fix crashes from deferred split racing
    folio migration").
    """
    folio_undo_large_rmappable(m, src)
