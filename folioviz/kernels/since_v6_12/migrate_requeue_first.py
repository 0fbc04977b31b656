"""v7.1: the new folio of a migration is queued before it is mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul_migrate import remove_migration_ptes
    from folioviz.kernels.since_v6_12.migrate_requeue import migrate_folio_unqueue
    from folioviz.kernels.since_v6_12.partially_mapped import deferred_split_folio
    from folioviz.machine.primitives import View


def migrate_folio_finish(m: View, src: int, dst: int) -> None:
    """Queue the new folio as the old one was, then map it.

    Follows mm/migrate.c, migrate_folio_move(), v7.1: 3bac01168982 ("mm: fix deferred split queue races during
    migration").
    """
    was = migrate_folio_unqueue(m, src, dst)
    if was:
        deferred_split_folio(m, dst, was & 2)
    remove_migration_ptes(m, src, dst, 0)
