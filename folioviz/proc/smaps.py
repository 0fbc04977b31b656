"""What smaps says of a process: how much of each VMA is there, and how it is shared.

Read at any row of a history, also where an operation is under way: what the file would say if it waited for no lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    PG_DIRTY,
    PG_LAZYFREE,
    PMD_HUGE,
    PMD_TABLE,
    PTE_MIGRATION,
    PTE_PRESENT,
    PTRS_PER_PTE,
)
from folioviz.mm.headers import find_vma, vma_locked
from folioviz.ops.walk import swap_entries
from folioviz.proc.mapcounts import averages, mapcounts
from folioviz.readout.state import vmas

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine
    from folioviz.readout.state import Vma

PAGE_SIZE: Final = 4096
PSS_SHIFT: Final = 12
"""Bits behind the point of a page's share, as in fs/proc/task_mmu.c."""
PAGE, BITS, HUGE = range(3)
"""The columns of what :func:`mapped` returns."""


class Usage(NamedTuple):
    """What smaps counts of a range, in bytes; those of Pss in bytes << PSS_SHIFT.

    Struct mem_size_stats, fs/proc/task_mmu.c, as far as private anonymous memory needs it.
    """

    rss: int = 0
    pss: int = 0
    pss_dirty: int = 0
    shared_clean: int = 0
    shared_dirty: int = 0
    private_clean: int = 0
    private_dirty: int = 0
    referenced: int = 0
    anonymous: int = 0
    lazyfree: int = 0
    anon_huge_pages: int = 0
    swap: int = 0
    swap_pss: int = 0
    pss_locked: int = 0

    def kb(self) -> dict[str, int]:
        """Return what is printed, in kB, by the names of smaps and in its order; each number is rounded down."""
        shifts = (PSS_SHIFT if "pss" in name else 0 for name in self._fields)
        return {name: value >> shift + 10 for name, value, shift in zip(NAMES, self, shifts, strict=True)}


NAMES: Final = (
    "Rss",
    "Pss",
    "Pss_Dirty",
    "Shared_Clean",
    "Shared_Dirty",
    "Private_Clean",
    "Private_Dirty",
    "Referenced",
    "Anonymous",
    "LazyFree",
    "AnonHugePages",
    "Swap",
    "SwapPss",
    "Locked",
)
"""The names of smaps, in its order, which is that of :class:`Usage`."""


def together(usages: list[Usage]) -> Usage:
    """Return the sums, as smaps_rollup has them: nothing is rounded before everything is added."""
    return Usage(*map(sum, zip(*usages, strict=True))) if usages else Usage()


def rights(machine: Machine, vma: int) -> str:
    """Return the four letters of a VMA's rights, as show_vma_header_prefix() writes them, fs/proc/task_mmu.c."""
    return ("rw-p", "r--p", "---p")[machine.vma_readonly[vma] if machine.vma_readonly.size else 0]


def by_vma(machine: Machine, slot: int) -> list[tuple[Vma, Usage]]:
    """Return what smaps says of each VMA of a process, by address; ``slot`` is the process's."""
    return [(vma, usage(machine, slot, vma.start, vma.end)) for vma in vmas(machine, slot)]


def rollup(machine: Machine, slot: int) -> Usage:
    """Return what smaps_rollup says of a process; ``slot`` is the process's."""
    return together([usage for _, usage in by_vma(machine, slot)])


