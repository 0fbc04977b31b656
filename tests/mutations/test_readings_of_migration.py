"""Rules of migration by PMD: breaking any one of them fails a case of tests/kernels/readings_of_migration.py."""

from __future__ import annotations

import pytest

from folioviz.kernels.since_v6_8 import migrate_pmd, rmap_overhaul_migrate
from folioviz.kernels.since_v6_12 import migrate_requeue
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_migration import OF_MIGRATION
from tests.mutations.breaking import Mutation, linked_in

WHOLE = "a huge page moves whole, and a PMD maps it again"
MUTATIONS = {
    "a migration splits the PMD": Mutation(
        rmap_overhaul_migrate.try_to_migrate_one,
        "== folio and flags & TTU_SPLIT_HUGE_PMD",
        "== folio",
        "v7.3",
        WHOLE,
    ),
    "the entry stays": Mutation(
        rmap_overhaul_migrate.remove_migration_ptes,
        "pmd & PMD_MIGRATION and entry_page(pmd) == src",
        "pmd & PMD_MIGRATION and entry_page(pmd) == dst",
        "v6.8",
        WHOLE,
    ),
    "what is shared comes back exclusive": Mutation(
        migrate_pmd.remove_migration_pmd,
        "int(entry & (PMD_WRITE | PMD_MIGRATION_EXCLUSIVE) != 0)",
        "1",
        "v6.10",
        "what two processes share stays shared: a write splits the PMD and copies",
    ),
    "what was exclusive is forgotten": Mutation(
        migrate_pmd.set_pmd_migration_entry,
        "entry |= PMD_MIGRATION_EXCLUSIVE",
        "pass",
        "v7.3",
        "what was exclusive and is read-only stays exclusive",
    ),
    "what may be written is forgotten": Mutation(
        migrate_pmd.set_pmd_migration_entry,
        "pmd & (PMD_WRITE | ENTRY_OLD | ENTRY_CLEAN)",
        "pmd & (ENTRY_OLD | ENTRY_CLEAN)",
        "v6.8",
        WHOLE,
    ),
    "what is clean is forgotten": Mutation(
        migrate_pmd.set_pmd_migration_entry,
        "pmd & (PMD_WRITE | ENTRY_OLD | ENTRY_CLEAN)",
        "pmd & (PMD_WRITE | ENTRY_OLD)",
        "v6.12",
        "what MADV_FREE gave up moves as that: reclaim drops it",
    ),
    "the old PMD keeps its reference": Mutation(
        migrate_pmd.set_pmd_migration_entry, "folio_put(m, folio)", "pass", "v6.9", WHOLE
    ),
    "a single page is one folio more": Mutation(
        migrate_requeue.migrate_folio_unqueue,
        "if folio_test_large(m, dst):",
        "if dst >= 0:",
        "v6.12",
        "a single page is not counted among folios",
    ),
    "no reference for the new PMD": Mutation(
        migrate_pmd.remove_migration_pmd, "page_ref_add(m, dst, 1)", "pass", "v6.8", WHOLE
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_MIGRATION[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
