"""v6.8: a folio moves to another place in memory; the deferred split queue is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    anon_vma_lock,
    anon_vma_unlock,
    folio_lock,
    folio_try_get,
    folio_unlock,
)
from folioviz.machine.fields import PAGE_ZERO_FILLED
from folioviz.machine.journal import MIGRATED
from folioviz.machine.memory import EAGAIN
from folioviz.machine.primitives import View, copy_folio_flags, put_page_testzero, store, why
from folioviz.mm.charges import mem_cgroup_replace
from folioviz.mm.headers import folio_nr_pages

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul_migrate import remove_migration_ptes
    from folioviz.mm.page_alloc import alloc_pages, free_unref_page
    from folioviz.mm.rmap import try_to_migrate
    from folioviz.mm.swap import folio_put


def remap_folio(m: View, folio: int) -> None:
    """Replace a folio's mappings by migration entries and put them back, as a migration that fails does.

    Folioviz's own.
    """
    if not folio_try_get(m, folio):
        return
    folio_lock(m, folio)
    anon_vma_lock(m)
    try_to_migrate(m, folio, 0)
    anon_vma_unlock(m)
    anon_vma_lock(m)
    remove_migration_ptes(m, folio, folio, 0)
    anon_vma_unlock(m)
    folio_unlock(m, folio)
    folio_put(m, folio)


def migrate_folio(m: View, folio: int) -> int:
    """Move a folio, unless somebody else holds it; 0 or -EAGAIN.

    Follows mm/migrate.c, migrate_pages(), v6.8: folio migration, trimmed to the rmap.
    """
    if not folio_try_get(m, folio):
        return -EAGAIN
    folio_lock(m, folio)
    result = migrate_folio_move(m, folio)
    folio_unlock(m, folio)
    folio_put(m, folio)
    return result


def migrate_folio_move(m: View, src: int) -> int:
    """Unmap a folio, copy it, map the copy; -EAGAIN and everything as before if references are left.

    Follows mm/migrate.c, v6.8: folio migration, trimmed to the rmap.
    """
    dst = alloc_pages(m, m.folio_order[src], m.folio_index[src])
    folio_lock(m, dst)
    anon_vma_lock(m)
    try_to_migrate(m, src, 0)
    anon_vma_unlock(m)
    if m.folio_refcount[src] != 1:
        anon_vma_lock(m)
        remove_migration_ptes(m, src, src, 0)
        anon_vma_unlock(m)
        folio_unlock(m, dst)
        if put_page_testzero(m, dst):
            free_unref_page(m, dst)  # it never was mapped: no statistics, no queue
        return -EAGAIN
    why(m, MIGRATED, src, folio_nr_pages(m, src))
    copy_folio_flags(m, src, dst)
    mem_cgroup_replace(m, src, dst)
    for i in range(folio_nr_pages(m, src)):
        store(m, PAGE_ZERO_FILLED, dst + i, m.page_zero_filled[src + i])
    migrate_folio_finish(m, src, dst, 0)
    folio_unlock(m, dst)
    folio_put(m, dst)
    return 0


def migrate_folio_finish(m: View, src: int, dst: int, _was: int) -> None:
    """Map the new folio.

    Follows mm/migrate.c, migrate_folio_move(), v6.8: folio migration, trimmed to the rmap.
    """
    anon_vma_lock(m)
    remove_migration_ptes(m, src, dst, 0)
    anon_vma_unlock(m)
