"""Which size a fault takes: the largest that is enabled, whose aligned block fits the VMA and is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import THP_ENABLED
from folioviz.machine.journal import SIGNALLED
from folioviz.machine.memory import EFAULT, FREE_AREA, MAX_ORDER
from folioviz.machine.primitives import View, fail, list_empty, store
from folioviz.mm.headers import find_vma, guarded, thp_vma_suitable_order

if TYPE_CHECKING:
    from folioviz.mm.memory import handle_mm_fault


def thp_suitable(m: View, mm: int, addr: int, order: int) -> bool:
    """Tell whether a size is enabled and its aligned block fits the VMA, is empty, and can be allocated.

    The kernel asks thp_vma_suitable_order() (include/linux/huge_mm.h) and pte_range_none() (mm/memory.c).

    Follows mm/memory.c, alloc_anon_folio(), v6.8: 19eaf44954df ("mm: thp: support allocation of anonymous multi-size
    THP").
    """
    if not thp_vma_suitable_order(m, mm, addr, order):
        return False
    free = order
    while free <= MAX_ORDER and list_empty(m, FREE_AREA + free):
        free += 1
    return free <= MAX_ORDER


def touch_pages(m: View, mm: int, addr: int, end: int) -> int:
    """Write to one page after the other, as a program does that fills its memory, until it may not: 0, or -EFAULT.

    A program learns of it by SIGSEGV. Folioviz's own.
    """
    while addr < end:
        vma = find_vma(m, mm, addr)
        if vma < 0 or m.vma_start[vma] > addr or m.vma_readonly[vma]:
            fail(m, SIGNALLED, addr)
            return -EFAULT
        after = min(end, m.vma_end[vma])
        while addr < after:
            if guarded(m, mm, addr):
                fail(m, SIGNALLED, addr)
                return -EFAULT
            handle_mm_fault(m, mm, addr)
            addr += 1
    return 0


def enabled_store(m: View, order: int, on: int) -> None:
    """Allow or forbid one size at a fault, as hugepages-*kB/enabled does.

    Follows mm/huge_memory.c, thpsize_enabled_store(), v6.8: 3485b88390b0 ("mm: thp: introduce multi-size THP sysfs
    interface").
    """
    store(m, THP_ENABLED, 0, m.thp_enabled[0] & ~(1 << order) | (on << order))
