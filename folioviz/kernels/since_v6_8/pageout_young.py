"""v6.9: MADV_PAGEOUT leaves accessed bits alone, and has reclaim ignore them."""

from __future__ import annotations

from folioviz.machine.primitives import View


def pageout_clears_young(_m: View) -> bool:
    """Tell whether MADV_PAGEOUT clears accessed bits.

    Follows mm/madvise.c, madvise_cold_or_pageout_pte_range(), v6.9: 2864f3d0f583 ("mm: madvise: pageout: ignore
    references rather than clearing young").
    """
    return False
