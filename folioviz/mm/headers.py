"""Small inline functions of include/linux and include/asm: reading the machine, never writing to it.

They are linked like everything else but not traced, as function_graph does not show inlines either. The last ones are
hooks: they do nothing in v6.5-rc3, so that a later kernel counts here without repeating the functions that call them.

Locks: none of their own; the caller holds what protects the field that it reads, for a page table its PTL, for the
list of VMAs mmap_lock.
"""

from __future__ import annotations

from folioviz.machine.memcg import MAX_MEMCGS, MEMCG_ONLINE, MEMCG_REPARENTED
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    GUP_PIN_COUNTING_BIAS,
    HPAGE_PMD_ORDER,
    LIST_PAGE,
    MAX_GATHER_BATCH,
    MEMCG_QUEUE,
    MMU_GATHER_BUNDLE,
    NO_ACCESS,
    PMD_HUGE,
    PMD_TABLE,
    PMD_ZERO,
    PTE_GUARD,
    PTE_MIGRATION,
    PTE_PRESENT,
    PTE_SWAP,
    PTE_ZERO,
    PTRS_PER_PTE,
    SPLIT_QUEUE,
    VM_LOCKED,
)
from folioviz.machine.primitives import View, list_empty


def folio_nr_pages(m: View, folio: int) -> int:
    """Return the number of pages of a folio."""
    return 1 << int(m.folio_order[folio])


def folio_test_large(m: View, folio: int) -> bool:
    """Tell whether a folio has more than one page."""
    return bool(m.folio_order[folio] > 0)


def folio_needs_cow_for_dma(m: View, folio: int, page: int, nr: int) -> bool:
    """Tell whether fork must copy one of ``nr`` pages: it is exclusive, and its folio is pinned (linux/mm.h)."""
    if m.folio_pincount[folio] == 0:
        return False
    needs = False
    for i in range(page, page + nr):
        if m.page_anon_exclusive[i]:
            needs = True
    return needs


def folio_maybe_dma_pinned(m: View, folio: int) -> bool:
    """Tell whether a folio may have a FOLL_PIN: a small one has so many references then (linux/mm.h)."""
    if m.folio_order[folio]:
        return bool(m.folio_pincount[folio])
    return bool(m.folio_refcount[folio] >= GUP_PIN_COUNTING_BIAS)


def deferred_list(folio: int) -> int:
    """Return the list node of a folio's ``_deferred_list``, which lies in its third struct page."""
    return LIST_PAGE + folio + 2


def lru_node(page: int) -> int:
    """Return the list node of a page's ``lru``."""
    return LIST_PAGE + page


def pmd_index(mm: int, addr: int) -> int:
    """Return the index of the PMD entry for a virtual page of a process."""
    return mm * 512 + (addr >> 9)


def pte_index(pmd: int, addr: int) -> int:
    """Return the index of a PTE, given the PMD entry of its table."""
    return (pmd >> ENTRY_SHIFT) * PTRS_PER_PTE + (addr & 511)


def pmd_trans_huge(pmd: int) -> bool:
    """Tell whether a PMD entry maps a huge page, be it the huge zero page."""
    return bool(pmd & PMD_HUGE or pmd == PMD_ZERO)


def is_huge_zero_pmd(pmd: int) -> bool:
    """Tell whether a PMD entry maps the huge zero page."""
    return bool(pmd == PMD_ZERO)


def pmd_page(pmd: int) -> int:
    """Return the head page in a PMD entry that maps a huge page; -1 for the huge zero page, which is no folio's."""
    return -1 if pmd == PMD_ZERO else pmd >> ENTRY_SHIFT


def pte_present(pte: int) -> bool:
    """Tell whether a PTE maps a page (a migration entry does not)."""
    return bool(pte & PTE_PRESENT)


def pte_range_none(m: View, first: int, nr: int) -> bool:
    """Tell whether nothing is in ``nr`` PTEs."""
    none = True
    for index in range(first, first + nr):
        none = none and m.pte[index] == 0
    return none


def pte_zero(pte: int) -> bool:
    """Tell whether a PTE maps the shared zero page (is_zero_pfn())."""
    return bool(pte & PTE_ZERO)


def vma_locked(m: View, vma: int) -> bool:
    """Tell whether mlock() holds what a VMA maps (VM_LOCKED): reclaim asks this of each mapping of a folio."""
    return bool(len(m.vma_flags) and m.vma_flags[vma] & VM_LOCKED)


def vma_is_accessible(m: View, vma: int) -> bool:
    """Tell whether a VMA may be read: it is not PROT_NONE, which only some kernels have (linux/mm.h)."""
    return not len(m.vma_readonly) or m.vma_readonly[vma] != NO_ACCESS


def guarded(m: View, mm: int, addr: int) -> bool:
    """Tell whether a guard marker is at a virtual page (is_guard_pte_marker(), mm/madvise.c)."""
    pmd = m.pmd[pmd_index(mm, addr)]
    return bool(pmd & PMD_TABLE and m.pte[pte_index(pmd, addr)] == PTE_GUARD)


def pte_swap(pte: int) -> bool:
    """Tell whether a PTE is a swap entry, which migration entries are not here."""
    return bool(pte & (PTE_PRESENT | PTE_MIGRATION | PTE_SWAP) == PTE_SWAP)


def folio_test_swapcache(m: View, folio: int) -> bool:
    """Tell whether a folio is in the swap cache; no kernel without swap keeps that."""
    return bool(len(m.folio_swap) and m.folio_swap[folio] >= 0)


def folio_cache_ref_count(m: View, folio: int) -> int:
    """Return how many references the swap cache holds of a folio: one for each of its pages."""
    return folio_nr_pages(m, folio) if folio_test_swapcache(m, folio) else 0


