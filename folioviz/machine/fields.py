"""What a machine is made of: one table of all fields, from which everything that tells of a field is derived.

A row says how a field is stored, what it is called and where a person sees it. So a counter that is added here is read,
traced, outlined, compared and explained without another list (docs/recipes/counter.md adds one). What a row gives is
the field's number; a number and an index make an address. Numbers are places in this table: nothing that is saved or
shared holds one.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, TypeAlias

By: TypeAlias = Literal[
    "folio", "page", "list", "pte", "table", "pmd", "mm", "vma", "gather", "batch", "vmstat", "event", "mthp", "slot",
    "cluster", "swap event", "swap stat", "memcg", "machine"
]  # fmt: skip
CELL: Final = "cell"
"""What shows a field of pages: the page's cell on the card of its folio."""


class Field(NamedTuple):
    """One row of the table.

    Attributes:
        number: its place in the table.
        name: the attribute of a machine that is its array.
        by: what it has an element for. A folio's element is its head page's, so there are as many as pages.
        idle: what its elements hold while nothing is there; a folio's do on every page that is no folio's head.
        some: whether only some kernels keep it (``Kernel.keeps``); in the machines of others it has no element.
        label: what the kernel calls it, and the trace; the name, if nothing is said.
        word: what a card and a comparison call it; the label, if nothing is said.
        shown: the counter or badge of a folio's card that shows it, or CELL; a step that writes it outlines that.
        place: its place among the counters of a card, from 1; 0 for a badge, and for a part of another counter.
        order: the lowest order of a folio of which it says something.
        record: its key in a folio's record, and so in a comparison; fields with the same key are a list there.
        drawn: what the timeline's menu calls it; "" if it is not drawn.
        quiet: whether a trace shows its writes on demand only.
        text: what it counts and what that tells, in two sentences; a click on the counter's word opens them.
        source: where it is in the kernel.
    """

    number: int
    name: str
    by: By
    idle: int = 0
    some: bool = False
    label: str = ""
    word: str = ""
    shown: str = ""
    place: int = 0
    order: int = 0
    record: str = ""
    drawn: str = ""
    quiet: bool = False
    text: str = ""
    source: str = ""


_rows: list[Field] = []


def field(name: str, by: By, **columns: Any) -> int:
    """Add a row to the table, with other columns of :class:`Field` by name, and return its number."""
    label = columns.setdefault("label", name)
    columns.setdefault("word", label)
    _rows.append(Field(len(_rows), name, by, **columns))
    return _rows[-1].number


# fmt: off
# --- struct folio ----------------------------------------------------------------------------------------------------
FOLIO_ORDER: Final = field("folio_order", "folio", label="order", shown="order", record="o")
FOLIO_REFCOUNT: Final = field("folio_refcount", "folio", label="_refcount", word="refcount", shown="refcount", place=4,
    record="rc", drawn="_refcount",
    text="Who keeps the folio alive: a reference per mapping, per page that waits in mmu_gather, per pin. At zero the "
    "folio is freed.",
    source="folio->_refcount, include/linux/mm_types.h; include/linux/page_ref.h")
FOLIO_ENTIRE_MAPCOUNT: Final = field("folio_entire_mapcount", "folio", idle=-1, label="_entire_mapcount",
    shown="entire", place=2, order=1, record="em", drawn="PMD mappings",
    text="How many PMDs map the folio as a whole, counted from −1. PTEs of single pages do not change it.",
    source="folio->_entire_mapcount, include/linux/mm_types.h")
FOLIO_NR_PAGES_MAPPED: Final = field("folio_nr_pages_mapped", "folio", label="_nr_pages_mapped",
    shown="mapped", place=1, order=1, record="nm", drawn="_nr_pages_mapped",
    text="How many pages of a large folio PTEs map, plus 0x800000 while a PMD maps all of it. It is zero once nothing "
    "maps the folio.",
    source="folio->_nr_pages_mapped, include/linux/mm_types.h; COMPOUND_MAPPED (v6.8: ENTIRELY_MAPPED), mm/internal.h")
FOLIO_LARGE_MAPCOUNT: Final = field("folio_large_mapcount", "folio", idle=-1, some=True, label="_large_mapcount",
    shown="large", place=3, order=1, record="lm", drawn="_large_mapcount + 1",
    text="How many page table entries map the folio or a page of it, PTEs and PMDs together, counted from −1. One "
    "write per batch keeps it, however many pages the batch has.",
    source="folio->_large_mapcount, include/linux/mm_types.h (from v6.10 on); __folio_add_rmap(), mm/rmap.c (v6.10 to "
    "v6.14); folio_add_large_mapcount(), include/linux/rmap.h (from v6.15 on)")
