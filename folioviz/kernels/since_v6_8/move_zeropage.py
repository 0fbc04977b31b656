"""v6.9: UFFDIO_MOVE moves zero pages, too, small and huge."""

from __future__ import annotations

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import PTE
from folioviz.machine.journal import MOVE_SHARED
from folioviz.machine.memory import EBUSY, PTE_ZERO
from folioviz.machine.primitives import View, fail, store
from folioviz.mm.headers import pmd_index, pmd_page, pte_index


def shared_pmd(m: View, mm: int, src: int) -> int:
    """Return -EBUSY for a huge PMD whose folio is not exclusive, else 0.

    Follows mm/huge_memory.c, move_pages_huge_pmd(), v6.9: eb1521dad8f3 ("userfaultfd: handle zeropage moves by
    UFFDIO_MOVE").
    """
    page = pmd_page(m.pmd[pmd_index(mm, src)])
    if page < 0 or m.page_anon_exclusive[page]:
        return 0
    fail(m, MOVE_SHARED, src)
    return -EBUSY


def move_zeropage_pte(m: View, mm: int, dst: int, src: int) -> int:
    """Map the shared zero page elsewhere; return 1.

    Follows mm/userfaultfd.c, v6.9: eb1521dad8f3 ("userfaultfd: handle zeropage moves by UFFDIO_MOVE").
    """
    pmd, to = m.pmd[pmd_index(mm, src)], m.pmd[pmd_index(mm, dst)]
    pte_lock(m, to)
    pte_lock(m, pmd)
    store(m, PTE, pte_index(pmd, src), 0)
    store(m, PTE, pte_index(to, dst), PTE_ZERO)
    pte_unlock(m, pmd)
    pte_unlock(m, to)
    return 1
