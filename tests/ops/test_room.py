"""What an operation finds in a machine: loops that compile agree with what numpy and sets say."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from folioviz.lab import Lab
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    LIST_PAGE,
    PMD_HUGE,
    PTE_PRESENT,
    SPLIT_QUEUE,
    Machine,
    Sizes,
)
from folioviz.machine.view import View
from folioviz.mm.headers import pte_index
from folioviz.ops import room
from folioviz.ops.ops import parse_line
from folioviz.ops.walk import folio_found, folio_head, queue

TINY = Sizes(pages=512, tables=1, vmas=1)
NODES = st.integers(0, 8)
SHARED = (
    "mm; mmap 1 0 2048; faultpmd 1 0; faultpmd 1 512; fault 1 1024 4; fault 1 1040 0; fork 1; fork 1;"
    "splitpmd 1 0; splitpmd 2 512; mremap 1 10 5 1100; mremap 1 700 3 1200"
)
"""Two huge folios, mapped by PTEs here and by PMDs there, in pieces; a smaller one, a page."""


@given(st.lists(NODES, min_size=9, max_size=9))
def test_a_broken_queue_ends_where_it_leads_into_itself(nexts):
    """However its nodes point at each other, it has the folios that one meets before one meets one again."""
    machine = Machine(TINY)
    places = [SPLIT_QUEUE, *range(LIST_PAGE, LIST_PAGE + 8)]
    machine.list_next[places] = [places[one] for one in nexts]

    assert room.queue_length(View(machine), SPLIT_QUEUE) == len(queue(machine))


@given(st.integers(0, 1), st.integers(0, 1300), st.integers(1, 1300))
def test_each_folio_of_a_range_is_counted_once(mm, start, pages):
    """However its pages are strewn over the range: the PMDs that map it, of all processes."""
    machine = SHARING.machine
    heads = set()
    for vpn in range(start, start + pages):
        pmd = int(machine.pmd[mm * 512 + (vpn >> 9)])
        pte = 0 if not pmd or pmd & PMD_HUGE else int(machine.pte[pte_index(pmd, vpn)])
        if pmd & PMD_HUGE:
            heads.add(pmd >> ENTRY_SHIFT)
        elif pte & PTE_PRESENT:
            heads.add(int(machine.page_folio[pte >> ENTRY_SHIFT]))
    mapped = int((machine.folio_entire_mapcount[sorted(heads)] + 1).sum()) if heads else 0

    assert room.huge_mappings_below(View(machine), mm, start, start + pages) == mapped


def test_a_folio_is_found_by_a_loop_as_by_numpy():
    """Each id that was given, and those that were not."""
    machine = SHARING.machine
    ids = range(-1, int(machine.next_folio_id[0]) + 2)

    found = [folio_found(View(machine), one) for one in ids]
    assert found == [folio_head(machine, one) for one in ids]
    assert np.unique(found).size == len(found) - 3


def _sharing():
    """Return a lab after the operations above."""
    lab = Lab("v7.3", sizes=Sizes(pages=2048, tables=64, vmas=64))
    for op in parse_line(SHARED):
        lab.apply(op)
    return lab


SHARING = _sharing()
