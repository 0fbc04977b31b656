"""v7.1: the new folio of a migration is queued before it is mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import anon_vma_lock, anon_vma_unlock

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul_migrate import remove_migration_ptes
    from folioviz.kernels.since_v6_12.partially_mapped import deferred_split_folio
    from folioviz.machine.primitives import View


def migrate_folio_finish(m: View, src: int, dst: int, was: int) -> None:
    """Queue the new folio as the old one was, then map it.

    Follows mm/migrate.c, migrate_folio_move(), v7.1: 3bac01168982 ("mm: fix deferred split queue races during
    migration").
    """
    if was:
        deferred_split_folio(m, dst, was & 2)
    anon_vma_lock(m)
    remove_migration_ptes(m, src, dst, 0)
    anon_vma_unlock(m)
