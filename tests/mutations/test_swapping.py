"""Swap: breaking any one rule fails a test of tests/kernels/test_swapping.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import swap_slots, swapin, vmscan
from folioviz.kernels.since_v6_12 import partially_mapped, swap_table, swapin_orders
from folioviz.lab import Lab
from folioviz.ops.ops import parse_line
from tests.kernels import test_swapping as cases
from tests.mutations.breaking import changed

MUTATIONS = {
    "a folio that is swapped out is queued": (
        partially_mapped.deferred_split_folio,
        "if folio_test_swapcache(m, folio):",
        "if False:",
        (cases.test_a_large_folio_goes_out_whole_and_is_not_queued, "v6.12"),
    ),
    "a split for want of slots is not counted": (
        vmscan.shrink_add_to_swap,
        "count_swpout_fallback(m, order)",
        "pass",
        (cases.test_without_swap_space_a_large_folio_is_split_for_nothing, "v6.1"),
    ),
    "whoever holds a page loses it": (
        vmscan.pageout,
        "m.folio_refcount[folio] != 1 + folio_nr_pages(m, folio)",
        "False",
        (cases.test_a_held_page_stays_in_the_swap_cache, "v6.8"),
    ),
    "zeros are written": (
        swapin_orders.swap_zeromap_folio_set,
        "if not m.page_zero_filled[folio + i]:",
        "if True:",
        (cases.test_zeros_are_not_written, "v6.12"),
    ),
    "a large folio comes back for no size": (
        swapin_orders.can_swapin_thp,
        "if not (m.thp_enabled[0] >> order) & 1:",
        "if True:",
        (cases.test_a_fault_brings_back_what_is_enabled, "v7.3", 16),
    ),
    "an entry that came back still waits": (
        swap_table.do_swap_page,
        "swap_free(m, slot + i)",
        "pass",
        (cases.test_what_fork_shares_goes_by_reclaim_only, "v7.3"),
    ),
    "a free slot stays counted": (
        swap_slots.swap_slot_free,
        "store(m, NR_SWAP_PAGES, 0, m.nr_swap_pages[0] + 1)",
        "pass",
        (cases.test_a_fault_brings_back_what_is_enabled, "v7.3", 16),
    ),
    "swapoff leaves the entries": (
        swapin.unuse_pte,
        "swap_free(m, entry_page(pte))",
        "pass",
        (cases.test_swapoff_brings_single_pages, "v6.9"),
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """What the case expects does not come true any more."""
    function, old, new, (case, *arguments) = MUTATIONS[name]

    def after(text, key):
        lab = Lab(key, patches=[changed(function, old, new)])
        for op in parse_line(text):
            lab.apply(op)
        return lab

    with pytest.raises(AssertionError):
        case(after, *arguments)
