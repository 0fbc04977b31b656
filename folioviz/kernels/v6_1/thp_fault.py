"""v6.1: a write to an empty 2 MiB range may map a huge page; that is the only size that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import PMD, PTE
from folioviz.machine.memory import ENTRY_CLEAN, ENTRY_OLD, HPAGE_PMD_ORDER, PTE_WRITE
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import pmd_index, pmd_trans_huge, pte_index, pte_present

if TYPE_CHECKING:
    from folioviz.kernels.thp_policy import thp_suitable
    from folioviz.mm.huge_memory import do_huge_pmd_anonymous_page, do_huge_pmd_wp_page
    from folioviz.mm.memory import do_anonymous_page, do_wp_page


def handle_mm_fault(m: View, mm: int, addr: int) -> None:
    """Write to a page, so that its entry is accessed and dirty.

    Follows mm/memory.c, __handle_mm_fault(), v6.1: before 19eaf44954df ("mm: thp: support allocation of anonymous
    multi-size THP", v6.8).
    """
    __handle_mm_fault(m, mm, addr)
    slot = pmd_index(mm, addr)
    pmd = m.pmd[slot]
    if pmd_trans_huge(pmd):
        store(m, PMD, slot, pmd & ~(ENTRY_OLD | ENTRY_CLEAN))
    else:
        index = pte_index(pmd, addr)
        store(m, PTE, index, m.pte[index] & ~(ENTRY_OLD | ENTRY_CLEAN))


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
    pte = m.pte[pte_index(pmd, addr)] if pmd else 0
    if not pte_present(pte):
        do_anonymous_page(m, mm, addr, 0)
    elif not pte & PTE_WRITE:
        do_wp_page(m, mm, addr, pte_index(pmd, addr))
