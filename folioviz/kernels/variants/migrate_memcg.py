"""v6.7 to v6.9 with memory cgroups: a migration takes the old folio off the queue, whoever holds a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import anon_vma_lock, anon_vma_unlock

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul_migrate import remove_migration_ptes
    from folioviz.kernels.since_v6_8.undo_large_rmappable import folio_undo_large_rmappable
    from folioviz.machine.primitives import View


def migrate_folio_finish(m: View, src: int, dst: int, _was: int) -> None:
    """Take the old folio off the queue, as mem_cgroup_migrate() did, then map the new one.

    Follows mm/memcontrol.c, mem_cgroup_migrate(), v6.9: before be9581ea8c05 ("mm: fix crashes from deferred split
    racing folio migration", v6.10).
    """
    folio_undo_large_rmappable(m, src)
    anon_vma_lock(m)
    remove_migration_ptes(m, src, dst, 0)
    anon_vma_unlock(m)
