"""v6.9: a folio can be split into folios of a lower order, too; order 1 is for files only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import page_ref_inc
from folioviz.machine.journal import SPLIT_DONE
from folioviz.machine.memory import THP_SPLIT_PAGE
from folioviz.machine.primitives import View, count_vm_event, why
from folioviz.mm.headers import folio_nr_pages

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul_migrate import remove_migration_ptes
    from folioviz.mm.page_alloc import split_page_ids
    from folioviz.mm.swap import folio_put


def __split_huge_page(m: View, folio: int, order: int) -> None:
    """Make folios of an order of a frozen, unmapped one, map them again, let the unmapped tails go.

    Follows mm/huge_memory.c, v6.9: c010d47f107f ("mm: thp: split huge page to any lower order pages").
    """
    nr = folio_nr_pages(m, folio)
    why(m, SPLIT_DONE, folio, nr >> order)
    count_vm_event(m, THP_SPLIT_PAGE)
    split_page_ids(m, folio, nr, order)
    page_ref_inc(m, folio)
    split_remap(m, folio, nr, order)


def split_remap(m: View, folio: int, nr: int, order: int) -> None:
    """Map the pages of what was a folio again, folio by folio, and drop its tails.

    Follows mm/huge_memory.c, __split_huge_page(), v6.9: c010d47f107f ("mm: thp: split huge page to any lower order
    pages").
    """
    for i in range(nr >> order):
        remove_migration_ptes(m, folio + (i << order), folio + (i << order), 1)
    for i in range(1, nr >> order):
        folio_put(m, folio + (i << order))
