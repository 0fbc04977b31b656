"""The series: breaking any one rule fails a vector that the kernel itself passes."""

from __future__ import annotations

import pytest

from folioviz.kernels import no_gather
from folioviz.kernels.series import batch_zap, batch_zap_v3, defer_any_order, remove_rmap_range
from folioviz.mm import huge_memory, memory, mmap, mmu_gather, mremap, page_alloc, rmap, swap
from tests.mutations.breaking import Constant, Mutation, is_noticed, linked_in

MUTATIONS = {
    "v6.5-rc3 queues order 8, too": Mutation(
        rmap.page_remove_rmap, ">= HPAGE_PMD_ORDER", ">= 8", "base/gather", "zap_front1_order8"
    ),
    "1/3 queues order 9 only": Mutation(
        defer_any_order.page_remove_rmap,
        "folio_test_large(m, folio) and (not",
        "m.folio_order[folio] >= 9 and (not",
        "p1/gather",
        "zap_front_o4",
    ),
    "2/3 queues what is fully unmapped": Mutation(
        remove_rmap_range.__dict__["__remove_rmap_finish"],
        "if nr_unmapped and nr_mapped:",
        "if nr_unmapped and folio_test_large(m, folio):",
        "v4/gather",
        "mixed_sizes",
    ),
    "2/3 spares the atomic if no page became unmapped": Mutation(
        remove_rmap_range.folio_remove_rmap_range,
        "if folio_test_large(m, folio):",
        "if folio_test_large(m, folio) and nr_unmapped:",
        "p12/gather",
        "fork_zap_child",
    ),
    "2/3 counts pages below a PMD as unmapped": Mutation(
        remove_rmap_range.folio_remove_rmap_range,
        "if nr_mapped >= COMPOUND_MAPPED:",
        "if nr_mapped < 0:",
        "p12/gather",
        "pmd_fork_double_map",
    ),
    "v4 does not hold the folio": Mutation(
        batch_zap.try_zap_anon_pte_range, "folio_get(m, folio)", "i = 0", "v4/no_gather", "zap_all_o4"
    ),
    "v4 batches across holes": Mutation(
        batch_zap.folio_nr_pages_cont_mapped,
        "not pte_present(pte) or entry_page(pte) != page + i",
        "entry_page(pte) > page + i",
        "v4/gather",
        "zap_every_other_o3",
    ),
    "v4 batches across the end of the range": Mutation(
        batch_zap.folio_nr_pages_cont_mapped,
        "nr = min(end - addr, to_folio_end)",
        "nr = to_folio_end",
        "v4/gather",
        "zap_front_o4",
    ),
    "v4 flushes only if the gather is full": Mutation(
        batch_zap.zap_pte_range,
        "if nr_pages < nr_pages_req:",
        "if nr_pages + 1 < nr_pages_req:",
        "v4/gather",
        "flush_count_o4x64",
    ),
    "v3 flushes only if the gather is full": Mutation(
        batch_zap_v3.zap_pte_range,
        "if nr_pages < nr_pages_req:",
        "if nr_pages + 1 < nr_pages_req:",
        "v3/gather",
        "small_folios",
    ),
    "v3 holds the folio, as v4": Mutation(
        batch_zap_v3.try_zap_anon_pte_range,
        "folio_remove_rmap_range(m, folio, page, i)",
        "folio_get(m, folio)\n    folio_remove_rmap_range(m, folio, page, i)\n    folio_put(m, folio)",
        "v3/gather",
        "zap_all_o4",
    ),
    "a batch of the gather holds 508 pages": Constant(
        "MAX_GATHER_BATCH", 508, "base/gather", "flush_count_o4x64"
    ),
    "a batch of the gather holds 511 pages": Constant(
        "MAX_GATHER_BATCH", 511, "base/gather", "flush_count_o9x4"
    ),
    "the local bundle holds 7 pages": Constant("MMU_GATHER_BUNDLE", 7, "base/gather", "zap_front1_order3"),
    "the gather has 18 batches": Constant(
        "MAX_GATHER_BATCH_COUNT", 18, "base/gather", "gather_overflow_real_o9"
    ),
    "the gather's limit is ignored": Mutation(
        mmu_gather.tlb_next_batch, " or active == m.tlb_limit[0]", "", "base/gather", "glimit0_o4"
    ),
    "every flush reaches the hardware": Mutation(
        mmu_gather.tlb_flush_mmu_tlbonly, "if m.tlb_cleared[0]:", "if True:", "base/gather", "empty_ops"
    ),
    "s390 tells that its gather is full": Mutation(
        no_gather.__dict__["__tlb_remove_page"], "return False", "return True", "base/no_gather", "zap_all_o4"
    ),
    "a PMD split makes no page exclusive": Mutation(
        huge_memory.__dict__["__split_huge_pmd"],
        "store(m, PAGE_ANON_EXCLUSIVE, folio + i, 1)",
        "pass",
        "base/gather",
        "pmd_split_pmd_then_zap_all",
    ),
    "a PMD split takes 512 references": Mutation(
        huge_memory.__dict__["__split_huge_pmd"],
        "page_ref_add(m, folio, HPAGE_PMD_NR - 1)",
        "page_ref_add(m, folio, HPAGE_PMD_NR)",
        "base/gather",
        "pmd_split_pmd_then_zap_all",
    ),
    "the queue's newest folio comes first": Mutation(
        huge_memory.deferred_split_folio,
        "list_add_tail",
        "list_add",
        "v4/gather",
        "queue_order_shrink_reverse",
    ),
    "the shrinker keeps the queue's order": Mutation(
        huge_memory.deferred_split_scan,
        "list_move(m, node, SCAN_LIST)",
        "list_move(m, node, m.list_prev[SCAN_LIST])",
        "v4/gather",
        "queue_order_shrink_reverse",
    ),
    "the shrinker never says that it is done": Mutation(
        huge_memory.deferred_split_scan, "return -1", "return 0", "v4/gather", "pmd_shrink_not_queued"
    ),
    "a split folio stays on the queue": Mutation(
        huge_memory.split_huge_page_to_list,
        "list_del_init(m, deferred_list(folio))",
        "pass",
        "v4/gather",
        "zap_front1_order4",
    ),
    "a freed folio stays on the queue": Mutation(
        huge_memory.free_transhuge_page,
        "if m.folio_order[folio] < 2 or list_empty(m, deferred_list(folio)):",
        "if True:",
        "v4/gather",
        "free_while_queued",
    ),
    "a pinned folio is split": Mutation(
        huge_memory.split_huge_page_to_list,
        "or extra != 0:",
        "or extra > 1:",
        "v4/gather",
        "pin_blocks_split",
    ),
    "fork leaves pages exclusive": Mutation(
        rmap.page_dup_anon_rmap, "store(m, PAGE_ANON_EXCLUSIVE, page, 0)", "pass", "base/gather", "cow_small"
    ),
    "fork leaves the parent's PTEs writable": Mutation(
        memory.copy_present_pte, "store(m, PTE, src, pte)", "pass", "base/gather", "cow_small"
    ),
    "a page below a PMD counts as newly mapped": Mutation(
        rmap.page_add_anon_rmap,
        "nr = int(atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, 1) < COMPOUND_MAPPED)",
        "atomic_add_return(m, FOLIO_NR_PAGES_MAPPED, folio, 1)",
        "base/gather",
        "pmd_split_pmd_then_zap_all",
    ),
    "a migrated page forgets that it was exclusive": Mutation(
        rmap.remove_migration_pte,
        "pte & (PTE_WRITE | PTE_MIGRATION_EXCLUSIVE)",
        "pte & PTE_WRITE & 0",
        "v4/gather",
        "zap_front1_order4",
    ),
    "copy-on-write reuses a shared page": Mutation(
        memory.do_wp_page,
        "m.folio_refcount[folio] == 1",
        "m.folio_refcount[folio] <= 2",
        "base/gather",
        "cow_small",
    ),
    "copy-on-write keeps the caller's reference": Mutation(
        memory.wp_page_copy,
        "folio_put(m, folio)\n    folio_put(m, folio)",
        "folio_put(m, folio)",
        "base/gather",
        "cow_small",
    ),
    "part of a huge page zaps all of it": Mutation(
        memory.zap_pmd_range,
        "if after - addr == HPAGE_PMD_NR:",
        "if True:",
        "base/gather",
        "pmd_zap_part_front",
    ),
    "page tables are kept": Mutation(
        memory.free_pgtables, "free_pte_range(m, mm * 512 + slot)", "pass", "base/gather", "grandchild"
    ),
    "exit takes a gather for the page tables alone": Mutation(
        mmap.exit_mmap,
        "remove_vmas(m, mm, 0, 512 * 512)",
        "remove_vmas(m, mm, 0, 512 * 512)\n        tlb_finish_mmu(m)\n        tlb_gather_mmu(m)",
        "base/gather",
        "exit_many_vmas",
    ),
    "madvise takes one gather for all VMAs": Mutation(
        mmap.madvise_dontneed,
        "        tlb_finish_mmu(m)\n",
        "        if m.vma_next[vma] < 0:\n            tlb_finish_mmu(m)\n",
        "base/gather",
        "dontneed_spans_vmas",
    ),
    "a VMA's new half forgets its page offset": Mutation(
        mmap.__dict__["__split_vma"],
        "m.vma_pgoff[vma] + addr - m.vma_start[vma]",
        "m.vma_pgoff[vma]",
        "v4/gather",
        "pmd_munmap_part",
    ),
    "mremap moves page by page": Mutation(
        mremap.move_page_tables,
        "if extent == HPAGE_PMD_NR and m.pmd[to] == 0:",
        "if False:",
        "base/gather",
        "mremap_pte_table_move",
    ),
    "a split gives its ids from the last page on": Mutation(
        page_alloc.split_page_ids,
        "range(folio + 1, folio + nr)",
        "range(folio + nr - 1, folio, -1)",
        "v4/gather",
        "zap_front1_order4",
    ),
    "a large folio is freed as a small one": Mutation(
        swap.__dict__["__folio_put"],
        "if folio_test_large(m, folio):",
        "if False:",
        "v4/gather",
        "free_while_queued",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The vector agrees with the kernel, and not with the kernel that has this one rule changed."""
    is_noticed(MUTATIONS[name])


def test_a_mutation_that_finds_nothing_to_break_fails():
    """If a function is rewritten, its mutation must be, too: it does not silently pass."""
    with pytest.raises(AssertionError, match=r"page_remove_rmap\(\) has changed: no single 'nr == 7'"):
        linked_in(Mutation(rmap.page_remove_rmap, "nr == 7", "nr == 8", "base/gather", "zap_all_o4"))
