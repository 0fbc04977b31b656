"""What is counted: one table of all kinds of journal rows that cost something in the real kernel.

A row of the table says what a cost is called, what it tells, where a person sees it, and for which kernels it is
counted. What a row gives is the kind: the number that stands first in a journal row of such a write or event.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from folioviz.machine.fields import (
    FIELDS,
    FOLIO_LARGE_MAPCOUNT,
    FOLIO_MM_ID_0,
    FOLIO_PARTIALLY_MAPPED,
    PAGE_ZERO_FILLED,
)


class Cost(NamedTuple):
    """One row of the table.

    Attributes:
        kind: its number, from 1; kind 0 is free of charge.
        words: its name, wherever a person reads it; of several, if they are counted in a sentence.
        text: what is counted and what that tells, in two sentences; a click on the words opens them.
        source: where it is in the kernel.
        place: its place in the panel of costs, from 1; 0 if it is not there.
        one: its name if it is one, in a sentence.
        weight: its place in a sentence, from 1: what weighs most comes first; 0 if no sentence counts it.
        always: whether the panel shows it also if it is 0.
        neutral: whether less of it is not better.
        needs: the name of a field without which a kernel does not count it, "" if all kernels do.
        until: the name of a field that ends it: a kernel that keeps this field, too, does not have the cost any more.
        everywhere: whether kernels without ``needs`` have the cost as well, only uncounted.
    """

    kind: int
    words: str
    text: str = ""
    source: str = ""
    place: int = 0
    one: str = ""
    weight: int = 0
    always: bool = False
    neutral: bool = False
    needs: str = ""
    until: str = ""
    everywhere: bool = False

    def counted(self, number: int) -> str:
        """Return so many of it, in a sentence."""
        return f"{number:,} {self.one if number == 1 else self.words}"

    def is_counted(self, keeps: frozenset[str]) -> bool:
        """Tell whether a kernel that keeps these fields counts it."""
        return not self.needs or self.needs in keeps

    def is_known(self, keeps: frozenset[str]) -> bool:
        """Tell whether its count is true of a kernel that keeps these fields: it is counted, or there is truly none."""
        return self.is_counted(keeps) or not self.everywhere

    def is_new(self, keeps: frozenset[str]) -> bool:
        """Tell whether a kernel that keeps these fields has it, and one that does not keep ``needs`` has none."""
        return self.needs in keeps and self.until not in keeps and not self.everywhere


COSTS: Final[dict[str, Cost]] = {}
"""The table, by the names that the conformance vectors use, in their order there."""


def cost(name: str, words: str, *, needs: int | None = None, until: int | None = None, **columns: Any) -> int:
    """Add a row to the table, with other columns of :class:`Cost` by name, and return its kind.

    ``needs`` and ``until`` are numbers of fields.
    """
    for column, number in (("needs", needs), ("until", until)):
        columns[column] = "" if number is None else FIELDS[number].name
    COSTS[name] = Cost(len(COSTS) + 1, words, **columns)
    return COSTS[name].kind


# fmt: off
MAPC: Final = cost("mapc", "atomics on page _mapcount", one="atomic on page _mapcount", weight=3, place=4, always=True,
    text="Atomic changes of the mapcounts of single pages: one for each PTE that goes, that fork copies or that a "
    "split makes. A new folio's are set without any.",
    source="page->_mapcount, mm/rmap.c")
ENTM: Final = cost("entm", "atomics on _entire_mapcount", one="atomic on _entire_mapcount", weight=4, place=6,
    text="Atomic changes of the count of PMD mappings. PTEs leave it alone.",
    source="folio->_entire_mapcount, mm/rmap.c")
NRPM: Final = cost("nrpm", "atomics on _nr_pages_mapped", one="atomic on _nr_pages_mapped", weight=2,
    place=5, always=True,
    text="Atomic changes of the folio's count of mapped pages. A batch changes it once for all of its pages in the "
    "series and since v6.12, once for each in v6.9 and v6.10.",
    source="folio->_nr_pages_mapped, mm/rmap.c")
LRU: Final = cost("lru", "lruvec stat updates", one="lruvec stat update", weight=7, place=7, always=True,
    text="How often NR_ANON_MAPPED or NR_ANON_THPS was updated. Each also updates the memory cgroup's counters.",
    source="__lruvec_stat_mod_folio(), include/linux/vmstat.h (v6.5 to v6.12); called in mm/rmap.c")
SQLOCK: Final = cost("sqlock", "split_queue_lock taken", place=1, always=True,
    text="How often the lock of the deferred split queue was taken. It is one lock per node or memory cgroup (since "
    "v7.2 per memory cgroup and node), so CPUs that zap meet there.",
    source="deferred_split_folio(), free_transhuge_page(), mm/huge_memory.c (v6.5)")
QADD: Final = cost("qadd", "added to the split queue", place=2, always=True,
    text="How often a folio was queued for splitting: partially mapped or, since v6.12, newly born. Queueing is wasted "
    "when the same operation goes on to unmap the rest.",
    source="deferred_split_folio(), mm/huge_memory.c (from v6.3 on)")
QDEL: Final = cost("qdel", "removed from the split queue", place=3,
    text="How often a folio left the queue, because it was freed, split or dropped by the shrinker. Freeing and "
    "splitting take the lock again.",
    source="free_transhuge_page(), split_huge_page_to_list(), mm/huge_memory.c (v6.5)")
RGET: Final = cost("rget", "reference increments", one="reference increment", weight=8, place=8, always=True,
    text="How often a folio's refcount was raised. Each is an atomic write to a shared cache line.",
    source="folio_get(), include/linux/mm.h")
RPUT: Final = cost("rput", "reference puts", one="reference put", weight=9, place=9, always=True,
    text="How often a folio's refcount was lowered. The put that reaches zero frees the folio.",
    source="folio_put(), include/linux/mm.h; release_pages(), mm/swap.c (v6.5 to v6.12)")
TLBRM: Final = cost("tlbrm", "pages given to mmu_gather")
TFULL: Final = cost("tfull", "mmu_gather answered full", place=12,
    text="How often the gather had no room for another page. The zap then flushes and begins a new round.",
    source="__tlb_remove_page_size(), mm/mmu_gather.c")
GBATCH: Final = cost("gbatch", "gather batches allocated", place=13,
    text="Pages taken to remember pages to be freed. Without memory for one, the gather is full early.",
    source="tlb_next_batch(), mm/mmu_gather.c")
TFLUSH: Final = cost("tflush", "tlb_flush_mmu calls")
THW: Final = cost("thw", "TLB flushes executed", one="TLB flush executed", weight=6, place=10, always=True,
    text="How often stale translations were flushed. Pages in mmu_gather are freed only after that.",
    source="tlb_flush_mmu_tlbonly(), include/asm-generic/tlb.h")
TFORCE: Final = cost("tforce", "forced flushes", one="forced flush", weight=1, place=11,
    text="How often a zap stopped to flush before it went on: the gather was full. v3 and v4 of the series do so after "
    "every batch.",
    source="zap_pte_range(), mm/memory.c")
ZROUND: Final = cost("zround", "zap_pte_range rounds", one="zap_pte_range round", weight=10, place=14, always=True,
    text="How often the page table lock was taken to zap PTEs. A round ends with a table or before a flush.",
    source="zap_pte_range(), mm/memory.c")
ZRESTART: Final = cost("zrestart", "rounds cut short")
PALLOC: Final = cost("palloc", "pages allocated", one="page allocated", weight=11, place=20, neutral=True,
    text="Pages that the operation took from the buddy allocator. A large folio takes all of its pages at once.",
    source="__alloc_pages(), mm/page_alloc.c (v6.5)")
PFREE: Final = cost("pfree", "pages freed", one="page freed", weight=12, place=21, always=True, neutral=True,
    text="Pages that went back to the buddy allocator. A page of a large folio returns only with the whole folio.",
    source="__free_pages_ok(), free_unref_page(), mm/page_alloc.c (v6.5 to v6.12)")
LMC: Final = cost("lmc", "atomics on _large_mapcount", one="atomic on _large_mapcount", weight=5,
    place=15, needs=FOLIO_LARGE_MAPCOUNT, until=FOLIO_MM_ID_0,
    text="Atomic changes of the count of all mappings of a large folio. A batch of PTEs makes one.",
    source="__folio_add_rmap(), __folio_remove_rmap(), mm/rmap.c (v6.10 to v6.14)")
MMLOCK: Final = cost("mmlock", "owner lock bit taken", place=16, needs=FOLIO_MM_ID_0,
    text="How often the bit that guards the owner slots was taken. Under it, the total of mappings is a plain store.",
    source="folio_lock_large_mapcount(), include/linux/rmap.h (from v6.15 on)")
PMF: Final = cost("pmf", "PG_partially_mapped set or cleared", place=17, needs=FOLIO_PARTIALLY_MAPPED,
    text="How often the flag was set or cleared: it tells the shrinker which folios of the queue to split. Others are "
    "there from birth, and are split only if they are underused.",
    source="folio_set_partially_mapped(), include/linux/page-flags.h (from v6.12 on); deferred_split_folio(), "
    "mm/huge_memory.c (from v6.12 on)")
AEF: Final = cost("aef", "AnonExclusive set or cleared", place=18, needs=PAGE_ZERO_FILLED, everywhere=True,
    text="How often the mark of a page that no other process can see was set or cleared. Fork clears it, a new page "
    "has it.",
    source="SetPageAnonExclusive(), include/linux/page-flags.h")
TSLOT: Final = cost("tslot", "gather slots written", place=19, needs=PAGE_ZERO_FILLED, everywhere=True,
    text="Slots of mmu_gather that were filled. A single page takes one; since v6.9 a run of pages takes two, however "
    "long it is.",
    source="__tlb_remove_folio_pages_size(), mm/mmu_gather.c (from v6.9 on)")
# fmt: on
