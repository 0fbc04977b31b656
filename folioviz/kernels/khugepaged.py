"""khugepaged's pass over a process, and the setting of it that the shrinker reads from v6.12 on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import MAX_PTES_NONE
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER, PMD_TABLE
from folioviz.machine.primitives import View, store
from folioviz.mm.headers import pmd_index

if TYPE_CHECKING:
    from folioviz.mm.khugepaged import hpage_collapse_scan_pmd


def max_ptes_none_store(m: View, pages: int) -> None:
    """Set khugepaged/max_ptes_none.

    Follows mm/khugepaged.c, v6.1: khugepaged/max_ptes_none.
    """
    store(m, MAX_PTES_NONE, 0, pages)


def khugepaged_scan_mm_slot(m: View, mm: int) -> int:
    """Pass over the VMAs of a process once; return how many of its page tables were collapsed.

    Follows mm/khugepaged.c, v6.1: khugepaged/max_ptes_none.
    """
    collapsed = 0
    vma = m.mm_mmap[mm] if khugepaged_enabled(m) else -1
    while vma >= 0:
        addr = (m.vma_start[vma] + HPAGE_PMD_NR - 1) & -HPAGE_PMD_NR
        while addr + HPAGE_PMD_NR <= m.vma_end[vma]:
            if m.pmd[pmd_index(mm, addr)] & PMD_TABLE:
                collapsed += khugepaged_scan_pmd(m, mm, vma, addr)
            addr += HPAGE_PMD_NR
        vma = m.vma_next[vma]
    return collapsed


def khugepaged_enabled(m: View) -> bool:
    """Tell whether khugepaged runs: folios of 2 MiB are enabled.

    Follows mm/khugepaged.c, start_stop_khugepaged(), v6.1: khugepaged/max_ptes_none.
    """
    return bool(m.thp_enabled[0] >> HPAGE_PMD_ORDER & 1)


def khugepaged_scan_pmd(m: View, mm: int, vma: int, addr: int) -> int:
    """Collapse what one page table maps into a 2 MiB folio; 1, or 0 if it may not be.

    Follows mm/khugepaged.c, hpage_collapse_scan_pmd(), v6.1: khugepaged/max_ptes_none.
    """
    return int(hpage_collapse_scan_pmd(m, mm, vma, addr, m.max_ptes_none[0], 1) > 0)
