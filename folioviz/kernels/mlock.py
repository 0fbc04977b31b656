"""mm/mlock.c: mlock() makes a VMA VM_LOCKED and brings its pages; munlock() takes the flag away and leaves the pages.

Reclaim asks the VMA of each mapping whether it is locked (:func:`folioviz.mm.headers.vma_locked`), so what a locked
VMA maps stays. Not modelled: PG_mlocked and the unevictable list, which only spare reclaim that walk, and never hold a
large folio in part; rlimits; MLOCK_ONFAULT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.fields import PAGE_ZERO_FILLED, PMD, VMA_FLAGS
from folioviz.machine.journal import ENDED_AT_HOLE
from folioviz.machine.memory import (
    ENOMEM,
    ENTRY_CLEAN,
    ENTRY_OLD,
    HPAGE_PMD_NR,
    PG_DIRTY,
    PMD_WRITE,
    PTE_WRITE,
    VM_LOCKED,
    VM_STICKY,
)
from folioviz.machine.primitives import View, fail, folio_mark_dirty, store
from folioviz.mm.headers import (
    entry_page,
    find_vma,
    is_huge_zero_pmd,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_swap,
    pte_zero,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.mthp import __handle_mm_fault
    from folioviz.kernels.vma import vma_modify_flags
    from folioviz.mm.mmap import madvise_dontneed
    from folioviz.mm.zero_pages import read_fault


def do_mlock(m: View, mm: int, start: int, end: int) -> int:
    """Lock ``[start, end)`` and bring its pages; 0, or -ENOMEM if there is a hole: then none are brought.

    Follows mm/mlock.c, v6.8: mlock(), trimmed to VMAs and the pages that it brings.
    """
    if apply_vma_lock_flags(m, mm, start, end, VM_LOCKED):
        return -ENOMEM
    while start < end:
        vma = find_vma(m, mm, start)
        after = min(end, m.vma_end[vma])
        populate_vma_page_range(m, mm, start, after)
        start = after
    return 0


def do_munlock(m: View, mm: int, start: int, end: int) -> int:
    """Unlock ``[start, end)``; 0, or -ENOMEM if there is a hole, behind which nothing happens.

    Follows mm/mlock.c, munlock(), v6.8: mlock(), trimmed to VMAs and the pages that it brings.
    """
    return apply_vma_lock_flags(m, mm, start, end, 0)


def apply_vma_lock_flags(m: View, mm: int, start: int, end: int, locked: int) -> int:
    """Lock or unlock ``[start, end)``, VMA by VMA, up to a hole; 0, or -ENOMEM.

    Follows mm/mlock.c, v6.8: mlock(), trimmed to VMAs and the pages that it brings.
    """
    vma = find_vma(m, mm, start)
    while vma >= 0 and m.vma_start[vma] <= start < end:
        after = min(end, m.vma_end[vma])
        mlock_fixup(m, mm, vma, start, after, locked)
        start = after
        vma = find_vma(m, mm, start)
    if start < end:
        fail(m, ENDED_AT_HOLE, start)
        return -ENOMEM
    return 0


def mlock_fixup(m: View, mm: int, vma: int, start: int, end: int, locked: int) -> None:
    """Lock or unlock a part of a VMA that is not so already: it is cut, and joined with what is as it is now.

    Follows mm/mlock.c, v6.8: mlock(), trimmed to VMAs and the pages that it brings.
    """
    flags = m.vma_flags[vma] & ~VM_LOCKED | locked
    if flags == m.vma_flags[vma]:
        return
    vma = vma_modify_flags(m, mm, vma, start, end, m.vma_readonly[vma], m.vma_account[vma], flags)
    store(m, VMA_FLAGS, vma, flags | m.vma_flags[vma] & VM_STICKY)


def populate_vma_page_range(m: View, mm: int, start: int, end: int) -> None:
    """Fault in what a part of a writable VMA does not map for writing, as writes would, but write nothing.

    What is there counts as used, and as dirty. Where the VMA is read-only, what it does not map comes as reads would
    bring it.

    Follows mm/gup.c, v6.8: mlock(), trimmed to VMAs and the pages that it brings.
    """
    readonly = m.vma_readonly[find_vma(m, mm, start)]
    while start < end:
        pmd = m.pmd[pmd_index(mm, start)]
        huge = pmd_trans_huge(pmd)
        if huge and (readonly or pmd & PMD_WRITE):
            touch_pmd(m, pmd_index(mm, start), not readonly)
            start = (start | HPAGE_PMD_NR - 1) + 1
        else:
            pte = m.pte[pte_index(pmd, start)] if pmd and not huge else 0
            if readonly and (pte == 0 or pte_swap(pte)):
                read_fault(m, mm, start)
            elif not readonly and not pte & PTE_WRITE:
                faultin_page(m, mm, start)
            elif not readonly:
                follow_page_pte(m, pte)
            start += 1


def touch_pmd(m: View, slot: int, write: bool) -> None:
    """Make a PMD that is there accessed, and dirty if it is followed for writing.

    Follows mm/huge_memory.c, v6.8: mlock(), trimmed to VMAs and the pages that it brings.
    """
    pmd = m.pmd[slot]
    touched = pmd & ~(ENTRY_OLD | ENTRY_CLEAN if write else ENTRY_OLD)
    if touched != pmd:
        store(m, PMD, slot, touched)


def follow_page_pte(m: View, pte: int) -> None:
    """Make the folio dirty that a PTE maps for writing, though nobody has written since MADV_FREE; the PTE stays clean.

    Follows mm/gup.c, v6.8: mlock(), trimmed to VMAs and the pages that it brings.
    """
    folio = m.page_folio[entry_page(pte)]
    if pte & ENTRY_CLEAN and not m.folio_flags[folio] & PG_DIRTY:
        folio_mark_dirty(m, folio)


def faultin_page(m: View, mm: int, addr: int) -> None:
    """Fault one page in as a write would; a new one holds nothing but zeros.

    Follows mm/gup.c, v6.8: mlock(), trimmed to VMAs and the pages that it brings.
    """
    pmd = m.pmd[pmd_index(mm, addr)]
    new = bool(pmd == 0 or is_huge_zero_pmd(pmd))
    if not pmd_trans_huge(pmd) and pmd:
        pte = m.pte[pte_index(pmd, addr)]
        new = pte == 0 or pte_zero(pte)
    __handle_mm_fault(m, mm, addr)
    pmd = m.pmd[pmd_index(mm, addr)]
    if new and len(m.page_zero_filled) and not pmd_trans_huge(pmd):
        store(m, PAGE_ZERO_FILLED, entry_page(m.pte[pte_index(pmd, addr)]), 1)


def madvise_dontneed_locked(m: View, mm: int, start: int, end: int) -> None:
    """MADV_DONTNEED_LOCKED on ``[start, end)``: what MADV_DONTNEED does, also in VMAs that are locked.

    Follows mm/madvise.c, madvise_dontneed_single_vma(), v6.8: mlock(), trimmed to VMAs and the pages that it brings.
    """
    madvise_dontneed(m, mm, start, end)
