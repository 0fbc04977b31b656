"""Rules that no vector has: breaking any one of them fails a case of tests/kernels/readings.py."""

from __future__ import annotations

import pytest

from folioviz.kernels.since_v6_8 import mthp
from tests.kernels.cases import differences, done
from tests.kernels.readings import CASES
from tests.mutations.breaking import Mutation, linked_in

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
        "        folio_zero_user(m, entry_page(m.pmd[pmd_index(mm, addr)]))\n",
        "",
        "v6.12",
        "a huge page that a write brought is empty but for one page",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = CASES[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
