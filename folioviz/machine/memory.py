"""The machine: one int32 array with named fields.

Everything that the model knows is an integer in :attr:`Machine.mem`; a field is a named slice of it.
A snapshot is a copy, equality is ``np.array_equal`` and travelling in time is writing old or new values back.

Fields are named after ``struct page``, ``struct folio``, ``mm_struct`` and ``vm_area_struct`` of Linux v6.5-rc3.
Folio fields are indexed by the folio's head page, as in the kernel, where a folio *is* its head page.
Virtual page numbers (``vpn``) run from 0 to 262143: 512 PMD slots of 512 pages, one PUD.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import numpy as np

from folioviz.errors import LimitError
from folioviz.machine.fields import FIELDS, OF_FOLIO
from folioviz.machine.memcg import MAX_MEMCGS
from folioviz.machine.swap import MOST_SWAP_PAGES, NR_SWAP_EVENTS, NR_SWAP_STATS, SWAPFILE_CLUSTER

if TYPE_CHECKING:
    from folioviz.machine.fields import By

# --- constants of the kernel and of the address space -----------------------------------------------------------
PTRS_PER_PTE: Final = 512
HPAGE_PMD_NR: Final = 512
HPAGE_PMD_ORDER: Final = 9
MAX_ORDER: Final = 9
NR_VPNS: Final = 512 * 512
COMPOUND_MAPPED: Final = 0x800000
"""The ENTIRELY_MAPPED bit of ``_nr_pages_mapped`` (v6.5 mm/internal.h calls it COMPOUND_MAPPED)."""
MAX_MMS: Final = 64
MOST_PAGES: Final = 4_194_304
"""16 GiB; an entry with such a page number still is a 32-bit integer."""
MMU_GATHER_BUNDLE: Final = 8
MAX_GATHER_BATCH: Final = 510
MAX_GATHER_BATCH_COUNT: Final = 19
GATHER_CAPACITY: Final = MMU_GATHER_BUNDLE + MAX_GATHER_BATCH * MAX_GATHER_BATCH_COUNT
VM_START: Final = 0x7F0000000000
"""Virtual address shown for vpn 0; pages are 4 KiB."""
PAGE_SHIFT: Final = 12
LOWEST_QUEUED_ORDER: Final = 2
"""``_deferred_list`` lies in a folio's third struct page (linux/mm_types.h)."""
TTU_SPLIT_HUGE_PMD: Final = 4
"""What a split tells try_to_migrate(): 512 migration entries stand in for a PMD, not one (include/linux/rmap.h)."""
GUP_PIN_COUNTING_BIAS: Final = 1024
"""So many references are one FOLL_PIN of a small folio (include/linux/mm.h)."""
EAGAIN: Final = 11
ENOMEM: Final = 12
EFAULT: Final = 14
EBUSY: Final = 16
EEXIST: Final = 17
EINVAL: Final = 22
MAX_PTES_SHARED: Final = 256  # khugepaged/max_ptes_shared, as a kernel starts with it (mm/khugepaged.c)
MAX_PTES_SWAP: Final = 64  # and max_ptes_swap

# A page-table entry is (page << 7) | bits; a PMD entry is (page or table << 7) | bits; 0 is none.
PTE_PRESENT: Final = 1
PTE_WRITE: Final = 2
PTE_MIGRATION: Final = 4
PTE_MIGRATION_EXCLUSIVE: Final = 8
PTE_ZERO: Final = 16
"""The shared zero page; no folio is mapped."""
ENTRY_OLD: Final = 32
"""Not accessed since fork, MADV_COLD or MADV_FREE: PTEs and huge PMDs of kernels that keep ``folio_flags``."""
ENTRY_CLEAN: Final = 64
"""Not written since MADV_FREE; as ENTRY_OLD."""
PMD_TABLE: Final = 1
PMD_HUGE: Final = 2
PMD_WRITE: Final = 4
PMD_MIGRATION: Final = 8
"""With PMD_HUGE: a migration entry for a huge page, which maps nothing; no operation leaves one behind."""
PMD_MIGRATION_EXCLUSIVE: Final = 16
PMD_ZERO: Final = 16
"""The huge zero page, alone: it is neither PMD_HUGE nor PMD_TABLE, so that no folio and no table is behind it."""
ENTRY_SHIFT: Final = 7

# An entry that maps no page is one of these. They share bits with what only entries of pages have.
PTE_GUARD: Final = ENTRY_OLD
"""A guard marker, alone: a touch of it is a SIGSEGV."""
PTE_SWAP: Final = ENTRY_CLEAN
"""A swap entry: its slot stands where a page would; PTE_MIGRATION_EXCLUSIVE says that the page was exclusive."""

NO_ACCESS: Final = 2
"""``vma_readonly`` of a VMA that is PROT_NONE; 1 is read-only, 0 writable."""

