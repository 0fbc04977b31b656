"""v6.12.y: the new folio of a migration goes on the queue as the old one was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    anon_vma_lock,
    anon_vma_unlock,
    folio_lock,
    folio_try_get,
    folio_unlock,
)
from folioviz.machine.memory import EAGAIN, LOWEST_QUEUED_ORDER
from folioviz.machine.primitives import View, list_empty
from folioviz.mm.headers import deferred_list, folio_test_large

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.migrate import migrate_folio_move
    from folioviz.kernels.since_v6_8.rmap_overhaul_migrate import remove_migration_ptes
    from folioviz.kernels.since_v6_12.partially_mapped import deferred_split_folio
    from folioviz.kernels.since_v6_12.unqueue_deferred import (
        __folio_unqueue_deferred_split,
        folio_mod_nr_anon,
    )
    from folioviz.mm.huge_memory import split_huge_page_to_list
    from folioviz.mm.swap import folio_put


def migrate_folio(m: View, folio: int) -> int:
    """Move a folio; one that is flagged is split first: 1 if it was, 0 if it moved, or -EAGAIN.

    Follows mm/migrate.c, migrate_pages_batch(), v6.12: 8422acdc97ed ("mm: introduce a pageflag for partially mapped
    folios").
    """
    if not folio_try_get(m, folio):
        return -EAGAIN
    folio_lock(m, folio)
    result = 1
    if not m.folio_partially_mapped[folio] or split_huge_page_to_list(m, folio, 0) != 0:
        result = migrate_folio_move(m, folio)
    folio_unlock(m, folio)
    folio_put(m, folio)
    return result


def migrate_folio_queued(m: View, src: int) -> int:
    """Return 0 if the old folio is not on the queue, else 1, and 2 more if it is flagged.

    Follows mm/migrate.c, migrate_folio_move(), v7.1, in 6.12.117 by a backport: a2e0c0668a34 ("mm: migrate: requeue
    destination folio on deferred split queue").
    """
    if m.folio_order[src] < LOWEST_QUEUED_ORDER or list_empty(m, deferred_list(src)):
        return 0
    return 1 + 2 * int(m.folio_partially_mapped[src])


def migrate_folio_unqueue(m: View, src: int, dst: int) -> None:
    """Take the old folio off the queue, while nobody can take a reference, and count the new one.

    Follows mm/migrate.c, __folio_migrate_mapping(), v6.12: 8422acdc97ed ("mm: introduce a pageflag for partially mapped
    folios").
    """
    if m.folio_order[src] >= LOWEST_QUEUED_ORDER and not list_empty(m, deferred_list(src)):
        __folio_unqueue_deferred_split(m, src)
    if folio_test_large(m, dst):
        folio_mod_nr_anon(m, dst, 1)


def migrate_folio_finish(m: View, src: int, dst: int, was: int) -> None:
    """Map the new folio, then queue it as the old one was.

    Follows mm/migrate.c, migrate_folio_move(), v7.1, in 6.12.117 by a backport: a2e0c0668a34 ("mm: migrate: requeue
    destination folio on deferred split queue").
    """
    anon_vma_lock(m)
    remove_migration_ptes(m, src, dst, 0)
    anon_vma_unlock(m)
    if was:
        deferred_split_folio(m, dst, was & 2)
