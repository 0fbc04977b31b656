"""Rules of reads and zero pages: breaking any one of them fails a case of tests/kernels/readings_of_reads.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import huge_zero, mlock, mprotect
from folioviz.kernels.since_v6_8 import cow_small_only, rmap_overhaul_migrate
from folioviz.kernels.since_v6_12 import huge_zero_write, mprotect_batch
from folioviz.machine import concurrency
from folioviz.mm import entries, huge_memory, khugepaged, memory, split_request, zero_pages
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_reads import OF_READS
from tests.mutations.breaking import Mutation, linked_in

MUTATIONS = {
    "a read maps nothing": Mutation(
        zero_pages.do_anonymous_zero_page,
        "store(m, PTE, index, PTE_ZERO)",
        "pass",
        "v6.5-rc3",
        "a read maps the zero page, which is no resident page",
    ),
    "a read leaves what is mapped as it was": Mutation(
        concurrency.read_by_pte,
        "store(m, PTE, index, pte & ~ENTRY_OLD)",
        "pass",
        "v6.12",
        "a read makes accessed what is mapped, and leaves the rest of its marks",
    ),
    "a write to the zero page is not counted": Mutation(
        memory.wp_page_copy,
        "        add_mm_counter(m, mm, 1)\n",
        "",
        "v6.5-rc3",
        "a write to the zero page takes a page",
    ),
    "a first write leaves a VMA without an anon_vma": Mutation(
        memory.wp_page_copy,
        "store(m, VMA_ANON, vma, 1)",
        "pass",
        "v6.5-rc3",
        "fork copies zero pages where a page was written",
    ),
    "v6.8 gives no anon_vma at a first write": Mutation(
        cow_small_only.wp_page_copy,
        "__anon_vma_prepare(m, mm, vma)",
        "pass",
        "v6.8",
        "fork copies zero pages where a page was written",
    ),
    "fork forgets zero pages": Mutation(
        entries.copy_nonpresent_pte,
        "store(m, PTE, dst, pte)",
        "pass",
        "v6.1",
        "fork copies zero pages where a page was written",
    ),
    "a zap leaves zero pages": Mutation(
        entries.zap_zero_page,
        "store(m, PTE, index, 0)",
        "pass",
        "v6.1",
        "zero pages are zapped, and their table is freed with the VMA",
    ),
    "the huge zero page needs no whole range": Mutation(
        huge_zero.do_huge_pmd_zero_page,
        "thp_vma_suitable_order(m, mm, addr, HPAGE_PMD_ORDER)",
        "m.thp_enabled[0]",
        "v6.8",
        "a range that its VMA does not cover gets small ones",
    ),
    "the huge zero page brings no anon_vma": Mutation(
        huge_zero.do_huge_pmd_zero_page,
        "__anon_vma_prepare(m, mm, vma)",
        "pass",
        "v6.1",
        "with order 9 it has one",
    ),
    "a split of the huge zero page leaves nothing": Mutation(
        zero_pages.__split_huge_zero_page_pmd,
        "store(m, PTE, index, PTE_ZERO)",
        "pass",
        "v6.10",
        "an empty 2 MiB range gets the huge zero page",
    ),
    "v6.1 forks no huge zero page": Mutation(
        huge_memory.copy_huge_pmd,
        "store(m, PMD, to, pmd)",
        "pass",
        "v6.1",
        "with order 9 it has one",
    ),
    "v7.3 queues no huge page that replaces zeros": Mutation(
        huge_zero_write.do_huge_zero_wp_pmd,
        "deferred_split_folio(m, folio, 0)",
        "pass",
        "v7.3",
        "v7.3 takes a huge page for it, and queues it",
    ),
    "a read goes on behind what may not be read": Mutation(
        zero_pages.read_pages,
        "return -EFAULT",
        "end = addr",
        "v6.5-rc3",
        "a read ends at the first page that may not be read",
    ),
    "PROT_NONE may be read": Mutation(
        zero_pages.read_pages,
        "not vma_is_accessible(m, vma)",
        "False",
        "v6.1",
        "be it PROT_NONE; what is read-only is read",
    ),
    "a marker is read": Mutation(
        zero_pages.read_pages,
        "guarded(m, mm, addr)",
        "False",
        "v7.3",
        "or a guard marker, and markers take the place of zero pages",
    ),
    "what is swapped out is left there": Mutation(
        zero_pages.read_fault,
        "do_swap_page(m, mm, addr, 0)",
        "pass",
        "v6.12",
        "a read brings back what is swapped out, and a zero page stays where it is",
    ),
    "mlock writes to what is read-only": Mutation(
        mlock.populate_vma_page_range,
        "m.vma_readonly[find_vma(m, mm, start)]",
        "0",
        "v6.8",
        "mlock reads what is read-only",
    ),
    "mlock reads what is there": Mutation(
        mlock.populate_vma_page_range,
        "readonly and (pte == 0 or pte_swap(pte))",
        "readonly",
        "v6.10",
        "and marks nothing as accessed that is there",
    ),
    "what mlock takes for zero pages is written": Mutation(
        mlock.faultin_page,
        "pte == 0 or pte_zero(pte)",
        "pte == 0",
        "v6.12",
        "mlock takes pages of zeros for zero pages",
    ),
    "PROT_NONE forgets to flush zero pages": Mutation(
        mprotect.change_pte_range,
        "flushes == 2 and pte_zero",
        "False and pte_zero",
        "v6.8",
        "PROT_NONE flushes a range of zero pages",
    ),
    "v7.3 forgets it, too": Mutation(
        mprotect_batch.change_pte_range,
        "flushes == 2 and pte_zero",
        "False and pte_zero",
        "v7.3",
        "PROT_NONE flushes a range of zero pages",
    ),
    "any change flushes them": Mutation(
        mprotect.change_pte_range,
        "flushes == 2 and pte_zero",
        "pte_zero",
        "v6.9",
        "read-only flushes none",
    ),
    "khugepaged counts zero pages as pages": Mutation(
        khugepaged.collapse_scan_ptes,
        "if pte == 0 or pte_zero(pte):",
        "if pte_zero(pte):\n            continue\n        if pte == 0:",
        "v6.12",
        "khugepaged counts zero pages as none: too many",
    ),
    "a collapse adds no resident page for a zero page": Mutation(
        khugepaged.__dict__["__collapse_huge_page_copy"],
        "            none += 1\n",
        "            none += pte == 0\n",
        "v6.1",
        "or few enough",
    ),
    "the huge zero page is the first page to a migration": Mutation(
        rmap_overhaul_migrate.try_to_migrate_one,
        "elif pmd and pmd_page(pmd) == folio",
        "elif pmd and entry_page(pmd) == folio",
        "v6.12",
        "no folio is behind it for a migration",
    ),
    "v7.3 forgets what a huge page takes": Mutation(
        huge_zero_write.do_huge_zero_wp_pmd,
        "add_mm_counter(m, mm, HPAGE_PMD_NR)",
        "pass",
        "v7.3",
        "a child that writes leaves its parent's zero page",
    ),
    "a split on request does nothing": Mutation(
        split_request.split_folio,
        "split_huge_page_to_list(m, folio, order)",
        "0",
        "v6.1",
        "it is split where a range ends, and stays where a split of a folio looks",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_READS[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