def thp_vma_suitable_order(m: View, mm: int, addr: int, order: int) -> bool:
    """Tell whether a size is enabled, and its aligned block fits the VMA of an address and is empty.

    Beside the VMA this looks at what is mapped, as the fault handlers do (linux/huge_mm.h).
    """
    if not (m.thp_enabled[0] >> order) & 1:
        return False
    nr = 1 << order
    start = addr & ~(nr - 1)
    vma = find_vma(m, mm, addr)
    if start < m.vma_start[vma] or start + nr > m.vma_end[vma]:
        return False
    pmd = m.pmd[pmd_index(mm, addr)]
    if pmd == 0:
        return True
    return order < HPAGE_PMD_ORDER and pte_range_none(m, pte_index(pmd, start), nr)


def entry_page(entry: int) -> int:
    """Return the page number in a PTE or huge PMD entry."""
    return entry >> ENTRY_SHIFT


def pmd_addr_end(addr: int, end: int) -> int:
    """Return the next 2 MiB boundary after ``addr``, or ``end`` if that is nearer."""
    return min((addr | 511) + 1, end)


def find_vma(m: View, mm: int, addr: int) -> int:
    """Return the first VMA of a process that ends after ``addr``, or -1."""
    vma = int(m.mm_mmap[mm])
    while vma >= 0 and m.vma_end[vma] <= addr:
        vma = int(m.vma_next[vma])
    return vma


def batch_slot(batch: int) -> int:
    """Return the first slot of a batch; batch 0 is the local bundle."""
    return 0 if batch == 0 else MMU_GATHER_BUNDLE + (batch - 1) * MAX_GATHER_BATCH


def batch_max(batch: int) -> int:
    """Return how many pages a batch holds."""
    return MMU_GATHER_BUNDLE if batch == 0 else MAX_GATHER_BATCH


# --- cgroups: which queue is whose, and which one shrink_slab() comes to next --------------------------------------


def folio_memcg(m: View, folio: int) -> int:
    """Return the cgroup that a folio belongs to: the root, if its own was removed and what it held went there."""
    memcg = int(m.folio_memcg[folio])
    return 0 if m.memcg_state[memcg] == MEMCG_REPARENTED else memcg


def memcg_split_queue(memcg: int) -> int:
    """Return the list head of a cgroup's deferred split queue."""
    return MEMCG_QUEUE + memcg if memcg else SPLIT_QUEUE


def folio_split_queue(m: View, folio: int) -> int:
    """Return the list head of a folio's deferred split queue (get_deferred_split_queue(), mm/huge_memory.c)."""
    return memcg_split_queue(folio_memcg(m, folio))


def shrinker_place(m: View) -> int:
    """Return whose turn it is: 0 the root, or the cgroup that was made so many-th; those that hold nothing are passed.

    A cgroup that was removed is none that the shrinker comes to (shrink_slab_memcg(): mem_cgroup_online()).
    """
    place = int(m.shrink_turn[0])
    for _ in range(MAX_MEMCGS + 1):
        memcg = m.memcg_made[place]
        seen = place == 0 or m.memcg_state[memcg] == MEMCG_ONLINE
        if seen and not list_empty(m, memcg_split_queue(memcg)):
            return place
        place = place + 1 if place < MAX_MEMCGS else 0
    return 0


def shrinker_queue(m: View) -> int:
    """Return the list head of the queue that is scanned next."""
    return memcg_split_queue(m.memcg_made[shrinker_place(m)])


# --- what later kernels count, and v6.5-rc3 does not: their modules replace these ---------------------------------


def folio_set_large_mapcount(_m: View, _folio: int, _mapcount: int, _mm: int) -> None:
    """Begin to count a new folio's mappings (v6.10 does)."""


def folio_add_large_mapcount(_m: View, _folio: int, _nr: int, _mm: int) -> int:
    """Count ``nr`` mappings more (v6.10 does, and returns how many there are)."""
    return 0


def folio_sub_large_mapcount(_m: View, _folio: int, _nr: int, _mm: int) -> int:
    """Count ``nr`` mappings less (v6.10 does, and returns how many are left)."""
    return 0


def folio_mod_nr_anon(_m: View, _folio: int, _n: int) -> None:
    """Count a large folio in or out by its size (v6.12 does)."""


# --- what only kernels with swap have: folioviz.kernels.swapfile replaces these -----------------------------------


def swap_duplicate(_m: View, _slot: int) -> None:
    """Count one swap entry more."""


def free_swap_and_cache(_m: View, _slot: int) -> None:
    """Count one swap entry less, and let a page go that was in the cache for nobody else."""


def folio_free_swap(_m: View, _folio: int) -> bool:
    """Take a folio out of the swap cache if no swap entry waits for it; tell whether that was done."""
    return False


def free_swap_cache(_m: View, _folio: int) -> None:
    """Do the same for a folio that nobody maps any more, before its last references go."""


def split_swap_cache(_m: View, _folio: int, _nr: int) -> None:
    """Let the pages of a folio that is being split be in the swap cache each by itself."""


def do_swap_page(_m: View, _mm: int, _addr: int, _writes: int) -> None:
    """Bring a page back that a swap entry waits for."""


# --- what only kernels with sizes have: folioviz.kernels.huge_zero and huge_zero_write replace these --------------


def do_huge_pmd_zero_page(_m: View, _mm: int, _addr: int) -> bool:
    """Map the huge zero page where order 9 is enabled, and tell if a PMD is there (kernels with sizes do)."""
    return False


def do_huge_zero_wp_pmd(_m: View, _mm: int, _addr: int) -> bool:
    """Map a new huge page instead of the huge zero page, and tell if that was done (v6.13 does)."""
    return False
