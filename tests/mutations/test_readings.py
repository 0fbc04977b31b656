"""Rules about pages that no vector has: breaking any one of them fails a case of tests/kernels/readings.py."""

from __future__ import annotations

import inspect
import textwrap

import pytest

from folioviz.kernels import madvise
from folioviz.kernels.since_v6_8 import (
    estimated_sharers,
    fork_batch,
    likely_shared,
    madvise_batch,
    migrate_freeze,
    mthp,
    rmap_overhaul_huge,
    rmap_overhaul_migrate,
    zap_batch,
)
from folioviz.kernels.since_v6_12 import madvise_one_gather
from folioviz.kernels.v6_1 import madvise_page
from folioviz.mm import headers
from tests.kernels.cases import differences, done
from tests.kernels.readings import OF_PAGES
from tests.mutations.breaking import Mutation, linked_in

WALK = inspect.getsource(rmap_overhaul_migrate.remove_migration_ptes).rpartition('"""')[2]
PAGE_BY_PAGE = textwrap.indent(
    WALK.replace("range(start, end)", "range(max(start, first + only), min(end, first + only + 1))"), "    "
)
MUTATIONS = {
    "a write fills the whole folio": Mutation(
        mthp.folio_zero_user,
        "PAGE_ZERO_FILLED, page, 1",
        "PAGE_ZERO_FILLED, page, 0",
        "v7.3",
        "a page that was not written goes at a split",
    ),
    "a write fills the whole huge page": Mutation(
        mthp.__dict__["__handle_mm_fault"],
        "            folio_zero_user(m, entry_page(pmd))\n",
        "            pass\n",
        "v6.12",
        "a huge page that a write brought is empty but for one page",
    ),
    "a hole is not told of": Mutation(
        madvise.madvise_walk_vmas,
        "hole = start\n            start",
        "start",
        "v6.12",
        "advice goes on behind a hole, and the hole is the result",
    ),
    "a hole at the end is not told of": Mutation(
        madvise.madvise_walk_vmas,
        "    if start < end:\n        hole = start\n",
        "",
        "v6.1",
        "advice that ends in a hole has an error, too",
    ),
    "a shared folio is passed over before v6.10": Mutation(
        madvise.madvise_pte_range,
        "                more = False\n"
        "                if not madvise_shared(m, folio, page, int(advice == ADVICE_FREE), 0)",
        "                if madvise_shared(m, folio, page, int(advice == ADVICE_FREE), 0):\n"
        "                    addr += folio_nr_pages(m, folio)\n"
        "                elif True",
        "v6.9",
        "free: before v6.10 a shared folio ends the visit",
    ),
    "a PMD's folio is split though others map it": Mutation(
        madvise.madvise_huge_pmd,
        "or madvise_shared(m, folio, folio, int(advice == ADVICE_FREE), 1):",
        "or advice < 0:",
        "v7.3",
        "a shared one is not",
    ),
    "MADV_FREE leaves a PMD dirty": Mutation(
        madvise.madvise_huge_pmd,
        "bits |= ENTRY_CLEAN",
        "pass",
        "v6.9",
        "v6.9 splits what PTEs map, so that a PMD has to be advised",
    ),
    "a PMD changes without a flush": Mutation(
        madvise.madvise_huge_pmd, "tlb_remove_tlb_entry(m)", "pass", "v6.1", "its PMD needs one flush"
    ),
    "PG_dirty does not matter": Mutation(
        madvise.madvise_ptes,
        "(dirty or not free)",
        "not free",
        "v6.12",
        "MADV_FREE lets a shared folio be that is PG_dirty",
    ),
    "MADV_COLD ages what others map": Mutation(
        madvise.madvise_ptes,
        "(dirty or not free)",
        "dirty",
        "v6.1",
        "MADV_COLD lets small pages be that others map",
    ),
    "MADV_FREE leaves PTEs dirty": Mutation(
        madvise.madvise_ptes,
        "bits = ENTRY_OLD | ENTRY_CLEAN if free else ENTRY_OLD",
        "bits = ENTRY_OLD",
        "v6.10",
        "a run of fork ends where the dirty bit changes",
    ),
    "MADV_FREE leaves a folio PG_dirty": Mutation(
        madvise.madvise_ptes,
        "store(m, FOLIO_FLAGS, folio, PG_LAZYFREE)",
        "pass",
        "v6.8",
        "MADV_FREE makes them clean",
    ),
    "every PTE that is advised is flushed": Mutation(
        madvise.madvise_ptes,
        "if pte & bits != bits:",
        "if pte:",
        "v7.3",
        "what was advised before needs no flush",
    ),
    "v6.8 takes no mapping for none": Mutation(
        estimated_sharers.madvise_shared,
        "!= 1",
        "> 1",
        "v6.8",
        "v6.8 takes a folio whose first page nobody maps for shared",
    ),
    "v6.9 takes no mapping for many": Mutation(
        likely_shared.folio_likely_mapped_shared, "> 1", "!= 1", "v6.9", "v6.9 does not"
    ),
    "v6.9 does not ask for the PMD": Mutation(
        likely_shared.folio_likely_mapped_shared,
        "m.folio_entire_mapcount[folio] + m.page_mapcount[folio] + 2",
        "m.page_mapcount[folio] + 1",
        "v6.9",
        "a shared one is not",
    ),
    "v6.9 does not ask for the first page": Mutation(
        likely_shared.folio_likely_mapped_shared,
        "m.folio_entire_mapcount[folio] + m.page_mapcount[folio] + 2",
        "m.folio_entire_mapcount[folio] + 1",
        "v6.9",
        "free: before v6.10 a shared folio ends the visit",
    ),
    "v6.8 does not ask for the PMD": Mutation(
        estimated_sharers.madvise_shared,
        "m.folio_entire_mapcount[folio] + m.page_mapcount[folio] + 2",
        "m.page_mapcount[folio] + 1",
        "v6.8",
        "its PMD needs one flush",
    ),
    "v6.8 does not ask for the first page": Mutation(
        estimated_sharers.madvise_shared,
        "m.folio_entire_mapcount[folio] + m.page_mapcount[folio] + 2",
        "m.folio_entire_mapcount[folio] + 1",
        "v6.8",
        "before v6.10 a folio that cannot be split ends the visit",
    ),
    "v6.9 does not ask who maps a folio": Mutation(
        likely_shared.madvise_shared,
        "return folio_likely_mapped_shared(m, folio)",
        "return False",
        "v6.9",
        "cold: before v6.10 a shared folio ends the visit",
    ),
    "v6.10 leaves what it split unadvised": Mutation(
        madvise_batch.madvise_pte_range,
        "nr = 0 if split_huge_page_to_list(m, folio, 0) == 0 else nr",
        "split_huge_page_to_list(m, folio, 0)",
        "v6.10",
        "so it is if PTEs mapped it",
    ),
    "v6.10 tries a folio again that cannot be split": Mutation(
        madvise_batch.madvise_pte_range,
        "== 0 else nr",
        "== 0 else 1",
        "v7.3",
        "from v6.10 on it is passed over as a whole",
    ),
    "v7.3 takes a gather for each VMA": Mutation(
        madvise_one_gather.madvise_single_vma,
        "if advice == ADVICE_FREE:",
        "if advice < 0:",
        "v7.3",
        "v7.3: MADV_FREE has one gather for all VMAs",
    ),
    "v7.3 takes one gather for MADV_COLD": Mutation(
        madvise_one_gather.madvise_single_vma,
        "if advice == ADVICE_FREE:",
        "if advice == ADVICE_FREE or mm == 0:",
        "v7.3",
        "v7.3: MADV_COLD still has one for each",
    ),
    "a write leaves the PTE clean": Mutation(
        mthp.handle_mm_fault,
        "page = write_by_pte(m, pte_index(pmd, addr))",
        "page = entry_page(m.pte[pte_index(pmd, addr)])",
        "v6.12",
        "a run of fork ends where the dirty bit changes",
    ),
    "a run does not end at a dirty bit": Mutation(
        zap_batch.folio_pte_batch,
        "if (pte ^ m.pte[index]) & respect:",
        "if respect > ENTRY_CLEAN:",
        "v7.3",
        "a run of fork ends where the dirty bit changes",
    ),
    "zap respects dirty bits, too": Mutation(
        zap_batch.folio_pte_batch,
        "& respect:",
        "& ENTRY_CLEAN:",
        "v6.12",
        "zap takes such runs together",
    ),
    "a child has accessed its PTEs": Mutation(
        fork_batch.copy_present_ptes,
        "pte_mkold(m, pte)",
        "pte",
        "v6.9",
        "a child has not accessed anything, and what is shared is not aged",
    ),
    "migration forgets the bits": Mutation(
        rmap_overhaul_migrate.try_to_migrate_one,
        "(pte & (PTE_WRITE | ENTRY_OLD | ENTRY_CLEAN))",
        "(pte & PTE_WRITE)",
        "v6.10",
        "a migration keeps the bits",
    ),
    "what was mapped dirty is not PG_dirty": Mutation(
        rmap_overhaul_migrate.try_to_migrate_one,
        "folio_mark_dirty(m, folio)",
        "pass",
        "v6.8",
        "pages that were a folio are PG_dirty",
    ),
    "a split PMD leaves its folio clean": Mutation(
        rmap_overhaul_huge.__dict__["__split_huge_pmd"],
        "folio_mark_dirty(m, folio)",
        "pass",
        "v7.3",
        "MADV_FREE lets a shared folio be that is PG_dirty",
    ),
    "a migrated folio has no flags": Mutation(
        migrate_freeze.migrate_folio_move,
        "copy_folio_flags(m, src, dst)",
        "pass",
        "v7.3",
        "what a migration brings is PG_dirty",
    ),
    "a size is taken over what is there": Mutation(
        headers.thp_vma_suitable_order,
        "pte_range_none(m, pte_index(pmd, start), nr)",
        "True",
        "v6.12",
        "a size is taken where its whole block is empty",
    ),
    "a size leaves its VMA": Mutation(
        headers.thp_vma_suitable_order,
        "start < m.vma_start[vma] or ",
        "",
        "v7.3",
        "a size is taken where its whole block is in the VMA",
    ),
    "v6.1 as released looks at the first page": Mutation(
        madvise_page.madvise_shared,
        "page_mapcount(m, page)",
        "page_mapcount(m, folio)",
        "v6.1.0",
        "v6.1 as released: at the page itself",
    ),
    "a migrated folio is mapped page by page": Mutation(
        rmap_overhaul_migrate.remove_migration_ptes,
        WALK,
        f"\n    for only in range(folio_nr_pages(m, dst)):{PAGE_BY_PAGE}",
        "v7.3",
        "a folio is mapped again VMA by VMA, not page by page",
    ),
    "what is mapped page by page is reused": Mutation(
        rmap_overhaul_migrate.remove_migration_ptes,
        WALK,
        f"\n    for only in range(folio_nr_pages(m, dst)):{PAGE_BY_PAGE}",
        "v7.3",
        "who is mapped last is not known to be alone",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_PAGES[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
