"""What is held and mapped of a machine, and what the files of the whole machine say of that."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from folioviz.machine import journal
from folioviz.machine.memory import (
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    LOWEST_QUEUED_ORDER,
    NR_ANON_MAPPED,
    NR_ANON_THPS,
)
from folioviz.ops.walk import live_folios, live_mms
from folioviz.proc.names import known
from folioviz.proc.smaps import PAGE, PAGE_SIZE, mapped
from folioviz.readout.counters import counters, size_stats, swap_events
from folioviz.readout.state import vmas

if TYPE_CHECKING:
    from folioviz.lab import Lab
    from folioviz.link import Linked
    from folioviz.machine.memory import Machine

ALLOCATES = "alloc_pages"
MOVES = ("migrate_folio_move", "swap_read_folio", "collapse_huge_page", "collapse_order")
"""What allocates a folio that is not a new one's: it moves, comes back from swap, or takes the place of others."""
ALLOCATING, MOVING = 1, 2


class Totals(NamedTuple):
    """What a machine's anonymous memory comes to, in pages.

    Attributes:
        held: the pages of all live folios: they are not free.
        mapped: those of them that a page table of somebody names, each once.
    """

    held: int
    mapped: int

    @property
    def lost(self) -> int:
        """The pages that are held and nobody maps; while an operation is under way also those about to be freed."""
        return self.held - self.mapped


def totals(machine: Machine) -> Totals:
    """Return what is held and what is mapped, from folios and page tables; no kernel's counters are asked.

    In the middle of a split tails are folios already, and the head still has its order: each page counts once.
    """
    heads = live_folios(machine)
    ends = np.bincount(heads + (1 << machine.folio_order[heads]), minlength=machine.sizes.pages + 1)
    begun = np.cumsum(np.bincount(heads, minlength=machine.sizes.pages + 1) - ends)
    held = int(np.count_nonzero(begun > 0))
    pages = [
        mapped(machine, slot, vma.start, vma.end)[:, PAGE]
        for slot in live_mms(machine)
        for vma in vmas(machine, slot)
    ]
    return Totals(held, np.unique(np.concatenate(pages)).size if pages else 0)


def allocated(lab: Lab, start: int = 0, end: int | None = None) -> dict[int, int]:
    """Return how many folios the faults in rows ``[start, end)`` brought, by order; by default all up to the cursor.

    What anon_fault_alloc and thp_fault_alloc count: do_anonymous_page() and do_huge_pmd_anonymous_page().
    """
    rows = lab.journal[start : lab.cursor if end is None else end]
    kinds, numbers = rows[:, :2].T.copy()
    calls = (kinds >= journal.ENTER).nonzero()[0]
    role, begins = _roles(lab.linked)[numbers[calls]], kinds[calls] == journal.ENTER
    if ALLOCATING not in role:
        return {}
    moving = np.cumsum((role == MOVING) * np.where(begins, 1, -1)) > 0
    found = rows[calls[begins & (role == ALLOCATING) & ~moving], 2]
    return dict(Counter(sorted(found.tolist())))


@lru_cache(maxsize=64)
def _roles(linked: Linked) -> np.ndarray:
    """Return which functions of a kernel allocate folios, and in which those are no new ones, int8 by number."""
    return np.array(
        [ALLOCATING if name == ALLOCATES else MOVING if name in MOVES else 0 for name in linked.names],
        np.int8,
    )


def vmstat(lab: Lab) -> dict[str, int]:
    """Return the fields of /proc/vmstat that the model knows and the kernel has, in the file's order."""
    found = counters(lab.machine) | {
        "nr_anon_pages": int(lab.machine.vmstat[NR_ANON_MAPPED]),
        "nr_anon_transparent_hugepages": int(lab.machine.vmstat[NR_ANON_THPS]) // HPAGE_PMD_NR,
        "thp_fault_alloc": allocated(lab).get(HPAGE_PMD_ORDER, 0),
    }
    found |= swap_events(lab.machine)
    return {row.field: found[row.field] for row in known(lab.machine, "vmstat")}


def memory_stat(lab: Lab) -> dict[str, int]:
    """Return the fields of memory.stat that the model knows, as if one group had every process, in the file's order."""
    found = {
        "anon": int(lab.machine.vmstat[NR_ANON_MAPPED]) * PAGE_SIZE,
        "anon_thp": int(lab.machine.vmstat[NR_ANON_THPS]) * PAGE_SIZE,
        "thp_fault_alloc": allocated(lab).get(HPAGE_PMD_ORDER, 0),
    }
    return {row.field: found[row.field] for row in known(lab.machine, "memory.stat")}


def stats(lab: Lab) -> dict[int, dict[str, int]]:
    """Return the statistics of each folio size of which something was counted, by order; empty before v6.10.

    No kernel offers anonymous folios of order 1, so none has statistics of them.
    """
    rows = known(lab.machine, "stats")
    if not rows:
        return {}
    brought, counted = allocated(lab), size_stats(lab.machine)
    found = {}
    for order in range(LOWEST_QUEUED_ORDER, HPAGE_PMD_ORDER + 1):
        values = counted.get(order, {}) | {"anon_fault_alloc": brought.get(order, 0)}
        if any(values.values()):
            found[order] = {row.field: values.get(row.field, 0) for row in rows}
    return found
