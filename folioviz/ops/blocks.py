"""Whether there is memory for the new folios of a collapse: 2 MiB for each page table, before anything old is freed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import FREE_AREA, MAX_ORDER, PMD_TABLE, PTRS_PER_PTE
from folioviz.mm.headers import entry_page, folio_test_swapcache, pmd_index, pte_index, pte_present, pte_swap
from folioviz.ops.reasons import BLOCKS_OUT, SWAPPED, refused

if TYPE_CHECKING:
    from folioviz.machine.primitives import View


def free_blocks(m: View, most: int) -> int:
    """Count the free blocks of 2 MiB, up to so many."""
    found, node = 0, m.list_next[FREE_AREA + MAX_ORDER]
    while node != FREE_AREA + MAX_ORDER and found < most:
        found += 1
        node = m.list_next[node]
    return found


def no_blocks(m: View, mm: int, start: int, end: int) -> int:
    """Refuse what may put a 2 MiB folio in the place of each page table, or what is in swap."""
    need = 0
    for slot in range(pmd_index(mm, start), pmd_index(mm, end - 1) + 1):
        pmd = m.pmd[slot]
        if pmd & PMD_TABLE:
            need += 1
            first = pte_index(pmd, 0)
            for index in range(first, first + PTRS_PER_PTE):
                pte = m.pte[index]
                cached = pte_present(pte) and folio_test_swapcache(m, m.page_folio[entry_page(pte)])
                if pte_swap(pte) or cached:
                    return refused(SWAPPED, (slot - mm * 512) * 512 + index - first, 0)
    free = free_blocks(m, need)
    return refused(BLOCKS_OUT, free, need) if free < need else 0
