"""The machine counted anew: who is alive, who is on which list, what maps what; and how a law is required.

:mod:`folioviz.laws.every_kernel` compares what the kernel's counters and links say with what is counted here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from folioviz.errors import FoliovizError
from folioviz.machine.memcg import MAX_MEMCGS
from folioviz.machine.memory import (
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    LIST_MM,
    LIST_PAGE,
    MAX_MMS,
    MAX_ORDER,
    NR_VPNS,
    PMD_HUGE,
    PMD_TABLE,
    PMD_WRITE,
    PMD_ZERO,
    PTE_GUARD,
    PTE_MIGRATION,
    PTE_PRESENT,
    PTE_SWAP,
    PTE_WRITE,
    PTE_ZERO,
    PTRS_PER_PTE,
    Machine,
)
from folioviz.mm.headers import memcg_split_queue

if TYPE_CHECKING:
    from collections.abc import Callable


class InvariantError(FoliovizError, AssertionError):
    """A law does not hold; the message names the thing, the law and the values."""


def require(law: str, which: Any, got: Any, want: Any) -> None:
    """Raise for the first place where ``got`` is not ``want``; ``which`` fills the law's '{}'; all broadcast."""
    if np.count_nonzero(np.not_equal(got, want)):  # quicker than any()
        _refuse(law, np.not_equal(got, want), "it is {}, it must be {}", which, got, want)


def _refuse(law: str, wrong: Any, words: str, which: Any, *values: Any) -> NoReturn:
    """Raise for the first place that is wrong; the values there fill the words."""
    everywhere, which, *there = np.broadcast_arrays(wrong, which, *values)
    places = np.flatnonzero(everywhere)
    at = places[0]
    more = f" (and {places.size - 1} more)" if places.size > 1 else ""
    said = words.format(*(value[at] for value in there))
    raise InvariantError(f"{law.format(which[at])}: {said}{more}")


def require_least(law: str, which: Any, got: Any, low: Any) -> None:
    """Raise for the first place where ``got`` is under ``low``."""
    if np.count_nonzero(np.less(got, low)):
        _refuse(law, np.less(got, low), "it is {}, it must be at least {}", which, got, low)


def require_most(law: str, which: Any, got: Any, high: Any) -> None:
    """Raise for the first place where ``got`` is over ``high``."""
    if np.count_nonzero(np.greater(got, high)):
        _refuse(law, np.greater(got, high), "it is {}, it must be at most {}", which, got, high)


def require_one(law: str, which: Any, there: Any) -> None:
    """Raise for the first place where what the law names is not there."""
    if not np.all(there):
        _refuse(law, np.logical_not(there), "there is none, there must be one", which)


def require_none(law: str, which: Any, there: Any) -> None:
    """Raise for the first place where what the law names is there."""
    if np.any(there):
        _refuse(law, there, "there is one, there must be none", which)


def require_once(law: str, size: int, *members: Any) -> None:
    """Require that each of ``size`` things is a member of one of some collections, once."""
    times = np.bincount(np.concatenate([np.asarray(m, np.intp) for m in members]), minlength=size)
    require(f"{law}, once", np.arange(size), times[:size], 1)


