"""What a machine is made of: the names of its fields, in the order of their numbers, and what each is sized by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

# --- field numbers, in the order of FIELDS; a field number and an index make an address -------------------------
(
    PAGE_MAPCOUNT,
    PAGE_ANON_EXCLUSIVE,
    PAGE_FOLIO,
    PAGE_BUDDY,
    FOLIO_ORDER,
    FOLIO_REFCOUNT,
    FOLIO_ENTIRE_MAPCOUNT,
    FOLIO_NR_PAGES_MAPPED,
    FOLIO_INDEX,
    FOLIO_ID,
    FOLIO_PINS,
    LIST_NEXT,
    LIST_PREV,
    PTE,
    PTE_TABLE_NEXT,
    PMD,
    MM_ID,
    MM_RSS,
    MM_MMAP,
    VMA_START,
    VMA_END,
    VMA_PGOFF,
    VMA_ANON,
    VMA_NEXT,
    TLB_PAGE,
    TLB_BATCH_NR,
    TLB_ACTIVE,
    TLB_BATCH_COUNT,
    TLB_CLEARED,
    TLB_LIMIT,
    SPLIT_QUEUE_LEN,
    SPLIT_QUEUE_LOCK,
    VMSTAT,
    VM_EVENT,
    NEXT_FOLIO_ID,
    NEXT_MM_ID,
    FREE_VMA,
    FREE_PTE_TABLE,
    NR_FREE_PAGES,
    BUG,
    # only some kernels keep these (LATER)
    FOLIO_LARGE_MAPCOUNT,
    FOLIO_PARTIALLY_MAPPED,
    FOLIO_MM_ID_0,
    FOLIO_MM_ID_1,
    FOLIO_MM_ID_MAPCOUNT_0,
    FOLIO_MM_ID_MAPCOUNT_1,
    FOLIO_MM_IDS_SHARED,
    FOLIO_DOUBLE_MAP,
    PAGE_ZERO_FILLED,
    VMA_READONLY,
    TLB_NR,
    MTHP_STAT,
    THP_UNDERUSED_SPLIT_PAGE,
    MAX_PTES_NONE,
    SHRINK_UNDERUSED,
    THP_ENABLED,
) = range(56)

FIELDS: Final[tuple[tuple[str, str], ...]] = (
    ("page_mapcount", "pages"),
    ("page_anon_exclusive", "pages"),
    ("page_folio", "pages"),
    ("page_buddy", "pages"),
    ("folio_order", "pages"),
    ("folio_refcount", "pages"),
    ("folio_entire_mapcount", "pages"),
    ("folio_nr_pages_mapped", "pages"),
    ("folio_index", "pages"),
    ("folio_id", "pages"),
    ("folio_pins", "pages"),
    ("list_next", "lists"),
    ("list_prev", "lists"),
    ("pte", "ptes"),
    ("pte_table_next", "tables"),
    ("pmd", "pmds"),
    ("mm_id", "mms"),
    ("mm_rss", "mms"),
    ("mm_mmap", "mms"),
    ("vma_start", "vmas"),
    ("vma_end", "vmas"),
    ("vma_pgoff", "vmas"),
    ("vma_anon", "vmas"),
    ("vma_next", "vmas"),
    ("tlb_page", "gather"),
    ("tlb_batch_nr", "batches"),
    ("tlb_active", "one"),
    ("tlb_batch_count", "one"),
    ("tlb_cleared", "one"),
    ("tlb_limit", "one"),
    ("split_queue_len", "one"),
    ("split_queue_lock", "one"),
    ("vmstat", "vmstats"),
    ("vm_event", "events"),
    ("next_folio_id", "one"),
    ("next_mm_id", "one"),
    ("free_vma", "one"),
    ("free_pte_table", "one"),
    ("nr_free_pages", "one"),
    ("bug", "one"),
)
"""Every field that all kernels keep: its attribute name and what it is sized by."""

LATER: Final[tuple[tuple[str, str], ...]] = (
    ("folio_large_mapcount", "pages"),
    ("folio_partially_mapped", "pages"),
    ("folio_mm_id_0", "pages"),
    ("folio_mm_id_1", "pages"),
    ("folio_mm_id_mapcount_0", "pages"),
    ("folio_mm_id_mapcount_1", "pages"),
    ("folio_mm_ids_shared", "pages"),
    ("folio_double_map", "pages"),
    ("page_zero_filled", "pages"),
    ("vma_readonly", "vmas"),
    ("tlb_nr", "gather"),
    ("mthp_stat", "mthp"),
    ("thp_underused_split_page", "one"),
    ("max_ptes_none", "one"),
    ("shrink_underused", "one"),
    ("thp_enabled", "one"),
)
"""Fields that only some kernels keep: they have no element in the machines of the others."""
ALL_FIELDS: Final = FIELDS + LATER


class Fields:
    """The attributes of a machine: an int32 array for each field, empty for those that its kernel does not keep."""

    page_mapcount: np.ndarray
    page_anon_exclusive: np.ndarray
    page_folio: np.ndarray
    page_buddy: np.ndarray
    folio_order: np.ndarray
    folio_refcount: np.ndarray
    folio_entire_mapcount: np.ndarray
    folio_nr_pages_mapped: np.ndarray
    folio_index: np.ndarray
    folio_id: np.ndarray
    folio_pins: np.ndarray
    list_next: np.ndarray
    list_prev: np.ndarray
    pte: np.ndarray
    pte_table_next: np.ndarray
    pmd: np.ndarray
    mm_id: np.ndarray
    mm_rss: np.ndarray
    mm_mmap: np.ndarray
    vma_start: np.ndarray
    vma_end: np.ndarray
    vma_pgoff: np.ndarray
    vma_anon: np.ndarray
    vma_next: np.ndarray
    tlb_page: np.ndarray
    tlb_batch_nr: np.ndarray
    tlb_active: np.ndarray
    tlb_batch_count: np.ndarray
    tlb_cleared: np.ndarray
    tlb_limit: np.ndarray
    split_queue_len: np.ndarray
    split_queue_lock: np.ndarray
    vmstat: np.ndarray
    vm_event: np.ndarray
    next_folio_id: np.ndarray
    next_mm_id: np.ndarray
    free_vma: np.ndarray
    free_pte_table: np.ndarray
    nr_free_pages: np.ndarray
    bug: np.ndarray
    folio_large_mapcount: np.ndarray
    folio_partially_mapped: np.ndarray
    folio_mm_id_0: np.ndarray
    folio_mm_id_1: np.ndarray
    folio_mm_id_mapcount_0: np.ndarray
    folio_mm_id_mapcount_1: np.ndarray
    folio_mm_ids_shared: np.ndarray
    folio_double_map: np.ndarray
    page_zero_filled: np.ndarray
    vma_readonly: np.ndarray
    tlb_nr: np.ndarray
    mthp_stat: np.ndarray
    thp_underused_split_page: np.ndarray
    max_ptes_none: np.ndarray
    shrink_underused: np.ndarray
    thp_enabled: np.ndarray
