"""v6.8: breaking any one rule of its modules fails a vector."""

from __future__ import annotations

import pytest

from folioviz.kernels import vma
from folioviz.kernels.since_v6_8 import (
    cow_small_only,
    gather_slots,
    migrate,
    mremap_realign,
    mthp,
    rmap_overhaul,
    rmap_overhaul_huge,
    rmap_overhaul_memory,
    rmap_overhaul_migrate,
    undo_large_rmappable,
)
from tests.mutations.breaking import Mutation, is_noticed

MUTATIONS = {
    "v6.8 leaves a freed folio on the queue": Mutation(
        undo_large_rmappable.folio_undo_large_rmappable,
        "        list_del_init(m, deferred_list(folio))\n",
        "",
        "g68/gather",
        "s390_v3_bug_large_full",
    ),
    "v6.8 reuses a small page that two processes share": Mutation(
        cow_small_only.wp_can_reuse_anon_folio,
        "m.folio_refcount[folio] == 1",
        "m.folio_refcount[folio] <= 2",
        "g68/gather",
        "cow_small",
    ),
    "v6.8 reuses a large folio with one reference": Mutation(
        cow_small_only.wp_can_reuse_anon_folio,
        "if folio_test_large(m, folio):",
        "if m.folio_refcount[folio] > 1 and folio_test_large(m, folio):",
        "g68/gather",
        "cow_reuse_last_ref",
    ),
    "v6.8 never moves mremap() down to the border": Mutation(
        mremap_realign.try_realign_addr, "return offset", "return 0", "g68/gather", "x_mremap_realign"
    ),
    "v6.8 moves mremap() down over another VMA": Mutation(
        mremap_realign.can_align_down, "addr & ~511", "addr", "g68/gather", "x_mremap_realign_blocked"
    ),
    "v6.8 counts two slots per page": Mutation(
        gather_slots.__dict__["__tlb_remove_page"],
        "count(m, TSLOT, 1)",
        "count(m, TSLOT, 2)",
        "g68/gather",
        "s390_v3_bug_small",
    ),
    "v6.8 asks for the queue only at PTEs": Mutation(
        rmap_overhaul.__dict__["__folio_remove_rmap"],
        "nr != nr_pmdmapped",
        "nr_pmdmapped == 0",
        "g68/gather",
        "pmd_fork_double_map_child_pmd_last",
    ),
    "v6.8 maps nothing exclusively in a range": Mutation(
        rmap_overhaul.folio_add_anon_rmap_ptes,
        "if exclusive:",
        "if exclusive and nr_pages == 1:",
        "g68/gather",
        "pmd_split_pmd_then_zap_all",
    ),
    "v6.8 counts a page below a PMD as newly mapped": Mutation(
        rmap_overhaul.__dict__["__folio_add_rmap_ptes"],
        "FOLIO_NR_PAGES_MAPPED, folio, 1) < COMPOUND_MAPPED",
        "FOLIO_NR_PAGES_MAPPED, folio, 1) > 0",
        "g68/gather",
        "pmd_split_pmd_then_zap_all",
    ),
    "v6.8 leaves shared pages exclusive": Mutation(
        rmap_overhaul.folio_try_dup_anon_rmap_ptes,
        "clear_page_anon_exclusive(m, i)",
        "pass",
        "g68/gather",
        "fork_zap_child",
    ),
    "v6.8 takes 512 references for a PMD split": Mutation(
        rmap_overhaul_huge.__dict__["__split_huge_pmd"],
        "HPAGE_PMD_NR - 1",
        "HPAGE_PMD_NR",
        "g68/gather",
        "pmd_split_pmd_then_zap_all",
    ),
    "v6.8 reuses a huge page that two processes share": Mutation(
        rmap_overhaul_huge.do_huge_pmd_wp_page,
        "m.folio_refcount[folio] == 1",
        "m.folio_refcount[folio] <= 2",
        "g68/gather",
        "pmd_write_fork_cow",
    ),
    "v6.8 gives a split folio's head its reference for free": Mutation(
        rmap_overhaul_huge.__dict__["__split_huge_page"],
        "page_ref_inc(m, folio)",
        "store(m, FOLIO_REFCOUNT, folio, 1)",
        "g68/gather",
        "x_114_split_healthy_mthp",
    ),
    "v6.8 zaps on when the gather is full": Mutation(
        rmap_overhaul_memory.zap_pte_range, "            break\n", "", "g68/gather", "glimit0_o4"
    ),
    "v6.8 leaves the parent's PTEs writable": Mutation(
        rmap_overhaul_memory.copy_present_pte,
        "store(m, PTE, src, pte)",
        "pass",
        "g68/gather",
        "fork_zap_child",
    ),
    "v6.8 forgets in a migration entry what was exclusive": Mutation(
        rmap_overhaul_migrate.try_to_migrate_one,
        "entry |= PTE_MIGRATION_EXCLUSIVE",
        "entry &= ~PTE_WRITE",
        "g68/gather",
        "x_114_split_healthy_mthp",
    ),
    "v6.8 maps what was shared exclusively": Mutation(
        rmap_overhaul_migrate.remove_migration_pte,
        "(PTE_WRITE | PTE_MIGRATION_EXCLUSIVE)",
        "PTE_MIGRATION",
        "g68/gather",
        "pte_explicit_split_forked",
    ),
    "v6.8 takes one reference per PTE at a fault": Mutation(
        mthp.do_anonymous_page,
        "page_ref_add(m, folio, nr - 1)",
        "i = 1\n    while i < nr:\n        page_ref_add(m, folio, 1)\n        i += 1",
        "g68/gather",
        "s390_v3_bug_small",
    ),
    "v6.8 migrates a pinned folio": Mutation(
        migrate.migrate_folio_move,
        "m.folio_refcount[src] != 1",
        "m.folio_refcount[src] > 2",
        "g68/gather",
        "x_114_migrate_pinned",
    ),
    "v6.8 forgets the page offset of a VMA's new half": Mutation(
        vma.__dict__["__split_vma"],
        "m.vma_pgoff[vma] + addr - m.vma_start[vma]",
        "m.vma_pgoff[vma]",
        "g68/gather",
        "pmd_munmap_part",
    ),
    "v6.8 forgets the page offset of a moved VMA": Mutation(
        vma.move_vma,
        "m.vma_pgoff[vma] + old - m.vma_start[vma]",
        "new",
        "g68/gather",
        "mremap_partial_then_split",
    ),
    "v6.8 shares no page of a VMA at fork": Mutation(
        vma.dup_mmap,
        "            copy_page_range(m, mm, child, start, end)",
        "            pass",
        "g68/gather",
        "fork_zap_child",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The vector agrees with the kernel, and not with the kernel that has this one rule changed."""
    is_noticed(MUTATIONS[name])
