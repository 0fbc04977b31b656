"""Rules of PROT_NONE: breaking any one of them fails a case of tests/kernels/readings_of_rights.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import mprotect
from folioviz.kernels.since_v6_8 import write_bits
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_rights import OF_RIGHTS
from tests.mutations.breaking import Mutation, linked_in

MUTATIONS = {
    "PROT_NONE is read-only": Mutation(
        mprotect.mprotect_none,
        "-1",
        "0",
        "v7.3",
        "PROT_NONE and read-only are not the same rights",
    ),
    "only write bits are flushed": Mutation(
        mprotect.mprotect_fixup,
        "2 if writable < 0 else",
        "1 if writable < 0 else",
        "v6.12",
        "going there from read-only flushes, though no write bit changes",
    ),
    "only write bits of huge pages are flushed": Mutation(
        mprotect.change_protection,
        "flushes == 2 or (flushes and changed)",
        "flushes and changed",
        "v6.8",
        "a huge page, too",
    ),
    "coming back flushes": Mutation(
        mprotect.mprotect_fixup,
        "int(m.vma_readonly[vma] != NO_ACCESS)",
        "1",
        "v6.1",
        "coming back flushes nothing, though write bits come back",
    ),
    "coming back flushes huge pages": Mutation(
        mprotect.change_protection,
        "(flushes and changed)",
        "changed",
        "v7.3",
        "nor does a huge page",
    ),
    "PROT_NONE gives write bits": Mutation(
        mprotect.change_pte,
        "writable > 0 and",
        "writable and",
        "v6.9",
        "nothing is writable",
    ),
    "what is PROT_NONE is accounted": Mutation(
        write_bits.vm_account,
        "writable > 0 or",
        "writable != 0 or",
        "v6.8",
        "what no page came to is not accounted any more",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_RIGHTS[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
