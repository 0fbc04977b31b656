"""v6.1: a page that is swapped out or in is counted by page_remove_rmap() and page_add_anon_rmap()."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.primitives import View

if TYPE_CHECKING:
    from folioviz.mm.rmap import page_add_anon_rmap, page_remove_rmap


def unmap_swapped(m: View, _folio: int, page: int, _mm: int) -> None:
    """Take down the mapping of a page.

    Follows mm/rmap.c, try_to_unmap_one(), v6.1: before ca1a0746182c ("mm/rmap: page_remove_rmap() ->
    folio_remove_rmap_pte()", v6.8).
    """
    page_remove_rmap(m, page, 0)


def map_swapped(m: View, _folio: int, page: int, _nr: int, _mm: int, exclusive: int, _fresh: int) -> None:
    """Count the mapping of a page that came back.

    Follows mm/memory.c, do_swap_page(), v6.1: before 4d510f3da4c2 ("mm: add folio_add_new_anon_rmap()", v6.3).
    """
    page_add_anon_rmap(m, page, exclusive)
