"""v7.3: khugepaged makes folios of every size that is enabled, and a collapse takes down mappings run by run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from folioviz.machine.concurrency import pmd_lock, pmd_unlock, pte_lock, pte_unlock
from folioviz.machine.fields import PMD, PTE
from folioviz.machine.journal import (
    COLLAPSE_AS_LARGE,
    COLLAPSE_GIVEN_AWAY,
    COLLAPSE_HELD,
    COLLAPSE_NONE,
    COLLAPSE_OLD,
    COLLAPSE_SHARED,
    COLLAPSE_SWAPPED,
)
from folioviz.machine.memory import (
    EAGAIN,
    EEXIST,
    EINVAL,
    ENTRY_CLEAN,
    ENTRY_OLD,
    ENTRY_SHIFT,
    HPAGE_PMD_NR,
    HPAGE_PMD_ORDER,
    LOWEST_QUEUED_ORDER,
    MAX_PTES_SHARED,
    MAX_PTES_SWAP,
    PG_LAZYFREE,
    PTE_GUARD,
    PTE_PRESENT,
    PTE_WRITE,
)
from folioviz.machine.primitives import View, fail, page_ref_add, page_ref_sub_and_test, store
from folioviz.mm.charges import mem_cgroup_charge
from folioviz.mm.headers import (
    entry_page,
    folio_test_large,
    pmd_index,
    pte_index,
    pte_present,
    pte_zero,
)

if TYPE_CHECKING:
    from folioviz.kernels.since_v6_8.large_mapcount import folio_mapcount
    from folioviz.kernels.since_v6_8.rmap_overhaul import folio_add_new_anon_rmap
    from folioviz.kernels.since_v6_8.zap_batch import folio_pte_batch
    from folioviz.mm.khugepaged import (
        __collapse_huge_page_copy,
        __collapse_huge_page_isolate,
        collapse_free,
        collapse_huge_page,
        collapse_write_bit,
        collapse_young,
        is_refcount_suitable,
    )
    from folioviz.mm.page_alloc import alloc_pages
    from folioviz.mm.swap import __folio_put


def collapse_nothing(_m: View, _start: int) -> int:
    """Return what becomes of a range inside of one 2 MiB: there is nothing to do.

    Follows mm/khugepaged.c, madvise_collapse(), v7.3: what a collapse asks of pages and holes.
    """
    return 0


def collapse_run(m: View, folio: int, page: int, index: int, max_nr: int) -> int:
    """Return how many entries go at once: those that map consecutive pages of a folio.

    Follows mm/khugepaged.c, __collapse_huge_page_copy_succeeded(), v6.17: 4ea3594a4741 ("khugepaged: optimize
    __collapse_huge_page_copy_succeeded() by PTE batching").
    """
    return folio_pte_batch(m, folio, page, index, max_nr, 0)


def collapse_put(m: View, folio: int, nr: int) -> None:
    """Drop the references of a run of mappings at once.

    Follows mm/khugepaged.c, __collapse_huge_page_copy_succeeded(), v6.17: 4ea3594a4741 ("khugepaged: optimize
    __collapse_huge_page_copy_succeeded() by PTE batching").
    """
    if page_ref_sub_and_test(m, folio, nr):
        __folio_put(m, folio)


def collapse_shared(m: View, page: int) -> bool:
    """Tell whether several processes map the folio of a page, as far as a large one knows its owners.

    Follows include/linux/mm.h, folio_maybe_mapped_shared(), v7.3: what a collapse asks of pages and holes.
    """
    folio = m.page_folio[page]
    shared = folio_mapcount(m, folio) > 1
    return bool(shared and (m.folio_mm_ids_shared[folio] or not folio_test_large(m, folio)))


def collapse_scan_ptes(m: View, pmd: int, addr: int, nr: int, max_none: int, khugepaged: int) -> int:
    """Look whether ``nr`` entries may be collapsed; 0, or a negative error: -EEXIST where a folio is as large already.

    None needs to be writable any more, and a marker counts as swap does. khugepaged leaves what MADV_FREE gave away,
    and puts no folio of less than 2 MiB in the place of one that is as large, or of pages that others may map.

    Follows mm/khugepaged.c, __collapse_huge_page_isolate(), v7.3: what a collapse asks of pages and holes.
    """
    none = 0
    swapped = 0
    shared = 0
    young = 0
    first = pte_index(pmd, addr)
    max_shared = MAX_PTES_SHARED if nr == HPAGE_PMD_NR else 0
    for index in range(first, first + nr):
        pte = m.pte[index]
        if pte == 0 or pte_zero(pte):
            none += 1
            if none > max_none:
                fail(m, COLLAPSE_NONE, addr)
                return -EINVAL
            continue
        if not pte_present(pte):
            swapped += 1
            if khugepaged and swapped > MAX_PTES_SWAP:
                fail(m, COLLAPSE_SWAPPED, addr)
                return -EINVAL
            continue
        folio = m.page_folio[entry_page(pte)]
        if khugepaged and m.folio_flags[folio] == PG_LAZYFREE and pte & ENTRY_CLEAN:
            fail(m, COLLAPSE_GIVEN_AWAY, addr + index - first)
            return -EINVAL
        if khugepaged and collapse_shared(m, entry_page(pte)):
            shared += 1
            if shared > max_shared:
                fail(m, COLLAPSE_SHARED, addr + index - first)
                return -EINVAL
        if nr < HPAGE_PMD_NR and 1 << m.folio_order[folio] >= nr:
            fail(m, COLLAPSE_AS_LARGE, addr + index - first)
            return -EEXIST
        if not is_refcount_suitable(m, folio):
            fail(m, COLLAPSE_HELD, addr + index - first)
            return -EAGAIN
        young += not pte & ENTRY_OLD
    if khugepaged and young < collapse_young(m, nr, swapped):
        fail(m, COLLAPSE_OLD, addr)
        return -EINVAL
    return 0


def collapse_max_ptes_none(m: View, order: int) -> int:
    """Return how many entries of a folio's may be empty: with 511 all but one, else none of less than 2 MiB.

    Follows mm/khugepaged.c, v7.3: what a collapse asks of pages and holes.
    """
    if order == HPAGE_PMD_ORDER:
        return int(m.max_ptes_none[0])
    return (1 << order) - 1 if m.max_ptes_none[0] == HPAGE_PMD_NR - 1 else 0


def khugepaged_enabled(m: View) -> bool:
    """Tell whether khugepaged runs: a size is enabled.

    Follows mm/khugepaged.c, start_stop_khugepaged(), v7.3: what a collapse asks of pages and holes.
    """
    return bool(m.thp_enabled[0])


def khugepaged_scan_pmd(m: View, mm: int, vma: int, addr: int) -> int:
    """Collapse what one page table maps into folios of the sizes that are enabled; 1 if there is one, or 0.

    Follows mm/khugepaged.c, collapse_scan_pmd(), v7.3: 90ed32d00054 ("mm/khugepaged: introduce mTHP collapse
    support").
    """
    pmd = m.pmd[pmd_index(mm, addr)]
    if not m.vma_anon[vma]:
        return 0
    only = m.thp_enabled[0] == 1 << HPAGE_PMD_ORDER
    pte_lock(m, pmd)
    error = collapse_scan_ptes(
        m, pmd, addr, HPAGE_PMD_NR, m.max_ptes_none[0] if only else HPAGE_PMD_NR - 1, 1
    )
    pte_unlock(m, pmd)
    return mthp_collapse(m, mm, vma, addr) if error == 0 else 0


def mthp_collapse(m: View, mm: int, vma: int, addr: int) -> int:
    """Put the largest folios that are enabled, and that enough entries ask for, into one 2 MiB; 1 if there is any.

    What is in swap counts for 2 MiB alone, and a marker ends them. Where a folio is as large already, the next place
    comes, else the next smaller size.

    Follows mm/khugepaged.c, v7.3: 90ed32d00054 ("mm/khugepaged: introduce mTHP collapse support").
    """
    collapsed = 0
    offset = 0
    order = HPAGE_PMD_ORDER
    while offset < HPAGE_PMD_NR:
        pmd = m.pmd[pmd_index(mm, addr)]
        nr = 1 << order
        result = 0
        if m.thp_enabled[0] >> order & 1:
            occupied = 0
            marked = False
            for index in range(pte_index(pmd, addr + offset), pte_index(pmd, addr + offset) + nr):
                pte = m.pte[index]
                occupied += pte != 0 and not pte_zero(pte) if order == HPAGE_PMD_ORDER else pte_present(pte)
                marked = marked or pte == PTE_GUARD
            if occupied >= nr - collapse_max_ptes_none(m, order):
                result = collapse_order(m, mm, vma, addr + offset, order)
                collapsed |= result > 0
                if marked and order == HPAGE_PMD_ORDER:
                    return 0
        smaller = order > LOWEST_QUEUED_ORDER and m.thp_enabled[0] & ((1 << order) - 1)
        if smaller and result <= 0 and result != -EEXIST:
            order -= 1
        else:
            offset += nr
            order = LOWEST_QUEUED_ORDER
            while order < HPAGE_PMD_ORDER and offset & ((2 << order) - 1) == 0:
                order += 1
    return collapsed


def collapse_order(m: View, mm: int, vma: int, addr: int, order: int) -> int:
    """Put one new folio of an order in the place of what PTEs map; 1, or a negative error.

    Follows mm/khugepaged.c, collapse_huge_page(), v7.3: 90ed32d00054 ("mm/khugepaged: introduce mTHP collapse
    support").
    """
    if order == HPAGE_PMD_ORDER:
        return collapse_huge_page(m, mm, vma, addr, m.max_ptes_none[0], 1)
    nr = 1 << order
    folio = alloc_pages(m, order, m.vma_pgoff[vma] + addr - m.vma_start[vma])
    mem_cgroup_charge(m, folio, mm)
    slot = pmd_index(mm, addr)
    first = pte_index(m.pmd[slot], addr)
    for index in range(first, first + nr):
        pte = m.pte[index]
        if pte and not pte_zero(pte) and not pte_present(pte):
            fail(m, COLLAPSE_SWAPPED, addr)
            collapse_free(m, folio)
            return -EINVAL
    pmd_lock(m, slot)
    pmd = m.pmd[slot]
    store(m, PMD, slot, 0)
    pmd_unlock(m, slot)
    pte_lock(m, pmd)
    error = collapse_scan_ptes(m, pmd, addr, nr, collapse_max_ptes_none(m, order), 1)
    if error == 0:
        __collapse_huge_page_isolate(m, first, nr)
    pte_unlock(m, pmd)
    if error == 0:
        __collapse_huge_page_copy(m, mm, folio, pmd, first, nr)
    pmd_lock(m, slot)
    store(m, PMD, slot, pmd)
    if error == 0:
        page_ref_add(m, folio, nr - 1)
        folio_add_new_anon_rmap(m, folio, mm, 0)
        bits = PTE_PRESENT | collapse_write_bit(m, vma, PTE_WRITE)
        for i in range(nr):
            store(m, PTE, first + i, ((folio + i) << ENTRY_SHIFT) | bits)
    pmd_unlock(m, slot)
    if error:
        collapse_free(m, folio)
        return error
    return 1
