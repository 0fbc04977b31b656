"""The glossary: what every word means, in two sentences. Pages, tooltips and docs/glossary.md derive from it.

The words of counters and costs are columns of the tables of the machine; all other words are here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from folioviz.machine.costs import COSTS
from folioviz.machine.fields import ON_CARD


class Term(NamedTuple):
    """A word: its name, two sentences, and where in the kernel it is, if it is in one place."""

    title: str
    text: str
    source: str = ""


# fmt: off
WORDS: Final[dict[str, Term]] = {
    # --- memory ------------------------------------------------------------------------------------------------------
    "folio": Term("folio",
        "One or more contiguous pages that the kernel manages as a unit; a large one has more than one. Its memory is "
        "free again only when all of it is."),
    "order": Term("order",
        "A folio of order n has 2ⁿ pages of 4 KiB. Order 9, 2 MiB, is what a PMD can map on x86-64."),
    "page": Term("struct page",
        "What the kernel keeps for each page of memory, mapped or not. What counts for a whole folio stands in those "
        "of its first pages.",
        "include/linux/mm_types.h"),
    "anonymous": Term("anonymous",
        "Memory that belongs to no file: heap, stack, private mappings. The model has no other."),
    "mthp": Term("mTHP",
        "Anonymous folios of 16 KiB to 1 MiB at a fault, each size switched by itself. They came with v6.8."),
    "zero": Term("zero-filled",
        "A page that holds nothing but zeros. When its folio is split, since v6.12, the shared zero page is mapped in "
        "its place, and the page is freed."),
    "locked": Term("locked",
        "Of a VMA: mlock() holds what it maps in memory (VM_LOCKED). A child's copy of it is not locked."),
    "collapse": Term("collapse",
        "Putting one new 2 MiB folio in the place of the pages that a page table maps: they are copied, holes become "
        "zeros. khugepaged does it by itself, MADV_COLLAPSE at once."),
    "uffdmove": Term("UFFDIO_MOVE",
        "Mapping pages at another address, in a VMA that is there: nothing is copied. What others may see does not "
        "move, and a large folio moves in one piece only under its PMD."),
    "guard": Term("guard marker",
        "A page table entry that maps nothing and makes every touch a SIGSEGV (MADV_GUARD_INSTALL, since v6.13). It "
        "costs no VMA, and no memory but its page table."),
    "zero page": Term("zero page",
        "One page of zeros for all: a read of an empty place maps it, a read of an empty 2 MiB range the huge zero "
        "page. It is no folio's and not resident; a write takes a page of one's own.",
        "do_anonymous_page(), mm/memory.c"),
    # --- who maps it -------------------------------------------------------------------------------------------------
    "space": Term("address space",
        "The virtual addresses of a process, and what its page tables map there. A lane shows one; a page in it has "
        "the colour of its folio."),
    "rss": Term("RSS",
        "Resident set size: how many pages of a process are mapped. Here it is MM_ANONPAGES alone, as the model has no "
        "file pages."),
    "vma": Term("VMA",
        "A range of a process's addresses with the same rights. mmap() makes one, munmap() cuts or ends it."),
    "pte": Term("PTE",
        "An entry of the lowest page table level; it maps one page. A table has 512 of them."),
    "pmd": Term("PMD",
        "An entry of the next page table level: it points to a table of 512 PTEs, or maps 2 MiB at once. That is so on "
        "x86-64; the model has no other sizes, not even as s390."),
    "rmap": Term("rmap",
        "The reverse map: from a page to what maps it. The mapcounts count its entries."),
    "mapcount": Term("mapcount",
        "How many mappings there are, counted from −1: −1 is none, 0 is one. Cells and charts show it plus 1."),
    "entirely": Term("entirely mapped",
        "Mapped by at least one PMD. Then _nr_pages_mapped has 0x800000 on top."),
    "partially": Term("partially mapped",
        "Some of the folio's pages are mapped and some are not. The memory of those that are not comes back only when "
        "the folio is split, or goes as a whole."),
    "exclusive": Term("AnonExclusive",
        "A mark on a page: it belongs to one process alone. That process may write to it without a copy."),
    "cow": Term("copy-on-write",
        "After a fork both processes map the same pages read-only. Who writes first gets a copy, or reuses the page if "
        "nobody else has it."),
    "double": Term("PG_double_map",
        "In v6.1, a mark of a folio that PTEs and a PMD map at once. Each of its pages then has one mapping too many "
        "on its count."),
    "nopages": Term("CONFIG_NO_PAGE_MAPCOUNT",
        "The kernel keeps one count of all mappings of a large folio, none for its pages. It calls a folio partially "
        "mapped if it has fewer mappings than pages, which another process that shares it can hide.",
        "__folio_remove_rmap(), mm/rmap.c (from v6.15 on)"),
    # --- who holds it ------------------------------------------------------------------------------------------------
    "maps": Term("maps",
        "References that mappings hold, one for each PTE and PMD. Who takes a mapping away puts its reference."),
    "pin": Term("pin",
        "A reference that somebody else took, as get_user_pages() does. A folio cannot be split while somebody has "
        "one."),
    "swapcache": Term("swap cache",
        "Folios that are in memory and have slots in swap, too; it holds a reference for each of their pages. A folio "
        "is in it while it is swapped out, and as long as swap entries of others wait for it.",
        "mm/swap_state.c"),
    "swapentry": Term("swap entry",
        "A PTE that says in which slot of swap its page is. It maps nothing; the next access brings the page back.",
        "include/linux/swapops.h (v6.1 to v6.12)"),
    "reclaim": Term("reclaim",
        "Take memory from who has it: unmap a folio, write it to swap, free it. MADV_PAGEOUT asks for it.",
        "shrink_folio_list(), mm/vmscan.c"),
    "inhand": Term("in hand",
        "References that a running function holds, and no page table, gather slot or pin does. That of a PTE just "
        "cleared is in hand until it is put, or given to mmu_gather."),
    # --- how it goes -------------------------------------------------------------------------------------------------
    "zap": Term("zap",
        "Take mappings down, as munmap(), MADV_DONTNEED and exit do. Each page that goes loses a mapping and a "
        "reference.",
        "zap_pte_range(), mm/memory.c"),
    "batch": Term("batch",
        "A run of PTEs that map consecutive pages of one folio, zapped together. Patch 3/3 does so, and every kernel "
        "since v6.9."),
    "round": Term("round",
        "One pass of zap_pte_range() over a page table, under that table's lock. It ends with the table or before a "
        "flush."),
    "gather": Term("mmu_gather",
        "Collects the pages of a zap until the TLB has been flushed, and holds their references so long. On s390 it "
        "keeps nothing.",
        "mm/mmu_gather.c"),
    "tlb": Term("TLB",
        "A CPU's cache of translations from virtual addresses to pages. What was unmapped is flushed from it before "
        "the page may be used again."),
    "atomic": Term("atomic",
        "A change of a number in memory that no other CPU can come between. It costs most where many CPUs change the "
        "same cache line."),
    # --- the queue ---------------------------------------------------------------------------------------------------
    "queue": Term("deferred split queue",
        "Large folios that memory pressure may split, to get back the pages that nothing maps. Partially mapped folios "
        "go on it and, since v6.12, so do folios of 2 MiB when they are born.",
        "deferred_split_folio(), mm/huge_memory.c (from v6.3 on)"),
    "cgroup": Term("cgroup",
        "Processes that are charged together for what they fault in, and whose folios wait on a deferred split queue "
        "of their own. What waits there as it is removed goes to its parent's queue from v6.19 on; before, no shrinker "
        "finds it.",
        "get_deferred_split_queue(), mm/huge_memory.c (to v6.18); mem_cgroup_css_offline(), mm/memcontrol.c"),
    "spurious": Term("spurious",
        "On the deferred split queue for nothing: a split would gain nothing. The operation goes on to unmap the rest "
        "of the folio, or all of it is mapped, or none."),
    "flag": Term("PG_partially_mapped",
        "The mark, since v6.12, of a queued folio that the shrinker is to split; without it a queued folio is split "
        "only if it is underused. A migration sets it on a whole folio, too: on 6.12.88 and later of 6.12.y, and on "
        "7.0.13 and later, as recorded on 28 Nov 2026.",
        "folio_set_partially_mapped(), include/linux/page-flags.h (from v6.12 on)"),
    "underused": Term("underused",
        "With more than max_ptes_none zero-filled pages. Since v6.12 the shrinker splits such a folio of the queue, "
        "though all of it is mapped.",
        "thp_underused(), mm/huge_memory.c (from v6.12 on)"),
    "shrinker": Term("shrinker",
        "What the kernel calls when memory is short. This one splits folios of the deferred split queue.",
        "deferred_split_scan(), mm/huge_memory.c"),
    "split": Term("split",
        "Make single pages of a large folio, or from v6.9 on smaller folios, and free those that nothing maps. It "
        "fails if somebody has a reference without a mapping.",
        "split_huge_page_to_list(), mm/huge_memory.c (to v6.8); split_huge_page_to_list_to_order(), mm/huge_memory.c "
        "(v6.9 to v6.12)"),
    # --- several CPUs ------------------------------------------------------------------------------------------------
    "contention": Term("contention",
        "CPUs want the same lock, or write to the same cache line, at the same time. All but one of them wait."),
    "line": Term("cache line",
        "64 bytes that a CPU must have to itself before it writes to them. If another CPU wrote there last, they have "
        "to come over from it."),
    "simulated": Term("simulated",
        "Worked out from the model's journal and a price in nanoseconds for each event, not measured on a machine. "
        "Which kernels meet at a lock is sure; how much that costs depends on the prices."),
    "race": Term("race",
        "Two CPUs or more whose steps on the same memory may follow each other in any order. In some of these orders "
        "something may break that holds in all others."),
    "schedule": Term("schedule",
        "One order in which the CPUs' steps follow each other. 0x12.1x3 means twelve steps of CPU 0, then three of "
        "CPU 1."),
    "preemption": Term("preemption",
        "A switch away from a CPU that could go on. The fewer a schedule needs, the easier it happens."),
    "observer": Term("observer",
        "A CPU that takes no lock and looks at a folio, or pins it as GUP-fast does. It may see counters "
        "half changed."),
    # --- this page ---------------------------------------------------------------------------------------------------
    "cost": Term("cost",
        "What an operation makes the kernel do that takes time: locks taken, atomics, flushes. It is counted in the "
        "model, not measured."),
    "trace": Term("trace",
        "The kernel functions that run, and every write that they make. A click on a line moves the playhead there."),
    "scenario": Term("scenario",
        "Operations, the kernels to run them on, and where to look. Those of the library have names; a link or a file "
        "holds any other."),
    "step": Term("row, step, position",
        "A row is a line of the journal; a step is a write, after which the playhead can stand. A position is a place "
        "on the axis that both kernels share."),
    "recording": Term("recording",
        "What a running kernel showed of its folios, page tables and counters, step by step. The model is compared "
        "with it."),
    "patch": Term("patch",
        "Kernel functions written anew, here in Python. They take the place of a kernel's own when it is linked."),
    "trial": Term("trial",
        "A patch run on many scenarios, with it and without. What differs is shown."),
}
# fmt: on
"""By the name that a page asks with."""

TERMS: Final[dict[str, Term]] = {
    **{row.shown: Term(row.word, row.text, row.source) for row in ON_CARD if row.text},
    **{name: Term(row.words, row.text, row.source) for name, row in COSTS.items() if row.text},
    **WORDS,
}
"""All of them: counters on cards, costs, and the other words."""
