"""v6.12: a split maps the shared zero page instead of pages that hold nothing but zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import PTE
from folioviz.machine.journal import ZERO_PAGE
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    PTE_MIGRATION,
    PTE_MIGRATION_EXCLUSIVE,
    PTE_PRESENT,
    PTE_WRITE,
    PTE_ZERO,
)
from folioviz.machine.primitives import View, page_ref_add, store, why
from folioviz.mm.headers import entry_page, folio_test_large

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_anon_rmap_ptes
    from folioviz.mm.memory import add_mm_counter


def remove_migration_pte(m: View, mm: int, index: int, src: int, dst: int, flags: int) -> None:
    """Turn a migration entry for ``src`` into a mapping of ``dst``, or of the zero page.

    ``flags`` is 1 behind a split (RMP_USE_SHARED_ZEROPAGE), 0 behind a migration.

    Follows mm/migrate.c, v6.12: b1f202060afe ("mm: remap unused subpages to shared zeropage when splitting isolated
    thp").
    """
    pte = m.pte[index]
    if not pte & PTE_MIGRATION or entry_page(pte) != src:
        return
    if flags and m.page_zero_filled[dst] and not folio_test_large(m, m.page_folio[dst]):
        store(m, PTE, index, PTE_ZERO)
        add_mm_counter(m, mm, -1)
        why(m, ZERO_PAGE, m.page_folio[dst], 0)
        return
    folio = m.page_folio[dst]
    page_ref_add(m, folio, 1)
    exclusive = int(pte & (PTE_WRITE | PTE_MIGRATION_EXCLUSIVE) != 0)
    folio_add_anon_rmap_ptes(m, folio, dst, 1, mm, exclusive)
    store(m, PTE, index, (dst << ENTRY_SHIFT) | PTE_PRESENT | (pte & (PTE_WRITE | ENTRY_OLD | ENTRY_CLEAN)))
