"""What a recording counts, counted in the model: changes of counters, and calls of the kernel's functions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.machine import journal
from folioviz.machine.costs import SQLOCK
from folioviz.machine.memory import HPAGE_PMD_NR, HPAGE_PMD_ORDER
from folioviz.proc import node
from folioviz.readout.counters import counters, size_stats, swap_events

if TYPE_CHECKING:
    from folioviz.evidence.recordings.nearest import Release
    from folioviz.lab import Lab
    from folioviz.link import Linked
    from folioviz.machine.memory import Machine

CALLS: Final = {
    "rmap_remove": ("page_remove_rmap", "folio_remove_rmap_ptes", "folio_remove_rmap_pmd"),
    "rmap_add": (
        "page_add_anon_rmap",
        "page_add_new_anon_rmap",
        "folio_add_new_anon_rmap",
        "folio_add_anon_rmap_ptes",
        "folio_add_anon_rmap_pmd",
    ),
    "deferred_split": ("deferred_split_folio", "deferred_split_huge_page"),
    "unqueue": ("free_transhuge_page", "__folio_unqueue_deferred_split"),
    "split_folio": ("split_huge_page_to_list",),
    "zap_pmd": ("zap_huge_pmd",),
}
"""A count of the recordings -> the model's functions whose calls it counts."""
COSTS: Final = {"split_queue_lock": "sqlock", "tlb_remove": "tlbrm"}
"""A count of the recordings -> the model's cost that is the same."""
QUEUE_FUNCTIONS: Final = ("deferred_split_folio", "__folio_unqueue_deferred_split")
"""What calls list_lru_lock_irqsave() on the split queue, from v7.2 on."""


def counted(machine: Machine) -> dict[str, int]:
    """Return the counters by the names of /proc/vmstat, and "64kB nr_anon" for the statistics of a size."""
    found = counters(machine)
    found["nr_anon_transparent_hugepages"] = found.pop("nr_anon_thps") // HPAGE_PMD_NR
    del found["nr_anon_mapped"]
    found |= swap_events(machine)
    for order, stats in size_stats(machine).items():
        found |= {f"{4 << order}kB {name}": value for name, value in stats.items()}
    return found


def allocated(lab: Lab, start: int) -> dict[str, int]:
    """Return how many large folios the faults from row ``start`` on brought, by the names of what counts them."""
    by_order = node.allocated(lab, start, len(lab.journal))
    found = {"thp_fault_alloc": by_order.get(HPAGE_PMD_ORDER, 0)}
    if lab.machine.mthp_stat.size:
        found |= {
            f"{4 << order}kB anon_fault_alloc": by_order.get(order, 0)
            for order in range(1, HPAGE_PMD_ORDER + 1)
        }
    return found


def calls(lab: Lab, start: int, release: Release) -> dict[str, int]:
    """Return how often the kernel's functions were called, those that the model has."""
    rows = lab.journal[start:]
    times = np.bincount(rows[rows[:, 0] == journal.ENTER, 1], minlength=len(lab.linked.names)).tolist()
    found = {}
    for name, functions in CALLS.items():
        numbers = _numbers(lab.linked, functions)
        if numbers:
            found[name] = sum(times[number] for number in numbers)
    costs = journal.costs(rows)
    found |= {name: costs[cost] for name, cost in COSTS.items()}
    if release.counts_few_locks:
        found["split_queue_lock"] = _locks_in(rows, _numbers(lab.linked, QUEUE_FUNCTIONS))
    return found


@lru_cache(maxsize=256)
def _numbers(linked: Linked, functions: tuple[str, ...]) -> list[int]:
    """Return the numbers of functions, of those that the kernel has."""
    return [place for place, function in enumerate(linked.names) if function in functions]


def _locks_in(rows: np.ndarray, functions: list[int]) -> int:
    """Count how often functions themselves took the split queue's lock."""
    kinds, numbers = rows[:, :2].T.copy()
    locks = (kinds == SQLOCK).nonzero()[0]
    enters = kinds == journal.ENTER
    depths = np.cumsum(enters) - np.cumsum(kinds == journal.EXIT)
    count = 0
    for depth in {*depths[locks].tolist()}:
        places = (enters & (depths == depth)).nonzero()[
            0
        ]  # the last of them before a lock is still under way
        around = places[places.searchsorted(locks[depths[locks] == depth]) - 1] if depth else places[:0]
        count += sum(number in functions for number in numbers[around].tolist())
    return count