# vma_flags; rights and VM_ACCOUNT have fields of their own
VM_MAYBE_GUARD: Final = 1
"""There may be guard markers in it."""
VM_DONTCOPY: Final = 2
"""Fork leaves it out."""
VM_LOCKED: Final = 4
"""mlock() holds what it maps in memory."""
VM_UFFD_MISSING: Final = 8
"""A userfaultfd is told of faults in it: while UFFDIO_MOVE moves pages there."""
VM_STICKY: Final = VM_MAYBE_GUARD
"""Flags that keep no VMAs apart: one that takes a part of another in gets these of it."""

# list_head numbers: heads first, then one node per mm, then one node per page.
SPLIT_QUEUE: Final = 0
SCAN_LIST: Final = 1
MM_LIST: Final = 2
PAGES_TO_FREE: Final = 3
FREE_AREA: Final = 4  # .. FREE_AREA + MAX_ORDER
FOLIO_LIST: Final = 14
"""The folios that reclaim has taken off the LRU lists, by their ``lru``."""
COMPOUND_PAGELIST: Final = 15
"""The large folios that a collapse has isolated, by their ``lru``."""
MEMCG_QUEUE: Final = COMPOUND_PAGELIST  # + a cgroup, from 1: its deferred split queue
LIST_MM: Final = 24
LIST_PAGE: Final = LIST_MM + MAX_MMS

NR_ANON_MAPPED: Final = 0
NR_ANON_THPS: Final = 1
THP_DEFERRED_SPLIT_PAGE: Final = 0
THP_SPLIT_PAGE: Final = 1
THP_SPLIT_PAGE_FAILED: Final = 2
THP_SPLIT_PMD: Final = 3

# mthp_stat[order * NR_MTHP_STATS + item], as in /sys/kernel/mm/transparent_hugepage/hugepages-*kB/stats
MTHP_STAT_SPLIT: Final = 0
MTHP_STAT_SPLIT_FAILED: Final = 1
MTHP_STAT_SPLIT_DEFERRED: Final = 2
MTHP_STAT_NR_ANON: Final = 3
MTHP_STAT_NR_ANON_PARTIALLY_MAPPED: Final = 4
NR_MTHP_STATS: Final = 5

# folio_flags
PG_DIRTY: Final = 1
PG_LAZYFREE: Final = 2
"""Anonymous and not PG_swapbacked: what MADV_FREE leaves (folio_mark_lazyfree())."""

BUG_FREE_MAPPED: Final = 1
BUG_UAF: Final = 2
BUG_ORDER: Final = 4
BUG_BATCH_OVERRUN: Final = 8
BUG_FLAGGED: Final = 16
BUG_NAMES: Final = {
    BUG_FREE_MAPPED: "free_mapped",
    BUG_UAF: "uaf",
    BUG_ORDER: "vm_bug:folio_order(folio) < 2",
    BUG_BATCH_OVERRUN: "vm_bug:batch->nr > batch->max",
    BUG_FLAGGED: "vm_warn:folio_test_partially_mapped(folio)",
}

PER_PAGE: Final = np.array([row.by in {"folio", "page"} for row in FIELDS])
"""Whether a field has an element for each page, by the field's number; the table's first fields have."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything a machine has; what is not here is fixed (64 processes, 512 PMD slots each)."""

    pages: int = 65536
    tables: int = 1024
    vmas: int = 4096

    def __post_init__(self) -> None:
        """Check the bounds.

        Raises:
            LimitError: if ``pages`` is not a multiple of 512 in 512..4194304, or tables or vmas leave 1..16384.
        """
        if self.pages % HPAGE_PMD_NR or not HPAGE_PMD_NR <= self.pages <= MOST_PAGES:
            raise LimitError.of(
                "pages of the machine", self.pages, f"a multiple of 512 from 512 to {MOST_PAGES}"
            )
        for name, value in (("page tables", self.tables), ("VMAs", self.vmas)):
            if not 1 <= value <= 16384:
                raise LimitError.of(f"{name} of the machine", value, "1 to 16384")