FOLIO_PARTIALLY_MAPPED: Final = field("folio_partially_mapped", "folio", some=True, label="PG_partially_mapped",
    shown="flag", order=2, record="pm")
_OWNERS: Final = {"some": True, "word": "owners", "shown": "owners", "order": 1, "record": "ids"}
FOLIO_MM_ID_0: Final = field("folio_mm_id_0", "folio", **_OWNERS, label="_mm_id[0]", place=5,
    text="The folio remembers two processes that map it, and how often each does (MM ids, since v6.15). “Maybe "
    "others” means that the slots need not tell all, so a write must copy.",
    source="folio->_mm_ids, folio->_mm_id_mapcount, FOLIO_MM_IDS_SHARED, include/linux/mm_types.h")
FOLIO_MM_ID_MAPCOUNT_0: Final = field("folio_mm_id_mapcount_0", "folio", **_OWNERS, idle=-1, label="_mm_id_mapcount[0]")
FOLIO_MM_ID_1: Final = field("folio_mm_id_1", "folio", **_OWNERS, label="_mm_id[1]")
FOLIO_MM_ID_MAPCOUNT_1: Final = field("folio_mm_id_mapcount_1", "folio", **_OWNERS, idle=-1, label="_mm_id_mapcount[1]")
FOLIO_MM_IDS_SHARED: Final = field("folio_mm_ids_shared", "folio", **_OWNERS, label="FOLIO_MM_IDS_SHARED")
FOLIO_DOUBLE_MAP: Final = field("folio_double_map", "folio", some=True, label="PG_double_map", shown="double")
FOLIO_SWAP: Final = field("folio_swap", "folio", idle=-1, some=True, label="folio->swap", word="swap cache",
    shown="swapcache")
FOLIO_PINS: Final = field("folio_pins", "folio", label="pins", shown="pins", record="pin")
FOLIO_PINCOUNT: Final = field("folio_pincount", "folio", label="_pincount", shown="pincount",
    text="How often FOLL_PIN holds the folio, as io_uring's registered buffers do. Fork copies what is held.",
    source="folio->_pincount, include/linux/mm_types.h (large folios); a small folio has 1024 references for each")
FOLIO_INDEX: Final = field("folio_index", "folio", label="index")
FOLIO_MEMCG: Final = field("folio_memcg", "folio", label="memcg", shown="memcg")
FOLIO_ID: Final = field("folio_id", "folio", label="id")

# --- struct page -----------------------------------------------------------------------------------------------------
PAGE_MAPCOUNT: Final = field("page_mapcount", "page", idle=-1, label="_mapcount", shown=CELL, record="mc")
PAGE_ANON_EXCLUSIVE: Final = field("page_anon_exclusive", "page", label="AnonExclusive", shown=CELL, record="ae")
PAGE_ZERO_FILLED: Final = field("page_zero_filled", "page", some=True, label="zero-filled", shown=CELL)
FOLIO_FLAGS: Final = field("folio_flags", "page", some=True, label="flags", quiet=True)
PAGE_FOLIO: Final = field("page_folio", "page", label="compound_head")
PAGE_BUDDY: Final = field("page_buddy", "page", idle=-1, quiet=True)
LIST_NEXT: Final = field("list_next", "list", quiet=True)
LIST_PREV: Final = field("list_prev", "list", quiet=True)

# --- page tables, mm_struct, vm_area_struct --------------------------------------------------------------------------
PTE: Final = field("pte", "pte")
PTE_TABLE_NEXT: Final = field("pte_table_next", "table")
PMD: Final = field("pmd", "pmd")
MM_ID: Final = field("mm_id", "mm")
MM_RSS: Final = field("mm_rss", "mm", label="MM_ANONPAGES")
MM_MMAP: Final = field("mm_mmap", "mm", idle=-1)
MM_MEMCG: Final = field("mm_memcg", "mm", label="memcg of mm->owner")
VMA_START: Final = field("vma_start", "vma")
VMA_END: Final = field("vma_end", "vma")
VMA_PGOFF: Final = field("vma_pgoff", "vma")
VMA_ANON: Final = field("vma_anon", "vma")
VMA_FORK_CHILD: Final = field("vma_fork_child", "vma", some=True, quiet=True)
VMA_READONLY: Final = field("vma_readonly", "vma", some=True)
VMA_FLAGS: Final = field("vma_flags", "vma", some=True, label="vm_flags", quiet=True)
VMA_ACCOUNT: Final = field("vma_account", "vma", some=True, label="VM_ACCOUNT", quiet=True)
VMA_NEXT: Final = field("vma_next", "vma")

