"""mm/memory.c and mm/huge_memory.c: reads, and the zero pages that they map where nothing is.

A zero page is one for all, is full of zeros, and nothing counts its mappings: no resident page, no reference, no
mapcount, and no folio here. Its entry is never writable, so the first write takes a page of one's own instead. Where
order 9 is enabled, an empty 2 MiB range gets the huge zero page by its PMD; v6.5-rc3 has no such setting here, so that
it maps the small one only. A VMA of nothing but small zero pages has no anon_vma, and fork passes it over.

Not modelled: the memory of the huge zero page, which is the machine's and comes with the first use; use_zero_page off;
accessed bits of entries of zero pages, at which nobody looks.

Locks: as a fault's: mmap_lock for reading, the PMD's lock, the PTL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import (
    migration_entry_wait,
    pmd_lock,
    pmd_populate,
    pmd_unlock,
    pmdp_invalidate,
    pte_lock,
    pte_unlock,
    read_by_pmd,
    read_by_pte,
)
from folioviz.machine.fields import PMD, PTE
from folioviz.machine.journal import SIGNALLED_READING
from folioviz.machine.memory import EFAULT, HPAGE_PMD_NR, PTE_MIGRATION, PTE_ZERO
from folioviz.machine.primitives import View, fail, store
from folioviz.mm.headers import (
    do_huge_pmd_zero_page,
    do_swap_page,
    find_vma,
    guarded,
    pmd_index,
    pmd_trans_huge,
    pte_index,
    pte_swap,
    vma_is_accessible,
)

if TYPE_CHECKING:  # for readers and checkers: the linker joins these by name
    from folioviz.mm.memory import pte_alloc


def read_pages(m: View, mm: int, addr: int, end: int) -> int:
    """Read one page after the other, as a program does that looks at its memory, until it may not: 0, or -EFAULT.

    A program learns of it by SIGSEGV. Folioviz's own.
    """
    while addr < end:
        vma = find_vma(m, mm, addr)
        if vma < 0 or m.vma_start[vma] > addr or not vma_is_accessible(m, vma) or guarded(m, mm, addr):
            fail(m, SIGNALLED_READING, addr)
            return -EFAULT
        addr += read_fault(m, mm, addr)
    return 0


def read_fault(m: View, mm: int, addr: int) -> int:
    """Read a page; 1, or 0 if the read must be tried again, as the page was under migration (handle_mm_fault()).

    What is mapped becomes accessed, what is swapped out comes back, and where nothing is a zero page comes.
    """
    slot = pmd_index(mm, addr)
    pmd = m.pmd[slot]
    if pmd == 0 and do_huge_pmd_zero_page(m, mm, addr):
        return 1
    if pmd_trans_huge(pmd):
        read_by_pmd(m, slot)
        return 1
    index = pte_index(pmd, addr)
    pte = m.pte[index] if pmd else 0
    if pte == 0:
        do_anonymous_zero_page(m, mm, addr)
    elif pte & PTE_MIGRATION:
        migration_entry_wait(m, index)
        return 0
    elif pte_swap(pte):
        do_swap_page(m, mm, addr, 0)
    else:
        read_by_pte(m, index)
    return 1


def do_anonymous_zero_page(m: View, mm: int, addr: int) -> None:
    """Map the zero page at an empty place, unless another CPU was faster (do_anonymous_page())."""
    slot = pmd_index(mm, addr)
    pmd_lock(m, slot)
    pmd = pte_alloc(m, mm, addr)
    pmd_unlock(m, slot)
    if pmd_trans_huge(pmd):
        return
    index = pte_index(pmd, addr)
    pte_lock(m, pmd)
    if m.pmd[slot] == pmd and m.pte[index] == 0:
        store(m, PTE, index, PTE_ZERO)
    pte_unlock(m, pmd)


def __split_huge_zero_page_pmd(m: View, mm: int, addr: int) -> None:
    """Map the small zero page by 512 PTEs instead of the huge one by a PMD, whose lock is held, and released."""
    slot = pmd_index(mm, addr)
    pmdp_invalidate(m, slot)
    store(m, PMD, slot, 0)
    table = pte_alloc(m, mm, addr)
    pte_lock(m, table)
    first = pte_index(table, 0)
    for index in range(first, first + HPAGE_PMD_NR):
        store(m, PTE, index, PTE_ZERO)
    pte_unlock(m, table)
    pmd_populate(m, slot)
    pmd_unlock(m, slot)
