"""v6.8: a huge page that migrates leaves one entry in its PMD, and a PMD maps it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pmd_lock, pmd_unlock
from folioviz.machine.fields import PMD
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    PMD_HUGE,
    PMD_MIGRATION,
    PMD_MIGRATION_EXCLUSIVE,
    PMD_WRITE,
)
from folioviz.machine.primitives import (
    View,
    clear_page_anon_exclusive,
    folio_mark_dirty,
    page_ref_add,
    store,
)
from folioviz.mm.headers import entry_page, pmd_index

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_anon_rmap_pmd, folio_remove_rmap_pmd
    from folioviz.mm.swap import folio_put


def set_pmd_migration_entry(m: View, mm: int, addr: int) -> None:
    """Put a migration entry in place of the PMD that maps a huge page.

    Follows mm/huge_memory.c, v6.8: migration entries in PMDs, as released.
    """
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    folio = entry_page(pmd)
    entry = (folio << ENTRY_SHIFT) | PMD_HUGE | PMD_MIGRATION | (pmd & (PMD_WRITE | ENTRY_OLD | ENTRY_CLEAN))
    if m.page_anon_exclusive[folio]:
        clear_page_anon_exclusive(m, folio)
        entry |= PMD_MIGRATION_EXCLUSIVE
    if not pmd & ENTRY_CLEAN:
        folio_mark_dirty(m, folio)
    store(m, PMD, slot, entry)
    folio_remove_rmap_pmd(m, folio, mm)
    folio_put(m, folio)
    pmd_unlock(m, slot)


def remove_migration_pmd(m: View, mm: int, addr: int, dst: int) -> None:
    """Turn the migration entry in a PMD into a mapping of ``dst``.

    Follows mm/huge_memory.c, v6.8: migration entries in PMDs, as released.
    """
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    entry = m.pmd[slot]
    page_ref_add(m, dst, 1)
    exclusive = int(entry & (PMD_WRITE | PMD_MIGRATION_EXCLUSIVE) != 0)
    folio_add_anon_rmap_pmd(m, dst, mm, exclusive)
    store(m, PMD, slot, (dst << ENTRY_SHIFT) | PMD_HUGE | (entry & (PMD_WRITE | ENTRY_OLD | ENTRY_CLEAN)))
    pmd_unlock(m, slot)
