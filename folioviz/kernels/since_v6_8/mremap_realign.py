"""v6.7: mremap() starts at the 2 MiB border below, where nothing is in the way, so that whole page tables move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import anon_vma_lock, anon_vma_unlock, pmd_lock, pmd_unlock
from folioviz.machine.fields import PMD
from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import find_vma, pmd_index, pmd_trans_huge

if TYPE_CHECKING:
    from folioviz.mm.huge_memory import __split_huge_pmd
    from folioviz.mm.memory import pte_alloc
    from folioviz.mm.mremap import move_ptes


def can_align_down(m: View, mm: int, addr: int) -> bool:
    """Tell whether a VMA starts at ``addr`` and none lies between it and the 2 MiB border below.

    Follows mm/mremap.c, v6.7: af8ca1c14906 ("mm/mremap: optimize the start addresses in move_page_tables()").
    """
    return bool(m.vma_start[find_vma(m, mm, addr & ~511)] == addr)


def try_realign_addr(m: View, mm: int, old: int, new: int, nr: int) -> int:
    """Return by how many pages both addresses move down.

    Follows mm/mremap.c, v6.7: af8ca1c14906 ("mm/mremap: optimize the start addresses in move_page_tables()").
    """
    offset = old & 511
    if offset == 0 or new & 511 != offset or offset + nr < HPAGE_PMD_NR:
        return 0
    if not can_align_down(m, mm, old) or not can_align_down(m, mm, new):
        return 0
    return offset


def move_page_tables(m: View, mm: int, old: int, new: int, nr: int) -> None:
    """Move what is mapped at ``old`` to ``new``: whole PMD entries where both sides allow it, else PTEs.

    Follows mm/mremap.c, v6.7: af8ca1c14906 ("mm/mremap: optimize the start addresses in move_page_tables()").
    """
    end = old + nr
    down = try_realign_addr(m, mm, old, new, nr)
    old -= down
    new -= down
    while old < end:
        extent = min(HPAGE_PMD_NR - (old & 511), HPAGE_PMD_NR - (new & 511), end - old)
        pmd = m.pmd[pmd_index(mm, old)]
        if pmd:
            slot, to = pmd_index(mm, old), pmd_index(mm, new)
            if extent == HPAGE_PMD_NR and m.pmd[to] == 0:
                anon_vma_lock(m)
                pmd_lock(m, slot)  # of both: they lie in one table
                pmd = m.pmd[slot]
                store(m, PMD, slot, 0)
                store(m, PMD, to, pmd)
                pmd_unlock(m, slot)
                anon_vma_unlock(m)
            else:
                if pmd_trans_huge(pmd):
                    __split_huge_pmd(m, mm, old, 0, -1)
                pmd_lock(m, to)
                table = pte_alloc(m, mm, new)
                pmd_unlock(m, to)
                move_ptes(m, m.pmd[slot], table, old, new, extent)
        old += extent
        new += extent
