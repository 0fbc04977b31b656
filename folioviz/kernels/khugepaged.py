"""A setting of khugepaged that the shrinker reads from v6.12 on; before, khugepaged alone does, and it has no model."""

from __future__ import annotations

from folioviz.machine.fields import MAX_PTES_NONE
from folioviz.machine.primitives import View, store


def max_ptes_none_store(m: View, pages: int) -> None:
    """Set khugepaged/max_ptes_none.

    Follows mm/khugepaged.c, v6.1: khugepaged/max_ptes_none.
    """
    store(m, MAX_PTES_NONE, 0, pages)
