"""Whether there is memory for the new folios of a collapse: 2 MiB for each page table, before anything old is freed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.memory import FREE_AREA, HPAGE_PMD_NR, MAX_ORDER, PMD_TABLE, PTRS_PER_PTE
from folioviz.mm.headers import pmd_index, pte_index, pte_swap
from folioviz.ops.reasons import BLOCKS_OUT, refused

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
    """Refuse what may put a 2 MiB folio in the place of each page table, where pages also come from swap."""
    need = 0
    swapped = 0
    for slot in range(pmd_index(mm, start), pmd_index(mm, end - 1) + 1):
        pmd = m.pmd[slot]
        if pmd & PMD_TABLE:
            need += 1
            first = pte_index(pmd, 0)
            for index in range(first, first + PTRS_PER_PTE):
                swapped += pte_swap(m.pte[index])
    need += (swapped + HPAGE_PMD_NR - 1) // HPAGE_PMD_NR
    free = free_blocks(m, need)
    return refused(BLOCKS_OUT, free, need) if free < need else 0
