"""v6.9 and v6.10: breaking any one rule of their modules fails a vector."""

from __future__ import annotations

import pytest

from folioviz.kernels.since_v6_8 import (
    fork_batch,
    gather_runs,
    large_mapcount,
    migrate_freeze,
    migrate_split_first,
    mthp_stats,
    no_gather_runs,
    order_1,
    split_to_order,
    still_mapped,
    zap_batch,
)
from tests.mutations.breaking import Counted, Mutation, is_noticed

MUTATIONS = {
    "v6.9 fills a batch to its last slot": Mutation(
        gather_runs.__dict__["__tlb_remove_folio_pages"],
        "batch_max(batch) - 1",
        "batch_max(batch)",
        "g69/gather",
        "zap_front1_order3",
    ),
    "v6.9 gives every entry two slots": Mutation(
        gather_runs.__dict__["__tlb_remove_folio_pages"],
        "1 if nr_pages == 1 else 2",
        "2",
        "g69/gather",
        "s390_v3_bug_small",
    ),
    "v6.9 puts a run's references one by one": Mutation(
        gather_runs.folios_put_refs,
        "page_ref_sub_and_test(m, folio, refs)",
        "page_ref_sub_and_test(m, folio, 1)",
        "g69/gather",
        "zap_all_order1",
    ),
    "v6.9 takes a run across holes": Mutation(
        zap_batch.folio_pte_batch,
        "not pte_present(pte) or entry_page(pte) != page + i",
        "entry_page(pte) > page + i",
        "g69/gather",
        "dontneed_spans_vmas",
    ),
    "v6.9 takes a run across the end of the range": Mutation(
        zap_batch.folio_pte_batch,
        "nr = min(max_nr, to_folio_end)",
        "nr = to_folio_end",
        "g69/gather",
        "order1_partial_bug",
    ),
    "v6.9 zaps on when the gather is full": Mutation(
        zap_batch.zap_pte_range,
        "        if force_flush:\n            break\n",
        "",
        "g69/gather",
        "glimit0_unaligned",
    ),
    "v6.9 drops a run's references before its mappings": Mutation(
        zap_batch.zap_present_ptes,
        "    folio_remove_rmap_ptes(m, folio, page, nr, mm)\n    full = __tlb_remove_folio_pages(m, page, nr)\n",
        "    full = __tlb_remove_folio_pages(m, page, nr)\n    folio_remove_rmap_ptes(m, folio, page, nr, mm)\n",
        "g69/no_gather",
        "s390_v3_bug_small",
    ),
    "v6.9 takes a reference per page at fork": Mutation(
        fork_batch.copy_present_ptes,
        "page_ref_add(m, folio, nr)",
        "for i in range(nr):\n        page_ref_add(m, folio, 1)",
        "g69/gather",
        "fork_zap_child",
    ),
    "v6.9 passes order 2 over, too": Mutation(
        order_1.deferred_split_folio,
        "m.folio_order[folio] <= 1",
        "m.folio_order[folio] <= 2",
        "g69/gather",
        "zap_all_order2",
    ),
    "v6.9 on s390 drops one reference of a run": Mutation(
        no_gather_runs.__dict__["__tlb_remove_folio_pages"],
        "page_ref_sub_and_test(m, folio, nr_pages)",
        "page_ref_sub_and_test(m, folio, 1)",
        "g69/no_gather",
        "zap_all_order1",
    ),
    "v6.10 begins to count at 0": Mutation(
        large_mapcount.folio_set_large_mapcount, "mapcount - 1", "mapcount", "g610/gather", "zap_all_order1"
    ),
    "v6.9 splits to pages, whatever is asked for": Counted(
        split_to_order.__dict__["__split_huge_page"],
        "split_page_ids(m, folio, nr, order)",
        "split_page_ids(m, folio, nr, 0)",
        "v6.9",
        "mm; mmap 1 0 64; fault 1 0 4; split 1 2; dontneed 1 0 1",
        "qadd",
        1,
    ),
    "v6.10 counts a run as one mapping": Mutation(
        large_mapcount.folio_sub_large_mapcount, "-nr)", "-1)", "g610/gather", "zap_front_o4"
    ),
    "v6.10 queues what is fully unmapped": Mutation(
        still_mapped.__dict__["__folio_remove_rmap"],
        "if nr == 0 or m.folio_nr_pages_mapped[folio] == 0:",
        "if nr == 0:",
        "g610/gather",
        "s390_v3_bug_large_full",
    ),
    "v6.10 counts every order's events": Mutation(
        mthp_stats.count_mthp_event,
        "if order == HPAGE_PMD_ORDER:",
        "if order > 0:",
        "g610/gather",
        "zap_front_o4",
    ),
    "v6.10 splits a pinned folio": Mutation(
        mthp_stats.split_huge_page_to_list,
        "mapcount == 0 or extra != 0",
        "mapcount == 0 or extra > 1",
        "g610/gather",
        "split_mapped_pinned_EAGAIN",
    ),
    "v6.10 splits every folio before it migrates it": Mutation(
        migrate_split_first.migrate_folio,
        "list_empty(m, deferred_list(folio)) or ",
        "",
        "g610/gather",
        "x_114_migrate_healthy_then_shrink",
    ),
    "v6.10 moves a folio that somebody holds": Mutation(
        migrate_freeze.migrate_folio_move,
        "if not folio_ref_freeze(m, src, 1):",
        "if False:",
        "g610/gather",
        "x_114_migrate_pinned",
    ),
    "v6.10 keeps a split folio in the queue's length": Mutation(
        mthp_stats.split_unqueue,
        "        split_queue_len_add(m, -1)\n",
        "",
        "g610/gather",
        "x_114_split_healthy_mthp",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The vector agrees with the kernel, and not with the kernel that has this one rule changed."""
    is_noticed(MUTATIONS[name])
