"""One munmap of one folio under any kernel: its atomics, and what the deferred split queue had to do with it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from folioviz import kernels
from folioviz.machine.memory import HPAGE_PMD_ORDER, Machine, Sizes
from folioviz.ops.ops import Fault, parse_line
from folioviz.readout import state
from folioviz.readout.counters import counters, size_stats
from folioviz.stories.parts.tally import Counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from folioviz.readout.state import Folio

PARTS = {
    "pages": ("_mapcount of each page", ("mapc",)),
    "nr": ("_nr_pages_mapped", ("nrpm",)),
    "folio": ("one count for the folio", ("entm", "lmc", "mmlock")),
    "refs": ("references", ("rget", "rput")),
}
"""What an unmap changes atomically, queue and split_queue_lock left out: part -> (what it is, its costs)."""
NEVER, MISSED, NOTHING, RIGHTLY, BORN, FLAGGED = "never", "missed", "nothing", "rightly", "born", "flagged"
VISITS = {
    NEVER: ("not queued", "good"),
    MISSED: ("in part, not queued", "bad"),
    NOTHING: ("queued for nothing", "bad"),
    RIGHTLY: ("queued: in part", ""),
    BORN: ("since the fault", ""),
    FLAGGED: ("now flagged", ""),
}
"""What the queue had to do with it -> (what a reader is told, its mark)."""
FEW, MANY, FIT_ORDER = 16, 32, 5
"""A formula is the line through the atomics of two munmaps: of FEW and of MANY pages of a folio of this order."""


class Unmapped(NamedTuple):
    """What one munmap came to.

    Attributes:
        refused: why this kernel cannot have such a folio, or "".
        bugs: the kernel bugs that it hit; if there is one, nothing else counts.
        costs: its costs, every name of :data:`folioviz.machine.costs.COSTS`.
        visit: a key of :data:`VISITS`.
        events: how far the kernel's count of deferred splits rises.
    """

    refused: str = ""
    bugs: tuple[str, ...] = ()
    costs: Mapping[str, int] = {}
    visit: str = NEVER
    events: int = 0

    @property
    def counted(self) -> bool:
        """Tell whether there is anything to count."""
        return not self.refused and not self.bugs

    @property
    def parts(self) -> dict[str, int]:
        """Return the atomics, by the keys of :data:`PARTS`."""
        return {part: sum(self.costs[name] for name in names) for part, (_, names) in PARTS.items()}

    @property
    def atomics(self) -> int:
        """Return all of them."""
        return sum(self.parts.values())


SIZES = Sizes(pages=2048, tables=8, vmas=8)
"""Enough for one folio in two processes: a fresh machine takes its time from its size."""


def text(order: int, pages: int, who: str = "one") -> str:
    """Return the operations: a folio mapped by PTEs, perhaps a fork, and one munmap of its first pages.

    A 2 MiB folio is faulted in by a PMD that is then split, as every kernel can; a smaller one is faulted in by PTEs.
    """
    fault = "faultpmd 1 0; splitpmd 1 0" if order == HPAGE_PMD_ORDER else f"fault 1 0 {order}"
    fork = "; fork 1" if who == "two" else ""
    return f"mm; mmap 1 0 {1 << order}; {fault}{fork}; munmap 1 0 {pages}"


@lru_cache(maxsize=1024)
def unmapped(ops: str, key: str) -> Unmapped:
    """Return what the last of some operations comes to under a kernel; no journal is kept, only counts."""
    orders, run = kernels.find(key).orders, Counted(key, sizes=SIZES)
    before, events = None, 0
    for op in parse_line(ops):
        if isinstance(op, Fault) and op.order not in orders:
            return Unmapped(refused=f"{key} has no folio of order {op.order} that PTEs map at a fault")
        if op.word == "munmap":
            before, events = _folio(run.machine), split_events(run.machine)
        run.apply(op)
    costs, bugs, _ = run.tally()
    if bugs:
        return Unmapped(bugs=bugs)
    visit = _visit(before, _folio(run.machine), costs)
    return Unmapped("", (), costs, visit, split_events(run.machine) - events)


def _folio(machine: Machine) -> Folio | None:
    """Return the folio, if it lives."""
    return next(iter(state.folios(machine)), None)


def split_events(machine: Machine) -> int:
    """Return how many deferred splits the kernel has counted: of every size, where it counts them by size."""
    if machine.mthp_stat.size:
        return sum(stats["split_deferred"] for stats in size_stats(machine).values())
    return counters(machine)["thp_deferred_split_page"]


def _visit(before: Folio | None, after: Folio | None, costs: Mapping[str, int]) -> str:
    """Return what the queue had to do with an operation."""
    if costs["qadd"]:
        return RIGHTLY if after else NOTHING
    if before and before.queue_place:
        return FLAGGED if after and costs["pmf"] else BORN
    return MISSED if after and after.partially_mapped else NEVER


@lru_cache(maxsize=64)
def line(key: str, who: str = "one") -> tuple[int, int]:
    """Return how many atomics a kernel needs to unmap n pages: (per page, once), from two munmaps."""
    order = FIT_ORDER if FIT_ORDER in kernels.find(key).orders else HPAGE_PMD_ORDER
    few, many = (unmapped(text(order, pages, who), key).atomics for pages in (FEW, MANY))
    each = (many - few) // (MANY - FEW)
    return each, few - each * FEW


def formula(key: str, who: str = "one") -> str:
    """Return it in words: ``3n``, ``2n + 3``, ``2``."""
    each, once = line(key, who)
    shown = [f"{each if each > 1 else ''}n"] if each else []
    return " + ".join([*shown, str(once)] if once or not each else shown)