# --- struct mmu_gather -----------------------------------------------------------------------------------------------
TLB_PAGE: Final = field("tlb_page", "gather")
TLB_NR: Final = field("tlb_nr", "gather", some=True)
TLB_BATCH_NR: Final = field("tlb_batch_nr", "batch")
TLB_ACTIVE: Final = field("tlb_active", "machine")
TLB_BATCH_COUNT: Final = field("tlb_batch_count", "machine")
TLB_CLEARED: Final = field("tlb_cleared", "machine")
TLB_LIMIT: Final = field("tlb_limit", "machine", idle=-1)

# --- swap space ------------------------------------------------------------------------------------------------------
SWAP_MAP: Final = field("swap_map", "slot", some=True)
SWAP_CACHE: Final = field("swap_cache", "slot", idle=-1, some=True, label="swap cache", quiet=True)
SWAP_ZEROS: Final = field("swap_zeros", "slot", some=True, quiet=True)
SWAP_MEMCG: Final = field("swap_memcg", "slot", some=True, label="swap_cgroup", quiet=True)
SWAP_CLUSTER_COUNT: Final = field("swap_cluster_count", "cluster", some=True, label="ci->count", quiet=True)
SWAP_CLUSTER_ORDER: Final = field("swap_cluster_order", "cluster", idle=-1, some=True, label="ci->order", quiet=True)
SWAP_EVENT: Final = field("swap_event", "swap event", some=True)
SWAP_STAT: Final = field("swap_stat", "swap stat", some=True)
TOTAL_SWAP_PAGES: Final = field("total_swap_pages", "machine", some=True)
NR_SWAP_PAGES: Final = field("nr_swap_pages", "machine", some=True)

# --- the node: its queue, counters, settings, and what is free -------------------------------------------------------
SPLIT_QUEUE_LEN: Final = field("split_queue_len", "machine")
SPLIT_QUEUE_LOCK: Final = field("split_queue_lock", "machine")
MEMCG_MADE: Final = field("memcg_made", "memcg", label="memcg made")
MEMCG_STATE: Final = field("memcg_state", "memcg")
SHRINK_TURN: Final = field("shrink_turn", "machine", label="memcg that is shrunk next", quiet=True)
VMSTAT: Final = field("vmstat", "vmstat")
VM_EVENT: Final = field("vm_event", "event")
MTHP_STAT: Final = field("mthp_stat", "mthp", some=True)
THP_UNDERUSED_SPLIT_PAGE: Final = field("thp_underused_split_page", "machine", some=True)
THP_ENABLED: Final = field("thp_enabled", "machine", some=True)
MAX_PTES_NONE: Final = field("max_ptes_none", "machine", idle=511, some=True)
SHRINK_UNDERUSED: Final = field("shrink_underused", "machine", idle=1, some=True)
NR_FOLL_PIN: Final = field("nr_foll_pin", "machine", label="nr_foll_pin_acquired − released")
NEXT_FOLIO_ID: Final = field("next_folio_id", "machine", idle=1)
NEXT_ANON_VMA: Final = field("next_anon_vma", "machine", idle=1, some=True, quiet=True)
NEXT_MM_ID: Final = field("next_mm_id", "machine", idle=1)
FREE_VMA: Final = field("free_vma", "machine")
FREE_PTE_TABLE: Final = field("free_pte_table", "machine")
NR_FREE_PAGES: Final = field("nr_free_pages", "machine")
BUG: Final = field("bug", "machine")
# fmt: on

FIELDS: Final = tuple(_rows)
"""The table."""
KEPT_BY_SOME: Final = frozenset(row.name for row in FIELDS if row.some)
"""The names of the fields that only some kernels keep."""
OF_FOLIO: Final = tuple(row for row in FIELDS if row.by == "folio" and row.shown)
"""What the card of a folio shows beside its pages' cells."""
OF_PAGE: Final = tuple(row for row in FIELDS if row.by == "page" and row.shown)
"""What a cell shows of a page."""
ON_CARD: Final = tuple(sorted((row for row in OF_FOLIO if row.place), key=lambda row: row.place))
"""The counters of a card, in their order there."""
