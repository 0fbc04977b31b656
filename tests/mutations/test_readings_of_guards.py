"""Rules of guard markers: breaking any one of them fails a case of tests/kernels/readings_of_guards.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import thp_policy, vma
from folioviz.kernels.since_v6_8 import fork_batch, zap_batch
from folioviz.kernels.since_v6_12 import guard
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_guards import OF_GUARDS
from tests.mutations.breaking import Mutation, linked_in

MUTATIONS = {
    "what is mapped stays": Mutation(
        guard.guard_install_range,
        "if index < last:\n            return False",
        "if index < 0:\n            return False",
        "v7.3",
        "what is mapped goes, in one gather, and the folio is flagged",
    ),
    "a huge page stays": Mutation(
        guard.guard_install_range,
        "        if pmd_trans_huge(pmd):\n            return False\n",
        "        if pmd_trans_huge(pmd):\n            return True\n",
        "v7.3",
        "a huge page is split at the ends of the range",
    ),
    "munmap leaves markers": Mutation(
        guard.unmap_vmas,
        "zap_guard_markers(m, mm, first, last)",
        "pass",
        "v7.3",
        "munmap drops them",
    ),
    "fork forgets markers": Mutation(
        fork_batch.copy_pte_range,
        "rss += copy_nonpresent_pte(m, index, to)",
        "pass",
        "v7.3",
        "fork copies them, also where no page is",
    ),
    "a VMA that is only marked has no anon_vma": Mutation(
        guard.madvise_guard_install,
        "        __anon_vma_prepare(m, mm, vma)\n",
        "        pass\n",
        "v7.3",
        "fork copies them, also where no page is",
    ),
    "a VMA that is taken in forgets its markers": Mutation(
        vma.vma_merge,
        "store(m, VMA_FLAGS, prev, m.vma_flags[prev] | m.vma_flags[vma] & VM_STICKY)",
        "pass",
        "v7.3",
        "a VMA that takes a marked one in is one that may be marked",
    ),
    "a write goes on over a marker": Mutation(
        thp_policy.touch_pages,
        "return -EFAULT\n            handle",
        "return 0\n            handle",
        "v7.3",
        "writes go on up to a marker",
    ),
    "a marker is another page": Mutation(
        zap_batch.folio_pte_batch,
        "pte & ~PTE_GUARD",
        "pte",
        "v7.3",
        "a marker ends a batch as a hole does",
    ),
    "markers stay when they are taken away": Mutation(
        guard.madvise_guard_remove,
        "store(m, PTE, index, 0)",
        "pass",
        "v7.3",
        "fork copies them, also where no page is",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_GUARDS[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
