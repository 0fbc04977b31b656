"""What root writes below /sys/kernel/mm/transparent_hugepage, and what a program writes to its pages."""

from __future__ import annotations

from folioviz.machine.fields import MAX_PTES_NONE, PAGE_ZERO_FILLED, SHRINK_UNDERUSED
from folioviz.machine.primitives import View, store


def split_underused_thp_store(m: View, on: int) -> None:
    """Set shrink_underused.

    Follows mm/huge_memory.c, v6.12: 81d3ff3c6f76 ("mm: add sysfs entry to disable splitting underused THPs").
    """
    store(m, SHRINK_UNDERUSED, 0, on)


def max_ptes_none_store(m: View, pages: int) -> None:
    """Set khugepaged/max_ptes_none.

    Follows mm/khugepaged.c, v6.8: khugepaged/max_ptes_none.
    """
    store(m, MAX_PTES_NONE, 0, pages)


def zero_pages(m: View, folio: int, page: int, nr: int) -> None:
    """Fill ``nr`` pages of a folio with zeros, from its page ``page`` on: a program's doing, not the kernel's.

    Folioviz's own.
    """
    for i in range(folio + page, folio + page + nr):
        store(m, PAGE_ZERO_FILLED, i, 1)
