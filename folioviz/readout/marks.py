"""Entries of page tables that map no page of a folio, and stay: the shared zero page, guard markers, swap entries."""

from __future__ import annotations

import numpy as np

from folioviz.machine.memory import (
    ENTRY_SHIFT,
    PMD_TABLE,
    PMD_ZERO,
    PTE_GUARD,
    PTE_ZERO,
    PTRS_PER_PTE,
    Machine,
)
from folioviz.ops.walk import swap_entries


def zero_ptes(machine: Machine, mm: int) -> np.ndarray:
    """Return where a process maps a zero page: vpns, int64, ascending; ``mm`` is the process's slot.

    The huge zero page is at each of its 512 pages.
    """
    vpns, ptes = _entries(machine, mm)
    huge = np.flatnonzero(machine.pmd[mm * 512 : mm * 512 + 512] == PMD_ZERO)[:, None] * PTRS_PER_PTE
    return np.sort(np.concatenate([vpns[ptes & PTE_ZERO > 0], (huge + np.arange(PTRS_PER_PTE)).ravel()]))


def guard_ptes(machine: Machine, mm: int) -> np.ndarray:
    """Return where a process has guard markers: vpns, int64, ascending; ``mm`` is the process's slot."""
    vpns, ptes = _entries(machine, mm)
    return np.asarray(vpns[ptes == PTE_GUARD])


def swap_ptes(machine: Machine, mm: int) -> np.ndarray:
    """Return where a process has swap entries: vpns, int64, ascending; ``mm`` is the process's slot."""
    vpns, ptes = _entries(machine, mm)
    return np.asarray(vpns[swap_entries(ptes)])


def _entries(machine: Machine, mm: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the vpns and the entries of what a process's page tables hold."""
    entries = machine.pmd[mm * 512 : mm * 512 + 512]
    slots = np.flatnonzero(entries & PMD_TABLE)
    tables = machine.pte.reshape(-1, PTRS_PER_PTE)[entries[slots] >> ENTRY_SHIFT]
    places, offsets = np.nonzero(tables)
    return slots[places] * PTRS_PER_PTE + offsets, tables[places, offsets]
