"""Rules of mlock(): breaking any one of them fails a case of tests/kernels/readings_of_locks.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import mlock, mprotect, vma
from folioviz.kernels.since_v6_12 import mremap_many
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_locks import OF_LOCKS
from tests.mutations.breaking import Mutation, linked_in

MUTATIONS = {
    "mlock brings nothing": Mutation(
        mlock.do_mlock,
        "populate_vma_page_range(m, mm, start, after)",
        "pass",
        "v6.1",
        "single pages, too",
    ),
    "what is there is left shared": Mutation(
        mlock.populate_vma_page_range,
        "elif not readonly and not pte & PTE_WRITE:",
        "elif not pte:",
        "v6.8",
        "what is shared is copied",
    ),
    "what mlock brings is written": Mutation(
        mlock.faultin_page,
        "__handle_mm_fault(m, mm, addr)",
        "handle_mm_fault(m, mm, addr)",
        "v7.3",
        "and hold nothing but zeros",
    ),
    "what is clean stays clean": Mutation(
        mlock.populate_vma_page_range,
        "follow_page_pte(m, pte)",
        "pass",
        "v6.1",
        "so are single pages",
    ),
    "what is read-only becomes dirty": Mutation(
        mlock.populate_vma_page_range,
        "elif not readonly:",
        "elif pte:",
        "v6.12",
        "not where the VMA is read-only",
    ),
    "a PMD stays clean": Mutation(
        mlock.touch_pmd,
        "ENTRY_OLD | ENTRY_CLEAN if write else ENTRY_OLD",
        "ENTRY_OLD",
        "v6.8",
        "a PMD that MADV_FREE was told of is accessed and dirty again",
    ),
    "a PMD of what is read-only becomes dirty": Mutation(
        mlock.populate_vma_page_range,
        "touch_pmd(m, pmd_index(mm, start), not readonly)",
        "touch_pmd(m, pmd_index(mm, start), True)",
        "v7.3",
        "accessed only, where the VMA is read-only",
    ),
    "a hole is passed over": Mutation(
        mlock.do_mlock,
        "return -ENOMEM",
        "end = 4",
        "v6.12",
        "a hole ends the call, and nothing is brought",
    ),
    "munlock keeps the flag": Mutation(
        mlock.mlock_fixup,
        "m.vma_flags[vma] & ~VM_LOCKED | locked",
        "m.vma_flags[vma] | locked",
        "v6.9",
        "munlock leaves pages, and VMAs merge",
    ),
    "a child locks": Mutation(
        vma.dup_mmap,
        "store(m, VMA_FLAGS, new, m.vma_flags[new] & ~VM_LOCKED)",
        "pass",
        "v6.10",
        "a child locks nothing",
    ),
    "what stays stays locked": Mutation(
        vma.dontunmap_complete,
        "store(m, VMA_FLAGS, vma, m.vma_flags[vma] & ~VM_LOCKED)",
        "pass",
        "v6.1",
        "what MREMAP_DONTUNMAP leaves is not",
    ),
    "in v7.3, too": Mutation(
        mremap_many.dontunmap_complete,
        "store(m, VMA_FLAGS, vma, m.vma_flags[vma] & ~VM_LOCKED)",
        "pass",
        "v7.3",
        "what MREMAP_DONTUNMAP leaves is not",
    ),
    "what becomes writable stays shared": Mutation(
        mprotect.mprotect_fixup,
        "populate_vma_page_range(m, mm, start, end)",
        "pass",
        "v6.12",
        "what is locked and becomes writable again is copied",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_LOCKS[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
