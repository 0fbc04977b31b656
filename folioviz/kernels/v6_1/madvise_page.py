"""v6.1 as released: MADV_FREE, too, asks for the mappings of the page that it meets, not of the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.primitives import View

if TYPE_CHECKING:
    from folioviz.kernels.v6_1.madvise_sharers import page_mapcount
    from folioviz.mm.rmap import total_mapcount


def madvise_shared(m: View, folio: int, page: int, free: int, pmd: int) -> bool:
    """Tell whether a huge page that is visited at one of its pages counts as shared.

    Follows mm/madvise.c, madvise_free_pte_range(), v6.1: before 98b211d6415f ("madvise: convert
    madvise_free_pte_range() to use a folio", v6.3).
    """
    if free and pmd:
        return bool(total_mapcount(m, folio) != 1)
    return bool(page_mapcount(m, page) != 1)
