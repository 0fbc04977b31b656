"""v6.9: UFFDIO_MOVE moves the shared zero page, too."""

from __future__ import annotations

from folioviz.machine.concurrency import pte_lock, pte_unlock
from folioviz.machine.fields import PTE
from folioviz.machine.memory import PTE_ZERO
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import pmd_index, pte_index


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
