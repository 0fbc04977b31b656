"""Rules about VMAs that no vector has: breaking any one of them fails a case of tests/kernels/readings_of_vmas.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import anon_vma, mprotect, thp_policy, vma
from folioviz.kernels.since_v6_8 import (
    write_bits,
)
from folioviz.kernels.since_v6_12 import merge_unfaulted, mprotect_batch, mremap_many
from folioviz.kernels.v6_1 import double_map_split, protected_stays
from folioviz.mm import mremap
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_vmas import OF_VMAS
from tests.mutations.breaking import Mutation, linked_in

MUTATIONS = {
    "the next VMA keeps its anon_vma for itself": Mutation(
        anon_vma.find_mergeable_anon_vma,
        "return int(m.vma_anon[after])",
        "return 0",
        "v6.8",
        "VMAs that were faulted apart share an anon_vma, and merge",
    ),
    "the VMA before keeps its anon_vma for itself": Mutation(
        anon_vma.find_mergeable_anon_vma,
        "return int(m.vma_anon[before])",
        "return 0",
        "v6.1",
        "the VMA before, too, gives its anon_vma",
    ),
    "an inherited anon_vma is shared with a neighbour": Mutation(
        anon_vma.find_mergeable_anon_vma,
        "not m.vma_fork_child[after]",
        "not m.vma_fork_child[vma]",
        "v7.3",
        "a VMA of a child without pages takes the anon_vma of no neighbour",
    ),
    "VMAs that are not accounted alike share an anon_vma": Mutation(
        anon_vma.anon_vma_compatible,
        "m.vma_pgoff[vma] + nr == m.vma_pgoff[after]",
        "nr < 0",
        "v6.12",
        "VMAs that were faulted apart share an anon_vma, and merge",
    ),
    "fork leaves a VMA as if it had inherited nothing": Mutation(
        anon_vma.anon_vma_fork,
        "VMA_FORK_CHILD, vma, 1",
        "VMA_FORK_CHILD, vma, 0",
        "v6.1",
        "what a child inherited takes in nothing that has no page",
    ),
    "all VMAs of a child have one anon_vma": Mutation(
        anon_vma.anon_vma_fork,
        "anon_vma_alloc(m)",
        "99",
        "v7.3",
        "so that its munmap is two batches",
    ),
    "a VMA that is cut forgets what it inherited": Mutation(
        anon_vma.anon_vma_clone,
        "store(m, VMA_FORK_CHILD, dst, m.vma_fork_child[src])",
        "pass",
        "v6.10",
        "what a child cuts off keeps what was inherited",
    ),
    "VMAs merge whatever their page offsets, downwards": Mutation(
        vma.vma_merge,
        "and m.vma_pgoff[prev] + start - m.vma_start[prev] == pgoff\n",
        "\n",
        "v6.9",
        "a hole in the page offsets keeps VMAs apart",
    ),
    "VMAs merge whatever their page offsets, upwards": Mutation(
        vma.vma_merge,
        "and m.vma_pgoff[after] == pgoff + end - start\n",
        "\n",
        "v6.9",
        "a page offset that does not go on keeps VMAs apart",
    ),
    "VMAs merge whatever may be written": Mutation(
        vma.can_vma_merge,
        "m.vma_readonly[neighbour] != readonly or ",
        "",
        "v6.12",
        "a neighbour that may be written takes in nothing that may not",
    ),
    "VMAs merge however they are accounted": Mutation(
        vma.can_vma_merge,
        " or m.vma_account[neighbour] != account",
        "",
        "v6.8",
        "v6.7 and later do not account for it, so it stays apart",
    ),
    "VMAs merge whatever their anon_vmas": Mutation(
        vma.is_mergeable_anon_vma,
        "if m.vma_anon[vma] == m.vma_anon[neighbour]:",
        "if m.mm_id[0] >= 0:",
        "v6.8",
        "a child's VMAs have an anon_vma each, and do not",
    ),
    "before v6.16 a VMA without pages takes in one that has some": Mutation(
        vma.is_mergeable_anon_vma,
        "m.vma_anon[vma] == 0 and ",
        "",
        "v6.12",
        "the other way round it is not, before v6.16",
    ),
    "what was inherited takes in what has no page": Mutation(
        vma.is_mergeable_anon_vma,
        "and not m.vma_fork_child[neighbour]",
        "",
        "v6.12",
        "what a child inherited takes in nothing that has no page",
    ),
    "v6.16 does not ask whether pages are inherited": Mutation(
        merge_unfaulted.is_mergeable_anon_vma,
        "return bool(not m.vma_fork_child[vma])",
        "return True",
        "v7.3",
        "v6.16: but not if fork made the VMA that has pages",
    ),
    "v6.16 lets VMAs without pages take in nothing": Mutation(
        merge_unfaulted.is_mergeable_anon_vma,
        "return bool(not m.vma_fork_child[vma])",
        "return False",
        "v7.3",
        "v6.16: it is",
    ),
    "what is taken in has no anon_vma": Mutation(
        vma.dup_anon_vma,
        "anon_vma_clone(m, dst, src)",
        "pass",
        "v7.3",
        "what v6.16 takes in goes on to children",
    ),
    "a VMA that grows down keeps its page offset": Mutation(
        vma.vma_expand_down,
        "store(m, VMA_PGOFF, vma, m.vma_pgoff[vma] + start - m.vma_start[vma])",
        "pass",
        "v6.12",
        "a folio is found again in a VMA that grew down over it",
    ),
    "a VMA grows over a part without a new border": Mutation(
        vma.vma_expand,
        "store(m, VMA_START, after, end)",
        "pass",
        "v6.1",
        "a part that a neighbour takes in leaves the rest",
    ),
    "mprotect tells of no hole": Mutation(
        mprotect.do_mprotect_pkey,
        "return -ENOMEM\n    return 0",
        "return 0\n    return 0",
        "v6.1",
        "a range that ends in a hole is changed up to there",
    ),
    "mprotect goes on behind a hole": Mutation(
        mprotect.do_mprotect_pkey,
        "and m.vma_start[vma] <= start < end",
        "and start < end",
        "v6.8",
        "what comes before a hole is changed, and the hole is the result",
    ),
    "mprotect changes what is as wanted": Mutation(
        mprotect.mprotect_fixup,
        "if m.vma_readonly[vma] == 1 - writable:",
        "if writable > 1:",
        "v7.3",
        "a part that has the wanted flags already is not cut off",
    ),
    "a PTE changes without a flush": Mutation(
        mprotect.change_pte,
        "        tlb_flush_pte_range(m)\n",
        "        return\n",
        "v6.10",
        "a write bit that goes needs one flush",
    ),
    "a PTE that stays as it is is flushed": Mutation(
        mprotect.change_pte,
        "flushes and new != pte",
        "flushes",
        "v6.12",
        "what fork made read-only needs no flush",
    ),
    "a PMD changes without a flush by mprotect": Mutation(
        mprotect.change_protection,
        "                tlb_flush_pte_range(m)\n",
        "                pass\n",
        "v6.12",
        "later kernels do not",
    ),
    "a huge PMD stays read-only after v6.1": Mutation(
        write_bits.change_huge_pmd,
        "if writable > 0 and",
        "if writable > 1 and",
        "v6.8",
        "later kernels do not",
    ),
    "a shared PTE becomes writable": Mutation(
        write_bits.can_change_pte_writable,
        "bool(m.page_anon_exclusive[entry_page(pte)])",
        "bool(pte)",
        "v6.8",
        "what is shared stays read-only",
    ),
    "what never had a page stays accounted": Mutation(
        write_bits.vm_account,
        "writable > 0 or (m.vma_account[vma] and m.vma_anon[vma] != 0)",
        "1",
        "v6.8",
        "v6.7 and later do not account for it, so it stays apart",
    ),
    "v6.1 gives a huge PMD its write bit back": Mutation(
        protected_stays.change_huge_pmd,
        "pmd & ~PMD_WRITE)",
        "(pmd & ~PMD_WRITE) | PMD_WRITE * _writable)",
        "v6.1",
        "v6.1 leaves a huge PMD read-only",
    ),
    "v6.1 gives clean PTEs their write bit back": Mutation(
        protected_stays.can_change_pte_writable,
        "not pte & ENTRY_CLEAN and ",
        "",
        "v6.1",
        "v6.1: what MADV_FREE cleaned stays read-only, but for what was written again",
    ),
    "v6.1 unaccounts": Mutation(
        protected_stays.vm_account,
        "return 1",
        "return 0",
        "v6.1",
        "a VMA without pages is taken in by a neighbour that has some",
    ),
    "v6.1 splits a PMD into dirty PTEs": Mutation(
        double_map_split.__dict__["__split_huge_pmd"],
        "PTE_PRESENT | ENTRY_CLEAN",
        "PTE_PRESENT",
        "v6.1",
        "v6.1: the PTEs of a split PMD are clean, and stay read-only",
    ),
    "v6.17 ignores write bits in its runs": Mutation(
        mprotect_batch.change_pte_range,
        "end - addr, PTE_WRITE)",
        "end - addr, 0)",
        "v7.3",
        "a run ends where the write bit changes",
    ),
    "writes go on in a read-only VMA": Mutation(
        thp_policy.touch_pages,
        " or m.vma_readonly[vma]",
        "",
        "v6.1",
        "writes go on up to a read-only VMA",
    ),
    "writes go on behind a hole": Mutation(
        thp_policy.touch_pages,
        " or m.vma_start[vma] > addr",
        "",
        "v7.3",
        "writes go on up to a hole",
    ),
    "a move over VMAs fails before anything is done": Mutation(
        mremap.mremap_to,
        "    do_munmap(m, mm, new, new + nr)\n",
        "",
        "v6.12",
        "a move that leaves its VMA has unmapped its destination, too",
    ),
    "a move takes more than its VMA": Mutation(
        mremap.mremap_to,
        "after < old + nr",
        "after < old",
        "v6.8",
        "before v6.17 a move over VMAs has unmapped its destination when it fails",
    ),
    "v6.17 moves the first VMA only": Mutation(
        mremap_many.mremap_to,
        "vma = find_vma(m, mm, after)",
        "vma = -1",
        "v7.3",
        "v6.17 moves several VMAs",
    ),
    "v6.17 unmaps the whole destination": Mutation(
        mremap_many.mremap_to,
        "do_munmap(m, mm, new + start - old, new + after - old)",
        "do_munmap(m, mm, new, new + nr)",
        "v7.3",
        "holes go along, and what is mapped where they come stays",
    ),
    "holes stay behind": Mutation(
        mremap_many.mremap_to,
        "move_vma(m, mm, start, new + start - old, after - start, 0)",
        "move_vma(m, mm, start, new + start // 2 - old // 2, after - start, 0)",
        "v7.3",
        "holes go along, and what is mapped where they come stays",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_VMAS[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
