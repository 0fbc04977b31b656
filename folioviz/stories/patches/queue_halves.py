"""Queue a folio only once at least half of it is unmapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import COMPOUND_MAPPED, NR_ANON_MAPPED, NR_ANON_THPS
from folioviz.machine.primitives import View, lruvec_stat_add

if TYPE_CHECKING:
    from folioviz.mm.headers import folio_nr_pages
    from folioviz.mm.huge_memory import deferred_split_folio


def __remove_rmap_finish(m: View, folio: int, nr_mapped: int, nr_unmapped: int, nr_pmdmapped: int) -> None:
    """Account as v4 2/3 does; queue only what is mapped by at most half."""
    if nr_pmdmapped:
        lruvec_stat_add(m, NR_ANON_THPS, -nr_pmdmapped)
    if nr_unmapped:
        lruvec_stat_add(m, NR_ANON_MAPPED, -nr_unmapped)
    still = nr_mapped % COMPOUND_MAPPED
    if nr_unmapped and nr_mapped and 2 * still <= folio_nr_pages(m, folio):
        deferred_split_folio(m, folio)
