"""mm/gup.c: FOLL_PIN, of what a device may write to: a large folio counts it, a small one has 1024 references more.

What is pinned is this process's alone: a page that others may see is copied before it is pinned, and fork copies what
is pinned. Not modelled: MMF_HAS_PINNED, without which fork does not look; and the migration out of ZONE_MOVABLE, of
which there is none here.

Locks: the fault's; then the PTL of the page's table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import FOLIO_PINCOUNT, NR_FOLL_PIN
from folioviz.machine.memory import GUP_PIN_COUNTING_BIAS, PMD_WRITE, PTE_WRITE
from folioviz.machine.primitives import View, page_ref_add, page_ref_sub_and_test, store
from folioviz.mm.headers import entry_page, folio_test_large, pmd_index, pmd_trans_huge, pte_index

if TYPE_CHECKING:
    from folioviz.mm.memory import handle_mm_fault
    from folioviz.mm.swap import __folio_put


def pin_user_pages(m: View, mm: int, addr: int, end: int) -> None:
    """Pin the pages of ``[addr, end)``: what may not be written to in place is faulted in, or copied, first."""
    while addr < end:
        slot = pmd_index(mm, addr)
        pmd = m.pmd[slot]
        if pmd_trans_huge(pmd):
            writable = bool(pmd & PMD_WRITE)
        else:
            writable = bool(pmd and m.pte[pte_index(pmd, addr)] & PTE_WRITE)
        if not writable:
            handle_mm_fault(m, mm, addr)
        pmd = m.pmd[slot]
        if pmd_trans_huge(pmd):
            try_grab_folio(m, entry_page(pmd))
        else:
            pte_lock(m, pmd)
            try_grab_folio(m, m.page_folio[entry_page(m.pte[pte_index(pmd, addr)])])
            pte_unlock(m, pmd)
        addr += 1


def try_grab_folio(m: View, folio: int) -> None:
    """Take one FOLL_PIN on a folio."""
    page_ref_add(m, folio, 1 if folio_test_large(m, folio) else GUP_PIN_COUNTING_BIAS)
    store(m, FOLIO_PINCOUNT, folio, m.folio_pincount[folio] + 1)
    store(m, NR_FOLL_PIN, 0, m.nr_foll_pin[0] + 1)


def unpin_user_page(m: View, folio: int) -> None:
    """Drop one FOLL_PIN; the folio may be freed."""
    store(m, FOLIO_PINCOUNT, folio, m.folio_pincount[folio] - 1)
    store(m, NR_FOLL_PIN, 0, m.nr_foll_pin[0] - 1)
    if page_ref_sub_and_test(m, folio, 1 if folio_test_large(m, folio) else GUP_PIN_COUNTING_BIAS):
        __folio_put(m, folio)
