"""Rules of collapse: breaking any one of them fails a case of tests/kernels/readings_of_collapse.py."""

from __future__ import annotations

import pytest

from folioviz.kernels import khugepaged as passes
from folioviz.kernels.since_v6_8 import collapse_shared, large_mapcount
from folioviz.kernels.since_v6_12 import collapse_orders, underused
from folioviz.mm import khugepaged
from tests.kernels.cases import differences, done
from tests.kernels.readings_of_collapse import OF_COLLAPSE
from tests.mutations.breaking import Mutation, linked_in

MUTATIONS = {
    "holes are not counted": Mutation(
        khugepaged.__collapse_huge_page_copy,
        "add_mm_counter(m, mm, none)",
        "pass",
        "v6.5-rc3",
        "one page becomes 2 MiB",
    ),
    "holes hold something": Mutation(
        khugepaged.copy_user_highpage, "int(not filled)", "0", "v7.3", "with one more it is underused"
    ),
    "copies hold nothing": Mutation(
        khugepaged.copy_user_highpage,
        "int(not filled)",
        "1",
        "v6.12",
        "holes are zeros, what was written is not",
    ),
    "large folios are kept": Mutation(
        khugepaged.__collapse_huge_page_copy,
        "folio_put(m, node - LIST_PAGE)",
        "pass",
        "v6.10",
        "what is partially mapped goes, too",
    ),
    "the new folio is not queued": Mutation(
        underused.map_anon_folio_pmd,
        "deferred_split_folio(m, folio, 0)",
        "pass",
        "v6.12",
        "it is queued as it is born",
    ),
    "v7.3 goes page by page": Mutation(
        collapse_orders.collapse_run,
        "folio_pte_batch(m, folio, page, index, max_nr, 0)",
        "1",
        "v7.3",
        "or go by runs",
    ),
    "references do not matter": Mutation(
        khugepaged.is_refcount_suitable, "==", ">=", "v6.8", "a reference is in the way"
    ),
    "from v6.10 on, too": Mutation(
        large_mapcount.is_refcount_suitable, "==", ">=", "v6.10", "a pin is in the way"
    ),
    "what is read-only is collapsed": Mutation(
        khugepaged.collapse_scan_ptes, "if not writable:", "if pte < 0:", "v6.12", "nothing may be written"
    ),
    "MADV_COLLAPSE counts what is shared": Mutation(
        khugepaged.collapse_scan_ptes,
        "if khugepaged and collapse_shared(m, page):",
        "if collapse_shared(m, page):",
        "v6.9",
        "MADV_COLLAPSE does not ask",
    ),
    "khugepaged does not": Mutation(khugepaged.collapse_shared, "> 1", "> 2", "v6.1", "or too many"),
    "a folio that is shared is not": Mutation(
        collapse_shared.collapse_shared, "return bool(mapcount > 1)", "return False", "v6.12", "or too many"
    ),
    "a folio is asked by the page": Mutation(
        collapse_shared.collapse_shared,
        "twice or m.page_mapcount[folio] > 0",
        "m.page_mapcount[page] > 0",
        "v6.10",
        "or of a folio's pages all are",
    ),
    "less than 2 MiB may be shared": Mutation(
        collapse_orders.collapse_scan_ptes,
        "MAX_PTES_SHARED if nr == HPAGE_PMD_NR else 0",
        "MAX_PTES_SHARED",
        "v7.3",
        "less than 2 MiB leaves what is shared",
    ),
    "one may be missing more": Mutation(
        khugepaged.collapse_scan_ptes,
        "none > max_none",
        "none > max_none + 1",
        "v6.1",
        "no more than max_ptes_none may be missing",
    ),
    "what is old is collapsed": Mutation(
        khugepaged.collapse_scan_ptes,
        "if khugepaged and young < collapse_young(m, nr, swapped)",
        "if khugepaged and young < 0",
        "v6.12",
        "nobody accessed it",
    ),
    "khugepaged always runs": Mutation(
        passes.khugepaged_enabled,
        "m.thp_enabled[0] >> HPAGE_PMD_ORDER & 1",
        "1",
        "v6.8",
        "2 MiB must be enabled",
    ),
    "a folio is as full as 2 MiB": Mutation(
        collapse_orders.collapse_max_ptes_none,
        "(1 << order) - 1 if m.max_ptes_none[0] == HPAGE_PMD_NR - 1 else 0",
        "0",
        "v7.3",
        "sixty pages become four folios",
    ),
    "what is as large is replaced": Mutation(
        collapse_orders.collapse_scan_ptes,
        "1 << m.folio_order[folio] >= nr",
        "1 << m.folio_order[folio] > nr",
        "v7.3",
        "a second pass changes nothing",
    ),
    "nothing is read back": Mutation(
        khugepaged.__collapse_huge_page_swapin,
        "do_swap_page(m, mm, vpn, 0)",
        "pass",
        "v6.1",
        "what is in swap is read back",
    ),
    "one page too few may be in swap": Mutation(
        khugepaged.collapse_scan_ptes,
        "swapped > MAX_PTES_SWAP",
        "swapped >= MAX_PTES_SWAP",
        "v6.8",
        "khugepaged reads back at most 64 pages",
    ),
    "as many as one likes may be in swap": Mutation(
        collapse_orders.collapse_scan_ptes,
        "swapped > MAX_PTES_SWAP",
        "swapped < 0",
        "v7.3",
        "not one more",
    ),
    "less than 2 MiB reads back": Mutation(
        collapse_orders.collapse_order,
        "if pte and not pte_zero(pte) and not pte_present(pte):",
        "if pte < 0:",
        "v7.3",
        "and what is in swap",
    ),
    "a marker is passed over": Mutation(
        khugepaged.__collapse_huge_page_swapin,
        "fail(m, COLLAPSE_NOT_THERE, vpn)\n            return -EINVAL",
        "pass",
        "v7.3",
        "what comes before a marker is read back",
    ),
    "a marker ends 2 MiB alone": Mutation(
        collapse_orders.mthp_collapse,
        "if marked and order == HPAGE_PMD_ORDER:",
        "if marked and order < 0:",
        "v7.3",
        "which ends 2 MiB, and all smaller folios",
    ),
    "a folio that is as large is as any": Mutation(
        collapse_orders.mthp_collapse,
        "and result != -EEXIST",
        "",
        "v7.3",
        "where a folio is as large, the next place comes",
    ),
    "swap does not ask for more accessed pages": Mutation(
        khugepaged.collapse_young, "nr // 2 if swapped else 1", "1", "v6.9", "less is not enough"
    ),
    "the swap cache is somebody else": Mutation(
        khugepaged.is_refcount_suitable,
        "total_mapcount(m, folio) + folio_cache_ref_count(m, folio)",
        "total_mapcount(m, folio)",
        "v6.1",
        "what a child waits for stays in the swap cache",
    ),
    "the swap cache is somebody else, by one count": Mutation(
        large_mapcount.is_refcount_suitable,
        "folio_mapcount(m, folio) + folio_cache_ref_count(m, folio)",
        "folio_mapcount(m, folio)",
        "v6.10",
        "what a child waits for stays in the swap cache",
    ),
    "nobody looks once more": Mutation(
        khugepaged.collapse_huge_page,
        "if swapped else 0",
        "if swapped < 0 else 0",
        "v6.12",
        "what is held there is found too late",
    ),
    "a small folio stays in the swap cache": Mutation(
        khugepaged.__collapse_huge_page_copy,
        "if folio_test_swapcache(m, folio) and not folio_test_large(m, folio):",
        "if m.folio_refcount[folio] < 0:",
        "v6.1",
        "and leaves it if nobody waits",
    ),
    "a large folio stays in the swap cache": Mutation(
        khugepaged.__collapse_huge_page_copy,
        "if folio_test_swapcache(m, node - LIST_PAGE):",
        "if m.folio_refcount[node - LIST_PAGE] < 0:",
        "v7.3",
        "so does a large folio",
    ),
    "what is given away is collapsed": Mutation(
        collapse_orders.collapse_scan_ptes,
        "m.folio_flags[folio] == PG_LAZYFREE",
        "m.folio_flags[folio] < 0",
        "v7.3",
        "and what was given away",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The case holds for the kernel, and not for the kernel that has this one rule changed."""
    mutation = MUTATIONS[name]
    case = OF_COLLAPSE[mutation.scenario]

    assert mutation.key in case.kernels
    assert differences(done(mutation.key, case.text, [linked_in(mutation)]), case.seen)