def spread(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return every number of the ranges [start, start + length), one range after the other."""
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(lengths.sum()) + np.repeat(starts - before, lengths))


def chain(first: int, links: list[int]) -> list[int]:
    """Return the members of a linked list that ends outside its pool; a circle is cut at the pool's size."""
    found: list[int] = []
    while 0 <= first < len(links) >= len(found):
        found.append(first)
        first = links[first]
    return found


class Census:
    """Who is alive, who is on which list and what maps what: counted, not read from counters.

    Each part is counted when it is first asked for. What cannot even be counted is an error then.
    """

    if TYPE_CHECKING:
        # Each is set by the part of PARTS that has it.

        def __getattr__(self, name: str) -> Any: ...

    else:

        def __getattr__(self, name: str) -> Any:
            """Count the part that has what is not there yet."""
            part = next((one for one, has in PARTS.items() if name in has), None)
            if part is None:
                raise AttributeError(name)
            part(self)
            return self.__dict__[name]

    def __init__(self, m: Machine) -> None:
        """Look at a machine; nothing is counted yet."""
        self.m = m

    def count_folios(self) -> None:
        """Find the live folios."""
        self.heads = np.flatnonzero(self.m.folio_id)
        """Head pages of the live folios, and their sizes."""
        self.nr_pages = 1 << np.clip(self.m.folio_order[self.heads], 0, MAX_ORDER).astype(np.intp)
        require("order of folio at page {}", self.heads, 1 << self.m.folio_order[self.heads], self.nr_pages)
        require("offset of folio at page {}", self.heads, self.heads % self.nr_pages, 0)
        self.pages = spread(self.heads, self.nr_pages)
        """Every page of a live folio."""
        swap = self.m.folio_swap
        self.cached = self.nr_pages * (swap[self.heads] >= 0) if swap.size else np.zeros_like(self.nr_pages)
        """The references of the swap cache: one for each page of a folio that is in it."""

    def count_lists(self) -> None:
        """Walk the lists: head -> its nodes in order."""
        nodes = np.arange(self.m.list_next.size)
        # __list_add_valid(), lib/list_debug.c. Where neighbours agree, every list is a ring, and a walk ends.
        require("list_prev of list_next of node {}", nodes, self.m.list_prev[self.m.list_next], nodes)
        after = self.m.list_next.item
        self.lists: dict[int, np.ndarray] = {}
        for head in range(LIST_MM):
            found, node = [], after(head)
            while node != head:
                found.append(node)
                node = after(node)
            self.lists[head] = np.array(found, int)
        queues = [self.lists[memcg_split_queue(memcg)] for memcg in range(MAX_MEMCGS + 1)]
        self.queued = np.concatenate(queues) - LIST_PAGE - 2
        """Head pages of the folios on the deferred split queues."""

    def count_mappings(self) -> None:
        """Read the page tables: what maps which page where, and how often each page (``ptes``, ``pmds``) is mapped."""
        self.slots = np.flatnonzero(self.m.pmd)
        """The PMD slots that hold something."""
        there = self.m.pmd[self.slots]
        # A collapse leaves a table or a huge page (collapse_huge_page(), mm/khugepaged.c), never what is neither.
        small = (there & PMD_HUGE == 0) & (there != PMD_ZERO)
        self.table_slots = self.slots[small]
        kind = there[small] & ((1 << ENTRY_SHIFT) - 1)
        require("kind of the PMD at {}, no huge one", self.table_slots * PTRS_PER_PTE, kind, PMD_TABLE)
        self.huge_zero_vpn = self.slots[there == PMD_ZERO] * PTRS_PER_PTE
        """Where the huge zero page is mapped, which is no folio's."""
        slots = self.slots[there & PMD_HUGE > 0]
        self.pmd = self.m.pmd[slots]
        self.pmd_page, self.pmd_vpn = self.pmd >> ENTRY_SHIFT, slots * PTRS_PER_PTE
        self.tables = self.m.pmd[self.table_slots] >> ENTRY_SHIFT
        entries = self.m.pte.reshape(-1, PTRS_PER_PTE)[self.tables].ravel()
        place = np.flatnonzero(entries)
        self.entries = entries[place]
        """The PTEs of all page tables that are in use."""
        vpn = self.table_slots[place // PTRS_PER_PTE] * PTRS_PER_PTE + place % PTRS_PER_PTE
        # The shared zero page is no folio's (is_zero_pfn(), try_to_map_unused_to_zeropage(), mm/migrate.c).
        zero = self.entries == PTE_ZERO
        guard = self.entries == PTE_GUARD
        # A swap entry waits for a slot, and maps nothing (linux/swapops.h).
        kinds = PTE_PRESENT | PTE_MIGRATION | PTE_SWAP
        swap = self.entries & kinds == (PTE_SWAP if self.m.swap_map.size else -1)
        page = ~(zero | guard | swap)
        self.zero_vpn, self.guard_vpn, self.swap_vpn = vpn[zero], vpn[guard], vpn[swap]
        self.swap = self.entries[swap]
        self.pte_vpn, self.pte = vpn[page], self.entries[page]
        self.pte_page = self.pte >> ENTRY_SHIFT
        # remove_migration_ptes(), mm/migrate.c: no migration entry is left behind.
        noted = ENTRY_OLD | ENTRY_CLEAN if self.m.folio_flags.size else 0
        kind = (self.pte & ((1 << ENTRY_SHIFT) - 1)) & ~(PTE_WRITE | noted)
        require("kind of the PTE at {}", self.pte_vpn, kind, PTE_PRESENT)
        kind = (self.pmd & ((1 << ENTRY_SHIFT) - 1)) & ~(PMD_WRITE | noted)
        require("kind of the huge PMD at {}", self.pmd_vpn, kind, PMD_HUGE)
        huge = self.among(self.pmd_page, self.heads[self.nr_pages == HPAGE_PMD_NR])
        require_one("a live folio of 512 pages under the PMD at {}", self.pmd_vpn, huge)
        live = self.among(self.pte_page, self.pages)
        require_one("a live page under the PTE at {}", self.pte_vpn, live)
        self.ptes = np.bincount(self.pte_page, minlength=self.m.sizes.pages)
        self.pmds = np.bincount(self.pmd_page, minlength=self.m.sizes.pages)

    def count_vmas(self) -> None:
        """Walk every process's VMAs; ``start`` and ``end`` lie in one address space, process after process."""
        after = self.m.vma_next.tolist()
        self.free_vmas = chain(self.m.free_vma.item(), after)
        lists = [chain(first, after) if first >= 0 else [] for first in self.m.mm_mmap.tolist()]
        self.vmas = np.array([vma for found in lists for vma in found], int)
        base = np.repeat(np.arange(MAX_MMS) * NR_VPNS, [len(found) for found in lists])
        self.start, self.end = base + self.m.vma_start[self.vmas], base + self.m.vma_end[self.vmas]

    def among(self, numbers: np.ndarray, pages: np.ndarray) -> np.ndarray:
        """Tell of each number whether it is one of some pages of the machine."""
        known = np.zeros(
            self.m.sizes.pages + 2, bool
        )  # with a place at either end for what is no page at all
        known[pages + 1] = True
        return np.asarray(known.take(numbers + 1, mode="clip"))

    def per_folio(self, values: np.ndarray) -> np.ndarray:
        """Return sums over each folio's pages of one value per page of the machine."""
        before = np.cumsum(self.nr_pages) - self.nr_pages
        return np.add.reduceat(values[self.pages], before, dtype=np.intp)


PARTS: Final[dict[Callable[[Census], None], tuple[str, ...]]] = {
    Census.count_folios: ("heads", "nr_pages", "pages", "cached"),
    Census.count_lists: ("lists", "queued"),
    Census.count_mappings: (
        "slots",
        "entries",
        "pmd",
        "pmd_page",
        "pmd_vpn",
        "table_slots",
        "tables",
        "huge_zero_vpn",
        "zero_vpn",
        "guard_vpn",
        "swap_vpn",
        "swap",
        "pte_vpn",
        "pte",
        "pte_page",
        "ptes",
        "pmds",
    ),
    Census.count_vmas: ("free_vmas", "vmas", "start", "end"),
}
"""What counts a part, in the order in which all are counted -> the attributes that it sets."""
