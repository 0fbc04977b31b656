"""v6.12: breaking any one rule of its modules, or of what it is built on, fails a vector."""

from __future__ import annotations

import pytest

from folioviz.kernels import khugepaged
from folioviz.kernels.since_v6_8 import cow_small_only, migrate_freeze, mthp
from folioviz.kernels.since_v6_12 import (
    migrate_requeue,
    nr_pages_mapped_once,
    partially_mapped,
    underused,
    unqueue_deferred,
    zeropage_split,
)
from folioviz.mm import entries
from tests.mutations.breaking import Mutation, is_noticed

MUTATIONS = {
    "v6.12 copies from the zero page as from a folio": Mutation(
        cow_small_only.wp_page_copy,
        "        pte_unlock(m, pmd)\n        return\n    folio =",
        "        pte_unlock(m, pmd)\n    folio =",
        "g612/gather",
        "x_under_flagged_also_zero_maps",
    ),
    "v6.8 takes what is written for zeros": Mutation(
        mthp.handle_mm_fault,
        "store(m, PAGE_ZERO_FILLED, page, 0)",
        "pass",
        "g612/gather",
        "x_under_written_again",
    ),
    "v6.12 counts out a folio that it never counted in": Mutation(
        migrate_freeze.migrate_folio_move,
        "        if put_page_testzero(m, dst):\n            free_unref_page(m, dst)",
        "        folio_put(m, dst)",
        "g612/gather",
        "x_114_migrate_pinned",
    ),
    "zeros are written from a folio's first page on": Mutation(
        mthp.zero_pages,
        "range(folio + page, folio + page + nr)",
        "range(folio, folio + nr)",
        "g612/gather",
        "x_under_flagged_also_zero_maps",
    ),
    "v6.12 does not fork a zero PTE": Mutation(
        entries.copy_nonpresent_pte,
        "store(m, PTE, dst, pte)",
        "pass",
        "g612/gather",
        "x_under_split_zero_pte_blocks_fault",
    ),
    "v6.12 pays the atomic if no page became unmapped": Mutation(
        nr_pages_mapped_once.folio_remove_rmap_ptes,
        "if nr and atomic_add",
        "if atomic_add",
        "g612/gather",
        "fork_zap_child",
    ),
    "v6.12 pays the atomic if no page became mapped": Mutation(
        nr_pages_mapped_once.__dict__["__folio_add_rmap_ptes"],
        "if nr and atomic_add",
        "if atomic_add",
        "g612/gather",
        "x_114_migrate_forked",
    ),
    "v6.12 asks the queue about what is flagged": Mutation(
        partially_mapped.__dict__["__folio_remove_rmap"],
        "elif m.folio_partially_mapped[folio]:",
        "elif m.folio_partially_mapped[folio] > 1:",
        "g612/gather",
        "mremap_discontig_zap_all_of_one_range",
    ),
    "v6.12 asks only what is not linked, as v6.10": Mutation(
        partially_mapped.__dict__["__folio_remove_rmap"],
        "elif m.folio_partially_mapped[folio]:",
        "elif m.folio_order[folio] > 1 and not list_empty(m, deferred_list(folio)):",
        "g612/gather",
        "pmd_zap_part_front",
    ),
    "v6.12 does not flag what is linked": Mutation(
        partially_mapped.deferred_split_folio,
        "if partially_mapped and not m.folio_partially_mapped[folio]:",
        "if partially_mapped and not queued:",
        "g612/gather",
        "pmd_zap_part_front",
    ),
    "v6.12 leaves a split folio flagged": Mutation(
        partially_mapped.split_unqueue,
        "        folio_clear_partially_mapped(m, folio)\n",
        "",
        "g612/gather",
        "x_114_split_healthy_mthp",
    ),
    "v6.12 never counts a flagged folio out": Mutation(
        partially_mapped.folio_clear_partially_mapped,
        "-1)",
        "0)",
        "g612/gather",
        "x_e3_folio_cut_by_table_exit",
    ),
    "v6.12 never counts a freed folio out": Mutation(
        unqueue_deferred.__dict__["__folio_put"],
        "        folio_mod_nr_anon(m, folio, -1)\n",
        "",
        "g612/gather",
        "zap_all_order1",
    ),
    "v6.12 leaves a freed folio flagged": Mutation(
        unqueue_deferred.__dict__["__folio_unqueue_deferred_split"],
        "        folio_clear_partially_mapped(m, folio)\n",
        "",
        "g612/gather",
        "x_e3_folio_cut_by_table_exit",
    ),
    "v6.12 queues no folio at birth": Mutation(
        underused.do_huge_pmd_anonymous_page,
        "deferred_split_folio(m, folio, 0)",
        "pass",
        "g612/gather",
        "pmd_zap_whole",
    ),
    "v6.12 finds a folio underused one page early": Mutation(
        underused.thp_underused,
        "if zero > allowed:",
        "if zero >= allowed:",
        "g612/gather",
        "x_under_not_enough_zero",
    ),
    "v6.12 splits whatever is on the queue": Mutation(
        underused.shrink_one,
        "worth = flagged or thp_underused(m, folio)",
        "worth = m.folio_order[folio]",
        "g612/gather",
        "pmd_shrink_not_queued",
    ),
    "v6.12 keeps the queue's order as it scans": Mutation(
        underused.deferred_split_scan,
        "list_move(m, node, SCAN_LIST)",
        "list_move(m, node, m.list_prev[SCAN_LIST])",
        "g612/gather",
        "queue_order_shrink_reverse",
    ),
    "v6.12 counts flagged folios as underused": Mutation(
        underused.shrink_one, "if not flagged:", "if flagged:", "g612/gather", "x_114_remap_healthy_mthp"
    ),
    "v6.12 drops what cannot be split": Mutation(
        underused.shrink_one,
        "        return -1\n",
        "        return 0\n",
        "g612/gather",
        "pin_keeps_unmapped_queued",
    ),
    "v6.12 keeps zeros as pages of their own": Mutation(
        zeropage_split.remove_migration_pte,
        "if flags and m.page_zero_filled[dst]",
        "if flags > 1",
        "g612/gather",
        "x_under_flagged_also_zero_maps",
    ),
    "v6.12 counts the zero page as resident": Mutation(
        zeropage_split.remove_migration_pte,
        "        add_mm_counter(m, mm, -1)\n",
        "",
        "g612/gather",
        "x_under_flagged_also_zero_maps",
    ),
    "v6.12 splits what is linked before it migrates it": Mutation(
        migrate_requeue.migrate_folio,
        "not m.folio_partially_mapped[folio]",
        "list_empty(m, deferred_list(folio))",
        "g612/gather",
        "x_114_migrate_unflagged_pmdsplit",
    ),
    "v6.12 unflags a migrated folio": Mutation(
        migrate_requeue.migrate_folio_finish,
        "was & 2",
        "0",
        "g612/gather",
        "x_114_migrate_healthy_then_shrink",
    ),
    "v6.12 does not count a migrated folio in": Mutation(
        migrate_requeue.migrate_folio_unqueue,
        "folio_mod_nr_anon(m, dst, 1)",
        "folio_mod_nr_anon(m, dst, 0)",
        "g612/gather",
        "x_114_migrate_healthy_then_shrink",
    ),
    "max_ptes_none is one less": Mutation(
        khugepaged.max_ptes_none_store,
        "0, pages)",
        "0, max(pages - 1, 0))",
        "g612/gather",
        "x_under_not_enough_zero",
    ),
    "v6.12 keeps every page of a migrated folio": Mutation(
        migrate_freeze.migrate_folio_move,
        "m.page_zero_filled[src + i]",
        "1",
        "g612/gather",
        "x_114_migrate_healthy_then_shrink",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The vector agrees with the kernel, and not with the kernel that has this one rule changed."""
    is_noticed(MUTATIONS[name])