def usage(machine: Machine, slot: int, start: int, end: int) -> Usage:
    """Return what smaps counts of the pages ``[start, end)`` of a process.

    Follows smaps_account() and smaps_pte_entry(), fs/proc/task_mmu.c, v6.1, v6.12 and v7.3. A folio with one reference
    has one mapping, and nobody else counts. A migration entry counts as a whole page; since v6.11 it is shared, before
    it was private. A zero page, small or huge, is no page here, as vm_normal_page() has it.

    Args:
        machine: what is read.
        slot: the process's.
        start: the first page's number; all are in one VMA, or in VMAs that are locked alike.
        end: the number after the last page's.
    """
    rows = mapped(machine, slot, start, end)
    page, bits = rows[:, PAGE], rows[:, BITS]
    counts = mapcounts(machine, page)
    head = machine.page_folio[page]
    present = (bits & PTE_PRESENT) != 0
    once = present & (machine.folio_refcount[head] == 1)
    private = np.where(
        present, once | ~_shared(machine, page, counts), not machine.folio_partially_mapped.size
    )
    sharers = np.where(present & ~once, np.maximum(counts, 1), 1).astype(np.int64)
    share = (PAGE_SIZE << PSS_SHIFT) // sharers
    flags = machine.folio_flags[head] if machine.folio_flags.size else np.full(page.size, PG_DIRTY)
    dirty = (present & ((bits & ENTRY_CLEAN) == 0)) | ((flags & PG_DIRTY) != 0)

    slots = swapped(machine, slot, start, end)

    def size(which: np.ndarray) -> int:
        return PAGE_SIZE * int(np.count_nonzero(which))

    return Usage(
        rss=PAGE_SIZE * page.size,
        pss=int(share.sum()),
        pss_dirty=int(share[dirty].sum()),
        shared_clean=size(~private & ~dirty),
        shared_dirty=size(~private & dirty),
        private_clean=size(private & ~dirty),
        private_dirty=size(private & dirty),
        referenced=size(present & ((bits & ENTRY_OLD) == 0)),
        anonymous=PAGE_SIZE * page.size,
        lazyfree=size(~dirty & ((flags & PG_LAZYFREE) != 0)),
        anon_huge_pages=size(rows[:, HUGE] != 0),
        swap=PAGE_SIZE * slots.size,
        swap_pss=int(
            ((PAGE_SIZE << PSS_SHIFT) // np.maximum(machine.swap_map[slots], 1).astype(np.int64)).sum()
        ),
        pss_locked=int(share.sum()) if vma_locked(machine, find_vma(machine, slot, start)) else 0,
    )


def mapped(machine: Machine, slot: int, start: int, end: int) -> np.ndarray:
    """Return what the pages ``[start, end)`` of a process map, by address: int64 of shape (n, 3).

    A row is a page, its PTE's bits, and whether a PMD maps it; of a PMD, PTE_PRESENT and the bits that PTEs have, too.
    Where nothing is mapped, or a zero page, there is no row.
    """
    parts = [np.empty((0, 3), np.int64)]
    for first in range(start & ~(PTRS_PER_PTE - 1), end, PTRS_PER_PTE):
        low, high = max(start - first, 0), min(end - first, PTRS_PER_PTE)
        pmd = int(machine.pmd[slot * 512 + (first >> 9)])
        if pmd & PMD_HUGE:
            rows = np.empty((high - low, 3), np.int64)
            rows[:] = 0, pmd & (ENTRY_OLD | ENTRY_CLEAN) | PTE_PRESENT, 1
            rows[:, PAGE] = (pmd >> ENTRY_SHIFT) + np.arange(low, high)
            parts.append(rows)
        elif pmd & PMD_TABLE:
            table = (pmd >> ENTRY_SHIFT) * PTRS_PER_PTE
            entries = machine.pte[table + low : table + high]
            entries = entries[(entries & (PTE_PRESENT | PTE_MIGRATION)) != 0].astype(np.int64)
            bits = entries & ((1 << ENTRY_SHIFT) - 1)
            parts.append(np.stack([entries >> ENTRY_SHIFT, bits, np.zeros_like(bits)], axis=1))
    return np.concatenate(parts)


def swapped(machine: Machine, slot: int, start: int, end: int) -> np.ndarray:
    """Return the slots that swap entries of the pages ``[start, end)`` of a process wait for, by address; int64."""
    parts = [np.empty(0, np.int64)]
    for first in range(start & ~(PTRS_PER_PTE - 1), end, PTRS_PER_PTE) if machine.swap_map.size else ():
        pmd = int(machine.pmd[slot * 512 + (first >> 9)])
        if pmd & PMD_TABLE and not pmd & PMD_HUGE:
            table = (pmd >> ENTRY_SHIFT) * PTRS_PER_PTE
            entries = machine.pte[table + max(start - first, 0) : table + min(end - first, PTRS_PER_PTE)]
            parts.append(entries[swap_entries(entries)].astype(np.int64) >> ENTRY_SHIFT)
    return np.concatenate(parts)


def _shared(machine: Machine, pages: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Tell of each page whether smaps calls it shared, if it is present and its folio has more than one reference."""
    if not averages(machine):
        return np.asarray(counts >= 2)
    head = machine.page_folio[pages]
    small = machine.folio_order[head] == 0
    return np.asarray(np.where(small, counts >= 2, machine.folio_mm_ids_shared[head] != 0))
