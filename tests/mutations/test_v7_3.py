"""v7.3, with page mapcounts and without: breaking any one rule of its modules fails a vector."""

from __future__ import annotations

import pytest

from folioviz.kernels.since_v6_12 import (
    migrate_requeue_first,
    no_page_mapcount,
    owner_tracking,
    pt_reclaim,
    split_list_lru,
    split_unfreeze,
)
from tests.mutations.breaking import Counted, Mutation, is_noticed

MUTATIONS = {
    "v7.3 knows no second owner": Mutation(
        owner_tracking.folio_add_large_mapcount,
        "elif m.folio_mm_id_1[folio] == 0:",
        "elif False:",
        "g73/gather",
        "fork_zap_child",
    ),
    "v7.3 never sees that the first owner is alone": Mutation(
        owner_tracking.folio_sub_large_mapcount,
        "m.folio_mm_id_mapcount_0[folio] == total or ",
        "",
        "g73/gather",
        "fork_zap_child",
    ),
    "v7.3 never sees that the second owner is alone": Mutation(
        owner_tracking.folio_sub_large_mapcount,
        " or m.folio_mm_id_mapcount_1[folio] == total",
        "",
        "g73/gather",
        "fork_zap_parent_then_child",
    ),
    "v7.3 reuses the last mapping": Mutation(
        owner_tracking.wp_can_reuse_anon_folio,
        "mapcount <= 1",
        "mapcount < 1",
        "g73/gather",
        "cow_reuse_last_ref",
    ),
    "v7.3 reuses what is shared": Mutation(
        owner_tracking.wp_can_reuse_anon_folio,
        "if m.folio_mm_ids_shared[folio]:",
        "if m.folio_mm_ids_shared[folio] > 1:",
        "g73/gather",
        "x_order1_cow",
    ),
    "v7.3 reuses what is pinned": Mutation(
        owner_tracking.wp_can_reuse_anon_folio,
        "if mapcount != m.folio_refcount[folio]:",
        "if mapcount > m.folio_refcount[folio]:",
        "g73/gather",
        "x_cow_reuse_pinned",
    ),
    "v7.3 keeps the queue's order as it scans": Mutation(
        split_list_lru.deferred_split_isolate,
        "list_move(m, node, SCAN_LIST)",
        "list_move(m, node, m.list_prev[SCAN_LIST])",
        "g73/gather",
        "queue_order_shrink_reverse",
    ),
    "v7.3 says that it is done when the queue is empty": Mutation(
        split_list_lru.deferred_split_scan,
        "isolated == 0",
        "list_empty(m, SPLIT_QUEUE)",
        "g73/gather",
        "pmd_shrink_not_queued",
    ),
    "v7.3 puts what cannot be split back first": Mutation(
        split_list_lru.deferred_split_scan,
        "list_add_tail(m, node, folio_split_queue(m, folio))",
        "list_add(m, node, folio_split_queue(m, folio))",
        "g73/gather",
        "queue_rotation_nr1",
    ),
    "v7.3 unflags only what is linked": Mutation(
        split_list_lru.split_unqueue,
        "    folio_clear_partially_mapped(m, folio)\n",
        "    if not list_empty(m, deferred_list(folio)):\n        folio_clear_partially_mapped(m, folio)\n",
        "g73/gather",
        "x_114_split_healthy_mthp",
    ),
    "v7.3 takes an atomic to unfreeze a split's head": Mutation(
        split_unfreeze.__dict__["__split_huge_page"],
        "store(m, FOLIO_REFCOUNT, folio, 1)",
        "page_ref_add(m, folio, 1 - m.folio_refcount[folio])",
        "g73/gather",
        "x_114_split_healthy_mthp",
    ),
    "v7.3 frees page tables that it covers in part": Counted(
        pt_reclaim.zap_and_reclaim,
        "(addr + 511) >> 9",
        "addr >> 9",
        "v7.3",
        "mm; mmap 1 0 512; fault 1 0 0; dontneed 1 0 1; dontneed 1 1 511",
        "thw",
        0,
    ),
    "v7.3 frees no page table": Mutation(
        pt_reclaim.zap_and_reclaim,
        "free_pte_range(m, slot)",
        "pass",
        "g73/gather",
        "x_ptreclaim_glimit",
    ),
    "v7.3 takes a gather for each VMA": Mutation(
        pt_reclaim.madvise_dontneed,
        "        vma = m.vma_next[vma]\n",
        "        vma = m.vma_next[vma]\n        tlb_finish_mmu(m)\n        tlb_gather_mmu(m)\n",
        "g73/gather",
        "order1_full",
    ),
    "v7.3 does not queue a migrated folio": Mutation(
        migrate_requeue_first.migrate_folio_finish,
        "if was:",
        "if False:",
        "g73/gather",
        "x_114_migrate_healthy_then_shrink",
    ),
    "no_page_mapcount flags a folio that has as many mappings as pages": Mutation(
        no_page_mapcount.folio_remove_rmap_ptes,
        "mapcount < folio_nr_pages(m, folio)",
        "mapcount <= folio_nr_pages(m, folio)",
        "g73n/gather",
        "fork_zap_child",
    ),
    "no_page_mapcount flags below a PMD": Mutation(
        no_page_mapcount.folio_remove_rmap_ptes,
        " and m.folio_entire_mapcount[folio] < 0",
        "",
        "g73n/gather",
        "pmd_fork_double_map",
    ),
    "no_page_mapcount maps a folio page by page": Mutation(
        no_page_mapcount.__dict__["__folio_add_rmap_ptes"],
        "return int(folio_nr_pages(m, folio))",
        "return nr_pages",
        "g73n/gather",
        "x_114_remap_healthy_mthp",
    ),
    "no_page_mapcount flags with any PMD": Mutation(
        no_page_mapcount.folio_remove_rmap_pmd,
        "partially = last and ",
        "partially = ",
        "g73n/gather",
        "pmd_fork_zap_one_pmd",
    ),
    "no_page_mapcount unmaps a folio page by page": Mutation(
        no_page_mapcount.folio_unmapped,
        "if mapcount == 0 else 0",
        "if mapcount <= 1 else 0",
        "g73n/gather",
        "order1_partial_bug",
    ),
    "no_page_mapcount leaves shared pages exclusive": Mutation(
        no_page_mapcount.folio_try_dup_anon_rmap_ptes,
        "clear_page_anon_exclusive(m, i)",
        "pass",
        "g73n/gather",
        "fork_zap_child",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The vector agrees with the kernel, and not with the kernel that has this one rule changed."""
    is_noticed(MUTATIONS[name])
