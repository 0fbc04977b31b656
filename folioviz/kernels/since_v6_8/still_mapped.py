"""v6.10: what is fully unmapped is not queued any more, and what is queued already is not asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.journal import NOT_QUEUED_ALREADY
from folioviz.machine.primitives import (
    View,
    list_empty,
    shrinking,
    why,
)
from folioviz.mm.headers import deferred_list

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import __folio_mod_stat
    from folioviz.mm.huge_memory import deferred_split_folio
    from folioviz.mm.rmap import why_not_queued


def __folio_remove_rmap(m: View, folio: int, nr: int, nr_pmdmapped: int) -> None:
    """Queue a folio of which pages were unmapped and others still are mapped.

    Follows mm/rmap.c, __folio_remove_rmap(), v6.10: 7491f3f34891 ("mm/rmap: do not add fully unmapped large folio to
    deferred split list").
    """
    if nr == 0 or m.folio_nr_pages_mapped[folio] == 0:
        why_not_queued(m, folio, nr, nr_pmdmapped, m.folio_nr_pages_mapped[folio])
    elif m.folio_order[folio] > 1 and not list_empty(m, deferred_list(folio)):
        why(m, NOT_QUEUED_ALREADY, folio, int(shrinking(m)))
    else:
        deferred_split_folio(m, folio)
    __folio_mod_stat(m, -nr, -nr_pmdmapped)
