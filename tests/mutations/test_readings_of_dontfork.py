"""Rules of MADV_DONTFORK: breaking any one of them fails a case of tests/kernels/readings_of_dontfork.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import anon_vma, madvise_vma, vma
from folioviz.kernels.since_v6_12 import guard
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_dontfork import OF_DONTFORK
from tests.mutations.breaking import Mutation, linked_in

MUTATIONS = {
    "fork copies all VMAs": Mutation(
        vma.dup_mmap,
        "if not m.vma_flags[vma] & VM_DONTCOPY:",
        "if m.vma_flags[vma] >= 0:",
        "v6.1",
        "a child does not get the VMA",
    ),
    "VMAs merge whatever fork does": Mutation(
        vma.can_vma_merge,
        "(m.vma_flags[neighbour] ^ flags) & ~VM_STICKY",
        "m.vma_flags[neighbour] < 0",
        "v6.12",
        "rights do not merge what fork tells apart",
    ),
    "sticky flags keep VMAs apart": Mutation(
        vma.can_vma_merge,
        " & ~VM_STICKY",
        "",
        "v7.3",
        "a guard marker does not keep VMAs apart",
    ),
    "VMAs share an anon_vma whatever fork does": Mutation(
        anon_vma.anon_vma_compatible,
        "and not (m.vma_flags[vma] ^ m.vma_flags[after]) & ~VM_STICKY",
        "",
        "v6.8",
        "they do not share an anon_vma",
    ),
    "what is cut off forgets it": Mutation(
        vma.vm_area_dup,
        "store(m, VMA_FLAGS, new, m.vma_flags[vma])",
        "store(m, VMA_FLAGS, new, 0)",
        "v6.9",
        "a part that is cut off keeps it",
    ),
    "advice that changes nothing cuts": Mutation(
        madvise_vma.madvise_update_vma,
        "if m.vma_flags[vma] == flags:",
        "if flags < 0:",
        "v6.10",
        "advice that changes nothing cuts nothing",
    ),
    "MADV_DOFORK does nothing": Mutation(
        madvise_vma.madvise_vma_behavior,
        "m.vma_flags[vma] & ~VM_DONTCOPY",
        "m.vma_flags[vma]",
        "v6.12",
        "the VMA merges again",
    ),
    "nor does it in v7.3": Mutation(
        guard.madvise_vma_behavior,
        "m.vma_flags[vma] & ~VM_DONTCOPY",
        "m.vma_flags[vma]",
        "v7.3",
        "the VMA merges again",
    ),
    "a hole ends the advice": Mutation(
        madvise_vma.madvise_walk_behavior,
        "find_vma(m, mm, start) if start < end else -1",
        "-1",
        "v6.1",
        "a hole is passed over, and told of",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_DONTFORK[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
