"""v6.8: a page that is swapped out or in is counted by the functions of the rmap overhaul."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.primitives import View

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_anon_rmap_ptes, folio_remove_rmap_ptes


def unmap_swapped(m: View, folio: int, page: int, mm: int) -> None:
    """Take down the mapping of a page.

    Follows mm/rmap.c, try_to_unmap_one(), v6.8: ca1a0746182c ("mm/rmap: page_remove_rmap() ->
    folio_remove_rmap_pte()").
    """
    folio_remove_rmap_ptes(m, folio, page, 1, mm)


def map_swapped(m: View, folio: int, page: int, nr: int, mm: int, exclusive: int, _fresh: int) -> None:
    """Count the mappings of pages that came back.

    Follows mm/memory.c, do_swap_page(), v6.8: swap-in, past the cache where one entry waits.
    """
    folio_add_anon_rmap_ptes(m, folio, page, nr, mm, exclusive)
