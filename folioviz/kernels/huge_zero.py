"""A read of an empty 2 MiB range maps the huge zero page where order 9 is enabled, and gives the VMA its anon_vma."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pmd_lock, pmd_unlock
from folioviz.machine.fields import PMD
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER, PMD_ZERO
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import find_vma, pmd_index, thp_vma_suitable_order

if TYPE_CHECKING:
    from folioviz.kernels.anon_vma import __anon_vma_prepare


def do_huge_pmd_zero_page(m: View, mm: int, addr: int) -> bool:
    """Map the huge zero page by an empty PMD if order 9 is enabled and the VMA covers it; tell if a PMD is there.

    Follows mm/huge_memory.c, do_huge_pmd_anonymous_page(), v6.1: reads map the huge zero page.
    """
    if not thp_vma_suitable_order(m, mm, addr, HPAGE_PMD_ORDER):
        return False
    vma = find_vma(m, mm, addr)
    if not m.vma_anon[vma]:
        __anon_vma_prepare(m, mm, vma)
    slot = pmd_index(mm, addr & -HPAGE_PMD_NR)
    pmd_lock(m, slot)
    if m.pmd[slot] == 0:  # else another CPU was faster
        store(m, PMD, slot, PMD_ZERO)
    pmd_unlock(m, slot)
    return True
