"""What /proc shows of pages: how many map each, and whether one process alone does.

A kernel with CONFIG_NO_PAGE_MAPCOUNT keeps no mapcounts of the pages of a large folio, and shows the folio's average.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from folioviz.machine.memory import Machine


def averages(machine: Machine) -> bool:
    """Tell whether a kernel's /proc shows averages of large folios."""
    return "page_mapcount" in machine.drops


def mapcounts(machine: Machine, pages: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Return what /proc/kpagecount shows of each of some pages, int32; v6.1 counts PMDs and PTEs once."""
    head = machine.page_folio[pages]
    large = machine.folio_order[head] > 0
    own = machine.page_mapcount[pages] + 1
    if averages(machine):
        return np.where(large, _average(machine, head), own)
    counts = own + np.where(large, machine.folio_entire_mapcount[head] + 1, 0)
    if "folio_double_map" in machine.keeps:
        counts -= np.where(large, machine.folio_double_map[head], 0)
    return counts


def _average(machine: Machine, heads: np.ndarray) -> np.ndarray:
    """Return the average of each folio, by its head: folio_average_page_mapcount() of v7.3, fs/proc/internal.h.

    The mappings by PTEs are divided by the pages, to the nearest whole number; what is mapped at all has at least 1.
    """
    entire = machine.folio_entire_mapcount[heads] + 1
    by_ptes = machine.folio_large_mapcount[heads] + 1 - entire
    order = np.clip(machine.folio_order[heads], 0, None)
    rounded = np.maximum((by_ptes + (1 << order) // 2 >> order) + entire, 1)
    return np.asarray(np.where(by_ptes > 0, rounded, entire))


def alone(machine: Machine, pages: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Tell of each page whether /proc says that one process alone maps it; ``counts`` are its :func:`mapcounts`."""
    if not averages(machine):
        return np.asarray(counts == 1)
    head = machine.page_folio[pages]
    large = machine.folio_order[head] > 0
    return np.asarray(np.where(large, machine.folio_mm_ids_shared[head] == 0, counts == 1))
