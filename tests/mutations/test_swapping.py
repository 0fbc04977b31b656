"""Swap: breaking any one rule fails a test of tests/kernels/test_swapping.py."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from folioviz.kernels import swap_slots, swapin, unmap, vmscan
from folioviz.kernels.since_v6_8 import pageout_whole, pageout_young, swap_rmap
from folioviz.kernels.since_v6_12 import partially_mapped, swap_table, swapin_orders, unmap_runs
from folioviz.kernels.v6_1 import swap_page
from folioviz.lab import Lab
from folioviz.ops.ops import parse_line
from tests.kernels import test_swapping as cases
from tests.mutations.breaking import Counted, changed, is_noticed


class Broken(NamedTuple):
    """One rule broken: text of a function replaced, and the case, with its arguments, that tells."""

    function: object
    old: str
    new: str
    case: tuple


SMALL = "mm; swapon 64; mmap 1 0 64; fault 1 0 0; pageout 1 0 1; write 1 0"
LARGE = "mm; swapon 64; mmap 1 0 64; fault 1 0 4; pageout 1 0 16"
MUTATIONS = {
    "a folio that is swapped out is queued": Broken(
        partially_mapped.deferred_split_folio,
        "if folio_test_swapcache(m, folio):",
        "if False:",
        (cases.test_a_large_folio_goes_out_whole_and_is_not_queued, "v6.12"),
    ),
    "a split for want of slots is not counted": Broken(
        vmscan.shrink_add_to_swap,
        "count_swpout_fallback(m, order)",
        "pass",
        (cases.test_without_swap_space_a_large_folio_is_split_for_nothing, "v6.1"),
    ),
    "whoever holds a page loses it": Broken(
        vmscan.pageout,
        "m.folio_refcount[folio] != 1 + folio_nr_pages(m, folio)",
        "False",
        (cases.test_a_held_page_stays_in_the_swap_cache, "v6.8"),
    ),
    "zeros are written": Broken(
        swapin_orders.swap_zeromap_folio_set,
        "if not m.page_zero_filled[folio + i]:",
        "if True:",
        (cases.test_zeros_are_not_written, "v6.12"),
    ),
    "a large folio comes back for no size": Broken(
        swapin_orders.can_swapin_thp,
        "if not (m.thp_enabled[0] >> order) & 1:",
        "if True:",
        (cases.test_a_fault_brings_back_what_is_enabled, "v7.3", 16),
    ),
    "an entry that came back still waits": Broken(
        swap_table.do_swap_page,
        "swap_free(m, slot + i)",
        "pass",
        (cases.test_what_fork_shares_goes_by_reclaim_only, "v7.3"),
    ),
    "a free slot stays counted": Broken(
        swap_slots.swap_slot_free,
        "store(m, NR_SWAP_PAGES, 0, m.nr_swap_pages[0] + 1)",
        "pass",
        (cases.test_a_fault_brings_back_what_is_enabled, "v7.3", 16),
    ),
    "swapoff leaves the entries": Broken(
        swapin.unuse_pte,
        "swap_free(m, entry_page(pte))",
        "pass",
        (cases.test_swapoff_brings_single_pages, "v6.9"),
    ),
    "what is unmapped stays resident": Broken(
        unmap.try_to_unmap_one,
        "add_mm_counter(m, mm, -1)",
        "pass",
        (cases.test_what_was_given_up_needs_no_slot, "v6.12"),
    ),
    "v6.1 maps what came back uncounted": Counted(
        swap_page.map_swapped, "page_add_anon_rmap(m, page, exclusive)", "pass", "v6.1", SMALL, "mapc", 1
    ),
    "what came back is mapped uncounted": Counted(
        swap_rmap.map_swapped,
        "folio_add_anon_rmap_ptes(m, folio, page, nr, mm, exclusive)",
        "pass",
        "v6.8",
        SMALL,
        "mapc",
        1,
    ),
    "v6.9 clears accessed bits first": Counted(
        pageout_young.pageout_clears_young, "return False", "return True", "v6.9", LARGE, "thw", 0
    ),
    "v6.10 splits every large folio first": Counted(
        pageout_whole.shrink_splits,
        "m.folio_order[folio] > 1 and not list_empty(m, deferred_list(folio))",
        "True",
        "v6.12",
        LARGE,
        "rput",
        16,
    ),
    "v7.3 unmaps what goes to swap by runs": Counted(
        unmap_runs.folio_unmap_pte_batch,
        "folio_nr_pages(m, folio) == 1 or folio_test_swapcache(m, folio)",
        "folio_nr_pages(m, folio) == 1",
        "v7.3",
        LARGE,
        "nrpm",
        16,
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """What the case expects does not come true any more."""
    broken = MUTATIONS[name]
    if isinstance(broken, Counted):
        is_noticed(broken)
        return
    function, old, new, (case, *arguments) = broken

    def after(text, key):
        lab = Lab(key, patches=[changed(function, old, new)])
        for op in parse_line(text):
            lab.apply(op)
        return lab

    with pytest.raises(AssertionError):
        case(after, *arguments)
