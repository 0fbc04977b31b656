"""Every counter in two sentences, and where it is in the kernel."""

from __future__ import annotations

from typing import NamedTuple

from folioviz.machine.fields import ON_CARD


class Term(NamedTuple):
    """A counter: its name, what it counts and what it tells, and its place."""

    title: str
    text: str
    source: str


TERMS: dict[str, Term] = {row.shown: Term(row.word, row.text, row.source) for row in ON_CARD if row.text} | {
    "nopages": Term(
        "CONFIG_NO_PAGE_MAPCOUNT",
        "The kernel keeps one count of all mappings of a large folio, none for its pages. It calls a folio partially "
        "mapped if it has fewer mappings than pages, which another process that shares it can hide.",
        "since v6.15; __folio_remove_rmap(), mm/rmap.c",
    ),
    "lmc": Term(
        "atomics on _large_mapcount",
        "Atomic changes of the count of all mappings of a large folio. A batch of PTEs makes one.",
        "folio_add_large_mapcount(), folio_sub_large_mapcount(), include/linux/rmap.h",
    ),
    "mmlock": Term(
        "owner lock bit taken",
        "How often the bit that guards the owner slots was taken. Under it, the total of mappings is a plain store.",
        "folio_lock_large_mapcount() (v6.15), include/linux/rmap.h",
    ),
    "pmf": Term(
        "PG_partially_mapped changed",
        "How often the flag was set or cleared: it tells the shrinker which folios of the queue to split. Others are "
        "there from birth, and are split only if they are underused.",
        "folio_set_partially_mapped() (v6.12), include/linux/page-flags.h; deferred_split_folio(), mm/huge_memory.c",
    ),
    "aef": Term(
        "AnonExclusive changed",
        "How often the mark of a page that no other process can see was set or cleared. Fork clears it, a new page has "
        "it.",
        "SetPageAnonExclusive(), include/linux/page-flags.h",
    ),
    "tslot": Term(
        "gather slots written",
        "Slots of mmu_gather that were filled. A single page takes one; since v6.9 a run of pages takes two, however "
        "long it is.",
        "__tlb_remove_folio_pages_size(), mm/mmu_gather.c",
    ),
    "sqlock": Term(
        "split_queue_lock taken",
        "How often the lock of the deferred split queue was taken. It is one lock per node or memory cgroup (since "
        "v7.2 per memory cgroup and node), so CPUs that zap meet there.",
        "deferred_split_folio(), free_transhuge_page(), mm/huge_memory.c",
    ),
    "qadd": Term(
        "put on the split queue",
        "How often a folio was queued for splitting: partially mapped or, since v6.12, newly born. Queueing is wasted "
        "when the same operation goes on to unmap the rest.",
        "deferred_split_folio(), mm/huge_memory.c",
    ),
    "qdel": Term(
        "taken off the split queue",
        "How often a folio left the queue, because it was freed, split or dropped by the shrinker. Freeing and "
        "splitting take the lock again.",
        "free_transhuge_page(), split_huge_page_to_list(), mm/huge_memory.c",
    ),
    "mapc": Term(
        "atomics on _mapcount",
        "Atomic changes of the mapcounts of single pages: one for each PTE that goes, that fork copies or that a split "
        "makes. A new folio's are set without any.",
        "page->_mapcount, mm/rmap.c",
    ),
    "nrpm": Term(
        "atomics on _nr_pages_mapped",
        "Atomic changes of the folio's count of mapped pages. A batch changes it once for all of its "
        "pages in the series and since v6.12, once for each in v6.9 and v6.10.",
        "folio->_nr_pages_mapped, mm/rmap.c",
    ),
    "entm": Term(
        "atomics on _entire_mapcount",
        "Atomic changes of the count of PMD mappings. PTEs leave it alone.",
        "folio->_entire_mapcount, mm/rmap.c",
    ),
    "lru": Term(
        "lruvec stat updates",
        "How often NR_ANON_MAPPED or NR_ANON_THPS was updated. Each also updates the memory cgroup's counters.",
        "__lruvec_stat_mod_folio(), include/linux/vmstat.h and mm/memcontrol.c; called in mm/rmap.c",
    ),
    "rget": Term(
        "reference increments",
        "How often a folio's refcount was raised. Each is an atomic write to a shared cache line.",
        "folio_get(), include/linux/mm.h",
    ),
    "rput": Term(
        "reference puts",
        "How often a folio's refcount was lowered. The put that reaches zero frees the folio.",
        "folio_put(), include/linux/mm.h; release_pages(), mm/swap.c",
    ),
    "thw": Term(
        "TLB flushes executed",
        "How often stale translations were flushed. Pages in mmu_gather are freed only after that.",
        "tlb_flush_mmu_tlbonly(), include/asm-generic/tlb.h",
    ),
    "tforce": Term(
        "forced flushes",
        "How often a zap stopped to flush before it went on: the gather was full. v3 and v4 of the series do so after "
        "every batch.",
        "zap_pte_range(), mm/memory.c",
    ),
    "tfull": Term(
        "mmu_gather answered full",
        "How often the gather had no room for another page. The zap then flushes and begins a new round.",
        "__tlb_remove_page_size(), mm/mmu_gather.c",
    ),
    "gbatch": Term(
        "gather batches allocated",
        "Pages taken to remember pages to be freed. Without memory for one, the gather is full early.",
        "tlb_next_batch(), mm/mmu_gather.c",
    ),
    "zround": Term(
        "zap_pte_range rounds",
        "How often the page table lock was taken to zap PTEs. A round ends with a table or before a flush.",
        "zap_pte_range(), mm/memory.c",
    ),
    "palloc": Term(
        "pages allocated",
        "Pages that the operation took from the buddy allocator. A large folio takes all of its pages at once.",
        "__alloc_pages(), mm/page_alloc.c",
    ),
    "pfree": Term(
        "pages freed",
        "Pages that went back to the buddy allocator. A page of a large folio returns only with the whole folio.",
        "__free_pages_ok(), free_unref_page(), mm/page_alloc.c",
    ),
}
"""By the name of a cost, or of a counter on a card."""


def term(name: str, text: str) -> str:
    """Return a name that opens its explanation; the text is a name of the kernel's or ours, without markup."""
    if name not in TERMS:
        return text
    return f'<button class="fv-term" data-term="{name}" title="what is this?">{text}</button>'
