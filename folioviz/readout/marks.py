"""Entries of page tables that map no page of a folio, and stay: the shared zero page, guard markers, swap entries."""

from __future__ import annotations

import numpy as np

from folioviz.machine.memory import ENTRY_SHIFT, PMD_TABLE, PTE_GUARD, PTE_ZERO, PTRS_PER_PTE, Machine
from folioviz.ops.walk import swap_entries


def zero_ptes(machine: Machine, mm: int) -> np.ndarray:
    """Return where a process maps the shared zero page: vpns, int64, ascending; ``mm`` is the process's slot."""
    vpns, ptes = _entries(machine, mm)
    return np.asarray(vpns[ptes & PTE_ZERO > 0])


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
