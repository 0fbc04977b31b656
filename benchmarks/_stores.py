"""What a zap cannot do without: the stores of each PTE, and no decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import PAGE_FOLIO, PAGE_MAPCOUNT, PTE, TLB_PAGE

if TYPE_CHECKING:
    from folioviz.machine.primitives import View


def bare_stores(m: View, first: int, page: int, nr: int) -> None:
    """Clear PTEs, take back each page's mapping, gather it, and free it: four stores for each of ``nr`` pages."""
    for i in range(nr):
        m.mem[m.base[PTE] + first + i] = 0
        m.mem[m.base[PAGE_MAPCOUNT] + page + i] = -1
        m.mem[m.base[TLB_PAGE] + (i & 511)] = page + i
        m.mem[m.base[PAGE_FOLIO] + page + i] = page + i
