"""Rules of UFFDIO_MOVE: breaking any one of them fails a case of tests/kernels/readings_of_uffdmove.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import move_shared, userfaultfd
from folioviz.kernels.since_v6_8 import move_zeropage
from folioviz.kernels.since_v6_12 import move_batch
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_uffdmove import OF_UFFDMOVE
from tests.mutations.breaking import Mutation, linked_in

MUTATIONS = {
    "a part of a move is the whole of it": Mutation(
        userfaultfd.userfaultfd_move,
        "moved == nr",
        "moved > 0",
        "v6.8",
        "it stops at what is there, and what comes before it is moved",
    ),
    "a VMA stays registered": Mutation(
        userfaultfd.userfaultfd_move,
        "dst + nr, 0)",
        "dst + nr, VM_UFFD_MISSING)",
        "v7.3",
        "v6.16 joins it",
    ),
    "nothing is registered": Mutation(
        userfaultfd.userfaultfd_move,
        "    userfaultfd_set_ctx(m, mm, dst, dst + nr, VM_UFFD_MISSING)\n",
        "",
        "v6.12",
        "only what was registered has an anon_vma",
    ),
    "a flag stays": Mutation(
        userfaultfd.userfaultfd_set_ctx,
        "m.vma_flags[vma] & ~VM_UFFD_MISSING",
        "m.vma_flags[vma]",
        "v7.3",
        "v6.16 joins it",
    ),
    "the VMA has no anon_vma": Mutation(
        userfaultfd.move_pages,
        "if not m.vma_anon[vma]",
        "if m.vma_anon[vma]",
        "v6.9",
        "it is writable there, and a walk of the rmap finds it",
    ),
    "a huge page is moved onto": Mutation(
        userfaultfd.move_pages,
        "pmd_trans_huge(m.pmd[to])",
        "pmd_trans_huge(0)",
        "v6.8",
        "a huge page there is in the way, also of a hole",
    ),
    "a page table is moved onto": Mutation(
        userfaultfd.move_pages,
        "nr - moved) or m.pmd[to]",
        "nr - moved)",
        "v6.10",
        "and one for which a page table is there",
    ),
    "a hole takes no page table": Mutation(
        userfaultfd.move_pages,
        "            pte_alloc(m, mm, src + moved)\n",
        "",
        "v6.12",
        "holes move along, and an empty range takes two page tables",
    ),
    "any destination will do for a huge page": Mutation(
        userfaultfd.move_splits_huge_pmd,
        "(src | dst)",
        "src",
        "v6.8",
        "a huge page that moves to where no huge page can be is split",
    ),
    "any source will": Mutation(
        userfaultfd.move_splits_huge_pmd,
        "(src | dst)",
        "dst",
        "v6.8",
        "and so is one that begins elsewhere in its table",
    ),
    "a part of a huge page moves with all of it": Mutation(
        userfaultfd.move_splits_huge_pmd,
        "or nr < HPAGE_PMD_NR",
        "",
        "v7.3",
        "and one of which a part moves",
    ),
    "a shared huge page is split": Mutation(
        userfaultfd.split_to_move,
        "busy = shared_pmd(m, mm, src)",
        "busy = 0",
        "v6.12",
        "also if a part of it should move",
    ),
    "a shared huge page moves": Mutation(
        move_shared.shared_pmd,
        "if page >= 0 and m.page_anon_exclusive[page]",
        "if page >= 0",
        "v6.8",
        "and a shared huge page under its PMD",
    ),
    "a pinned huge page moves": Mutation(
        userfaultfd.move_pages_huge_pmd,
        "pinned = folio_maybe_dma_pinned(m, folio)",
        "pinned = 0",
        "v6.8",
        "a pinned huge page stays",
    ),
    "a huge page is read-only there": Mutation(
        userfaultfd.move_pages_huge_pmd,
        "PMD_HUGE | PMD_WRITE",
        "PMD_HUGE",
        "v6.12",
        "it is writable there, and a walk of the rmap finds it",
    ),
    "a huge page keeps its index": Mutation(
        userfaultfd.move_pages_huge_pmd,
        "        store(m, FOLIO_INDEX, folio, linear_page_index(m, mm, dst))\n",
        "",
        "v6.12",
        "it is writable there, and a walk of the rmap finds it",
    ),
    "the page offset of a VMA is its address": Mutation(
        userfaultfd.linear_page_index,
        "addr - m.vma_start[vma]",
        "addr",
        "v7.3",
        "it is writable there, and a walk of the rmap finds it",
    ),
    "a page is moved onto": Mutation(
        userfaultfd.move_pages_pte,
        "if m.pte[pte_index(m.pmd[pmd_index(mm, dst)], dst)]",
        "if 0",
        "v6.8",
        "at the first page that is an error",
    ),
    "a hole is an error": Mutation(
        userfaultfd.move_pages_pte,
        "pte == 0:\n        return 1",
        "pte == 0:\n        return -EFAULT",
        "v6.8",
        "between pages, too",
    ),
    "a guard marker moves": Mutation(
        userfaultfd.move_pages_pte,
        "fail(m, MOVE_MARKER, src)\n        return -EFAULT",
        "return 1",
        "v7.3",
        "a guard marker stays",
    ),
    "what is shared moves": Mutation(
        userfaultfd.move_pages_pte,
        "if not m.page_anon_exclusive[folio]",
        "if 0",
        "v6.9",
        "what a child shares stays where it is, whole",
    ),
    "the page decides, not the folio's first": Mutation(
        userfaultfd.move_pages_pte,
        "m.page_anon_exclusive[folio]",
        "m.page_anon_exclusive[entry_page(pte)]",
        "v7.3",
        "the first page decides: an exclusive one behind it stays",
    ),
    "a large folio is not split": Mutation(
        userfaultfd.move_pages_pte,
        "if not folio_test_large(m, folio)",
        "if 1",
        "v6.12",
        "its pages that stay are single, too",
    ),
    "the reference for a split is kept": Mutation(
        userfaultfd.move_pages_pte,
        "    folio_put(m, folio)\n",
        "",
        "v6.8",
        "a large folio that somebody holds is tried for good before v7.3",
    ),
    "what cannot be split ends a move": Mutation(
        userfaultfd.move_not_split,
        "return -EAGAIN",
        "return -EBUSY",
        "v6.12",
        "a large folio that somebody holds is tried for good before v7.3",
    ),
    "v7.3 tries for good": Mutation(
        move_batch.move_not_split,
        "return -EBUSY",
        "return -EAGAIN",
        "v7.3",
        "v7.3 gives up on it",
    ),
    "a pinned page moves": Mutation(
        userfaultfd.move_present_pte,
        "pinned = folio_maybe_dma_pinned(m, folio)",
        "pinned = 0",
        "v6.8",
        "a pinned page stays, and what comes before it is moved",
    ),
    "what is clean becomes dirty": Mutation(
        userfaultfd.move_anon_pte,
        "| pte & ENTRY_CLEAN",
        "",
        "v6.12",
        "what MADV_FREE left clean is clean there",
    ),
    "a shared swap entry moves": Mutation(
        userfaultfd.move_swap_pte,
        "if not pte & PTE_MIGRATION_EXCLUSIVE",
        "if 0",
        "v6.8",
        "a swap entry that a child shares stays",
    ),
    "a page in the swap cache keeps its index": Mutation(
        userfaultfd.move_swap_pte,
        "        store(m, FOLIO_INDEX, page, linear_page_index(m, mm, dst))\n",
        "        pass\n",
        "v6.12",
        "and so does the index of its page in the swap cache",
    ),
    "a swap entry is copied": Mutation(
        userfaultfd.move_swap_pte,
        "    store(m, PTE, pte_index(pmd, src), 0)\n",
        "",
        "v6.12",
        "a swap entry moves, and its page comes back there",
    ),
    "v6.8 moves the huge zero page": Mutation(
        move_shared.shared_pmd,
        "page >= 0 and m.page_anon_exclusive[page]",
        "page < 0 or m.page_anon_exclusive[page]",
        "v6.8",
        "the huge zero page stays, as no zero page moved yet",
    ),
    "the huge zero page is copied": Mutation(
        userfaultfd.move_pages_huge_pmd,
        "        store(m, PMD, slot, 0)\n        store(m, PMD, to, PMD_ZERO)",
        "        store(m, PMD, to, PMD_ZERO)",
        "v6.12",
        "and is no more where it was",
    ),
    "v6.9 keeps the huge zero page": Mutation(
        move_zeropage.shared_pmd,
        "page < 0 or",
        "page >= 0 and",
        "v6.9",
        "the huge zero page moves under its PMD",
    ),
    "a zero page is copied": Mutation(
        move_zeropage.move_zeropage_pte,
        "    store(m, PTE, pte_index(pmd, src), 0)\n",
        "",
        "v6.12",
        "zero pages that the split leaves are moved",
    ),
    "a run goes on over a page table's end": Mutation(
        move_batch.move_present_pte,
        "min(pmd_addr_end(src, src + nr) - src, pmd_addr_end(dst, dst + nr) - dst)",
        "pmd_addr_end(src, src + nr) - src",
        "v7.3",
        "that of either side",
    ),
    "v7.3 moves a pinned page": Mutation(
        move_batch.move_present_pte,
        "    pinned = folio_maybe_dma_pinned(m, folio)\n    if",
        "    pinned = False\n    if",
        "v7.3",
        "a pinned page stays, and what comes before it is moved",
    ),
    "in a run it does": Mutation(
        move_batch.move_present_pte,
        "folio < 0 or folio_maybe_dma_pinned(m, folio)",
        "folio < 0",
        "v7.3",
        "or at a page that is pinned",
    ),
    "a run goes on over what is there": Mutation(
        move_batch.check_ptes_for_batched_move,
        "m.pte[pte_index(to, dst)] or not",
        "not",
        "v7.3",
        "or at what is there",
    ),
    "a run goes on over a hole": Mutation(
        move_batch.check_ptes_for_batched_move,
        "not pte_present(pte)",
        "0",
        "v7.3",
        "or at a hole",
    ),
    "a run takes a large folio along": Mutation(
        move_batch.check_ptes_for_batched_move,
        "folio_test_large(m, folio) or not",
        "not",
        "v7.3",
        "or at a large folio",
    ),
    "a run takes what is shared along": Mutation(
        move_batch.check_ptes_for_batched_move,
        "or not m.page_anon_exclusive[folio]",
        "",
        "v7.3",
        "or at what is shared",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_UFFDMOVE[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
