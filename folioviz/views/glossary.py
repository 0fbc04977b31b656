"""Every counter in two sentences, and where it is in the kernel."""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A counter: its name, what it counts and what it tells, and its place."""

    title: str
    text: str
    source: str


TERMS: dict[str, Term] = {
    "mapped": Term(
        "_nr_pages_mapped",
        "How many pages of a large folio PTEs map, plus 0x800000 while a PMD maps all of it. It is zero once nothing "
        "maps the folio.",
        "folio->_nr_pages_mapped, include/linux/mm_types.h; COMPOUND_MAPPED, mm/internal.h",
    ),
    "entire": Term(
        "_entire_mapcount",
        "How many PMDs map the folio as a whole, counted from −1. PTEs of single pages do not change it.",
        "folio->_entire_mapcount, include/linux/mm_types.h",
    ),
    "refcount": Term(
        "refcount",
        "Who keeps the folio alive: a reference per mapping, per page that waits in mmu_gather, per pin. At zero the "
        "folio is freed.",
        "folio->_refcount, include/linux/mm_types.h; include/linux/page_ref.h",
    ),
    "sqlock": Term(
        "split_queue_lock taken",
        "How often the lock of the deferred split queue was taken. It is one lock per node or memory cgroup, so all "
        "CPUs that zap meet there.",
        "deferred_split_folio(), free_transhuge_page(), mm/huge_memory.c",
    ),
    "qadd": Term(
        "put on the split queue",
        "How often a partially mapped folio was queued for splitting. Queueing is wasted when the same operation goes "
        "on to unmap the rest.",
        "deferred_split_folio(), mm/huge_memory.c",
    ),
    "qdel": Term(
        "taken off the split queue",
        "How often a folio left the queue, because it was freed or split. Each time the lock is taken again.",
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
        "Atomic changes of the folio's count of mapped pages. A batch changes it once for all of its pages.",
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