class Machine:
    """One machine: an int32 array, and a view of each field of the table as an attribute of the field's name.

    ``machine.page_mapcount`` is an int32 array of shape (pages,) that shares memory with ``machine.mem``.
    Only :mod:`folioviz.machine.primitives` writes to it while a kernel runs, and :class:`folioviz.lab.Lab` while it
    seeks.
    """

    if TYPE_CHECKING:
        # The table names the attributes; tests/test_house.py finds a name that it does not have.

        def __getattr__(self, name: str) -> np.ndarray: ...

    def __init__(
        self,
        sizes: Sizes | None = None,
        keeps: frozenset[str] = frozenset(),
        drops: frozenset[str] = frozenset(),
    ) -> None:
        """Make an empty machine: all memory free, no process, nothing queued.

        Args:
            sizes: how much of everything.
            keeps: of the fields that only some kernels keep, those that its kernel does.
            drops: the fields that its kernel does not maintain for large folios, although it has them.
        """
        self.keeps = keeps
        self.drops = drops
        self.sizes = sizes or Sizes()
        lengths: dict[By, int] = {
            "folio": self.sizes.pages,
            "page": self.sizes.pages,
            "list": LIST_PAGE + self.sizes.pages,
            "pte": self.sizes.tables * PTRS_PER_PTE,
            "table": self.sizes.tables,
            "pmd": MAX_MMS * 512,
            "mm": MAX_MMS,
            "vma": self.sizes.vmas,
            "gather": GATHER_CAPACITY,
            "batch": MAX_GATHER_BATCH_COUNT + 1,
            "vmstat": 2,
            "event": 4,
            "mthp": (MAX_ORDER + 1) * NR_MTHP_STATS,
            "slot": min(self.sizes.pages, MOST_SWAP_PAGES),
            "cluster": min(self.sizes.pages, MOST_SWAP_PAGES) // SWAPFILE_CLUSTER,
            "swap event": NR_SWAP_EVENTS,
            "swap stat": (MAX_ORDER + 1) * NR_SWAP_STATS,
            "memcg": MAX_MEMCGS + 1,
            "machine": 1,
        }
        self.lengths = tuple(0 if row.some and row.name not in keeps else lengths[row.by] for row in FIELDS)
        """How many elements each field has; indexed by field number."""
        *starts, end = accumulate(self.lengths, initial=0)
        self.base = tuple(starts)
        """The address of each field's element 0; indexed by field number."""
        self._base = np.array(starts)
        self.paged = starts[int(PER_PAGE.argmin())]
        """The address behind the fields that have an element for each page."""
        self.mem = np.zeros(end, np.int32)
        for row, start, length in zip(FIELDS, self.base, self.lengths, strict=True):
            setattr(self, row.name, self.mem[start : start + length])
        self._counted = [row.number for row in OF_FOLIO if self.maintains(row.number)]
        self._counters = np.array([self.base[number] for number in self._counted])
        self._idle()

    def boot(self) -> None:
        """Make the machine idle again: what every history starts from."""
        self.mem[:] = 0
        self._idle()

    def _idle(self) -> None:
        """Write what is not 0 while a machine is idle; new memory is 0, and is not touched where it stays so."""
        for row in FIELDS:
            if row.idle:
                getattr(self, row.name)[:] = row.idle
        self.page_folio[:] = np.arange(self.sizes.pages)
        for field in (self.list_next, self.list_prev):
            field[:] = np.arange(field.size)
        blocks = [FREE_AREA + MAX_ORDER, *range(LIST_PAGE, LIST_PAGE + self.sizes.pages, HPAGE_PMD_NR)]
        self.list_next[blocks] = np.roll(blocks, -1)
        self.list_prev[blocks] = np.roll(blocks, 1)
        self.page_buddy[::HPAGE_PMD_NR] = MAX_ORDER
        self.nr_free_pages[0] = self.sizes.pages
        for free in (self.vma_next, self.pte_table_next):
            free[:] = np.arange(1, free.size + 1)
            free[-1] = -1

    def maintains(self, number: int) -> bool:
        """Tell whether its kernel has a field, and maintains it for large folios."""
        return self.lengths[number] > 0 and FIELDS[number].name not in self.drops

    def snapshot(self) -> np.ndarray:
        """Return a copy of the whole state, int32 of shape (size,)."""
        return self.mem.copy()

    def restore(self, snapshot: np.ndarray) -> None:
        """Overwrite the state with a :meth:`snapshot` of a machine of the same sizes."""
        self.mem[:] = snapshot

    def where(self, address: int) -> tuple[int, int]:
        """Return (field number, index) of an address."""
        number = bisect_right(self.base, address) - 1
        return number, address - self.base[number]

    def counters_of(self, folio: int) -> dict[int, int]:
        """Return what its kernel maintains of a folio: raw values by field number; ``folio`` is its head page."""
        return dict(zip(self._counted, self.mem[self._counters + folio].tolist(), strict=True))

    def fields_of(self, addresses: np.ndarray) -> np.ndarray:
        """Return the field number of each address, int64."""
        return np.asarray(self._base.searchsorted(addresses, "right") - 1)

    def pages_of(self, addresses: np.ndarray) -> np.ndarray:
        """Return the page that each of the addresses is about, int64; addresses of no page's fields are left out."""
        return np.asarray(addresses[addresses < self.paged] % self.sizes.pages)

    def bugs(self) -> list[str]:
        """Return the names of the kernel bugs that have fired, as the vectors spell them."""
        return [name for bit, name in BUG_NAMES.items() if self.bug[0] & bit]


def address_of(vpn: int) -> int:
    """Return the virtual address, in bytes, at which a vpn is shown."""
    return VM_START + (vpn << PAGE_SHIFT)
