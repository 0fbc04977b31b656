"""Rules that no vector has: kernels never posted or only read, and operations that came with recordings."""

from __future__ import annotations

import pytest

from folioviz.kernels import madvise
from folioviz.kernels.series import batch_zap_fix, batch_zap_full
from folioviz.kernels.since_v6_8 import fork_batch, madvise_batch, rmap_overhaul_memory
from folioviz.kernels.v6_1 import lock_every_attempt, split_ebusy, thp_fault
from folioviz.mm import gup, headers, memory
from tests.mutations.breaking import Counted, is_noticed

FULL = "mm; mmap 1 0 64; glimit 0; fault 1 0 3; fault 1 8 3; munmap 1 0 64"
HELD = "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 0 256; get 1; split 1"
MUTATIONS = {
    "a full gather does not end the round": Counted(
        batch_zap_full.zap_pte_range,
        "            if full:",
        "            if False:",
        "v4full",
        FULL,
        "tforce",
        2,
    ),
    "the naive repair does not miss the last page": Counted(
        batch_zap_fix.zap_pte_range, "nr_pages < nr_pages_req", "True", "v4fix", FULL, "bugs", 1
    ),
    "a pin of a small page is one reference": Counted(
        gup.unpin_user_page,
        "1 if folio_test_large(m, folio) else GUP_PIN_COUNTING_BIAS",
        "1",
        "v6.12",
        "mm; mmap 1 0 4; fault 1 0 0; pin 1 0 1; dontneed 1 0 1; unpin 1",
        "pfree",
        1,
    ),
    "fork shares what is pinned": Counted(
        fork_batch.copy_pinned_pte,
        "not folio_needs_cow_for_dma(m, folio, page, 1)",
        "True",
        "v6.12",
        "mm; mmap 1 0 64; fault 1 0 4; pin 1 3 1; fork 1",
        "palloc",
        16,
    ),
    "v6.8's fork shares what is pinned": Counted(
        rmap_overhaul_memory.copy_present_pte,
        "folio_needs_cow_for_dma(m, folio, page, 1)",
        "False",
        "v6.8",
        "mm; mmap 1 0 64; fault 1 0 4; pin 1 3 1; fork 1",
        "palloc",
        16,
    ),
    "the series' fork shares what is pinned": Counted(
        memory.copy_present_pte,
        "folio_needs_cow_for_dma(m, folio, page, 1)",
        "False",
        "v6.5-rc3+v4",
        "mm; mmap 1 0 64; fault 1 0 4; pin 1 3 1; fork 1",
        "palloc",
        16,
    ),
    "v6.1 looks at the link before it locks": Counted(
        lock_every_attempt.deferred_split_huge_page,
        "    spin_lock(m)",
        "    if not list_empty(m, node):\n        return\n    spin_lock(m)",
        "v6.1.0",
        "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; munmap 1 0 4",
        "sqlock",
        4,
    ),
    "v6.1 tells a reference from no mapping": Counted(
        split_ebusy.split_huge_page_to_list,
        "return -EBUSY\n    try",
        "return -EBUSY if mapcount == 0 else -11\n    try",
        "v6.1.0",
        HELD,
        "result",
        -16,
    ),
    "v6.1 faults page by page": Counted(
        thp_fault.__dict__["__handle_mm_fault"],
        "pmd == 0 and thp_suitable(m, mm, addr, HPAGE_PMD_ORDER)",
        "False",
        "v6.1",
        "mm; mmap 1 0 512; enabled 9 1; touch 1 0 1",
        "palloc",
        512,
    ),
    "a size is taken though a page of it is mapped": Counted(
        headers.thp_vma_suitable_order,
        "pte_range_none(m, pte_index(pmd, start), nr)",
        "True",
        "v6.8",
        "mm; mmap 1 0 64; enabled 4 1; fault 1 0 0; touch 1 0 64",
        "palloc",
        63,
    ),
    "MADV_FREE leaves folios whole before v6.10": Counted(
        madvise.madvise_pte_range,
        "not madvise_shared(m, folio, page, int(advice == ADVICE_FREE), 0) and folio_trylock(\n"
        "                    m, folio\n                )",
        "False",
        "v6.8",
        "mm; mmap 1 0 64; fault 1 0 4; free 1 0 16",
        "rget",
        18,
    ),
    "MADV_FREE splits what it covers wholly": Counted(
        madvise_batch.madvise_pte_range,
        "if nr == folio_nr_pages(m, folio):",
        "if nr < 0:",
        "v6.10",
        "mm; mmap 1 0 64; fault 1 0 4; free 1 0 16",
        "rget",
        0,
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The count is as it was read or recorded, and another one without the rule."""
    is_noticed(MUTATIONS[name])
