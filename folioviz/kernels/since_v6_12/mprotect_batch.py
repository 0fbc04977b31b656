"""v6.17: mprotect() takes runs of PTEs that agree in their write bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.memory import PTE_WRITE
from folioviz.machine.primitives import View
from folioviz.mm.entries import change_nonpresent_pte
from folioviz.mm.headers import entry_page, pte_index, pte_present, pte_zero

if TYPE_CHECKING:
    from folioviz.kernels.mprotect import change_pte, tlb_flush_pte_range
    from folioviz.kernels.since_v6_8.zap_batch import folio_pte_batch


def change_pte_range(m: View, pmd: int, addr: int, end: int, writable: int, flushes: int) -> None:
    """Change the PTEs of one table that map pages, run by run.

    Follows mm/mprotect.c, v6.17: cac1db8c3aad ("mm: optimize mprotect() by PTE batching").
    """
    pte_lock(m, pmd)
    while addr < end:
        index = pte_index(pmd, addr)
        nr = 1
        if pte_present(m.pte[index]):
            page = entry_page(m.pte[index])
            nr = folio_pte_batch(m, m.page_folio[page], page, index, end - addr, PTE_WRITE)
            for i in range(index, index + nr):
                change_pte(m, i, writable, flushes)
        else:
            change_nonpresent_pte(m, index)
            if flushes == 2 and pte_zero(m.pte[index]):
                tlb_flush_pte_range(m)
        addr += nr
    pte_unlock(m, pmd)
