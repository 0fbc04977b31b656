"""v6.1: a write to an empty 2 MiB range may map a huge page; that is the only size that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    migration_entry_wait,
    pte_lock,
    pte_unlock,
    write_by_pmd,
    write_by_pte,
)
from folioviz.machine.memory import HPAGE_PMD_ORDER, PTE_MIGRATION, PTE_WRITE
from folioviz.machine.primitives import View
from folioviz.mm.headers import pmd_index, pmd_trans_huge, pte_index, pte_swap

if TYPE_CHECKING:
    from folioviz.kernels.swapin import do_swap_page
    from folioviz.kernels.thp_policy import thp_suitable
    from folioviz.mm.huge_memory import do_huge_pmd_anonymous_page, do_huge_pmd_wp_page
    from folioviz.mm.memory import do_anonymous_page, do_wp_page


def handle_mm_fault(m: View, mm: int, addr: int) -> None:
    """Write to a page, so that its entry is accessed and dirty.

    Follows mm/memory.c, __handle_mm_fault(), v6.1: before 19eaf44954df ("mm: thp: support allocation of anonymous
    multi-size THP", v6.8).
    """
    slot = pmd_index(mm, addr)
    page = -1
    while page < 0:  # once, unless another CPU takes the page away before it is written to
        __handle_mm_fault(m, mm, addr)
        pmd = m.pmd[slot]
        if pmd_trans_huge(pmd):
            page = write_by_pmd(m, slot, addr)
        elif pmd:
            page = write_by_pte(m, pte_index(pmd, addr))


def __handle_mm_fault(m: View, mm: int, addr: int) -> None:
    """Fault a page in, as a huge page if that is enabled, make it writable, or copy it.

    Follows mm/memory.c, __handle_mm_fault(), v6.1: before 19eaf44954df ("mm: thp: support allocation of anonymous
    multi-size THP", v6.8).
    """
    pmd = m.pmd[pmd_index(mm, addr)]
    if pmd == 0 and thp_suitable(m, mm, addr, HPAGE_PMD_ORDER):
        do_huge_pmd_anonymous_page(m, mm, addr & ~511)
        return
    if pmd_trans_huge(pmd):
        if do_huge_pmd_wp_page(m, mm, addr):
            return
        pmd = m.pmd[pmd_index(mm, addr)]
        if pmd_trans_huge(pmd):
            return
    index = pte_index(pmd, addr)
    pte = m.pte[index] if pmd else 0
    if pte == 0:
        do_anonymous_page(m, mm, addr, 0)
    elif pte & PTE_MIGRATION:
        migration_entry_wait(m, index)
    elif pte_swap(pte):
        do_swap_page(m, mm, addr, 1)
    elif not pte & PTE_WRITE:
        pte_lock(m, pmd)
        if m.pte[index] == pte:
            do_wp_page(m, mm, addr, index)
        else:
            pte_unlock(m, pmd)
