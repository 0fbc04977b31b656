"""invariants.check(): it holds where it should, and each law notices what breaks it."""

from __future__ import annotations

import re

import pytest

from folioviz.errors import FoliovizError
from folioviz.lab import Lab
from folioviz.laws import every_kernel
from folioviz.laws.census import InvariantError
from folioviz.machine.memory import (
    COMPOUND_PAGELIST,
    ENTRY_SHIFT,
    FREE_AREA,
    LIST_PAGE,
    MAX_ORDER,
    PMD_HUGE,
    PMD_MIGRATION,
    PMD_TABLE,
    PMD_WRITE,
    PTE_MIGRATION,
    PTE_PRESENT,
    PTE_WRITE,
    SCAN_LIST,
    SPLIT_QUEUE,
    Machine,
    Sizes,
)
from folioviz.ops.ops import parse_line

STATE = (
    "mm; mmap 1 0 1024; fault 1 0 4; fault 1 16 2; fault 1 20 0; mmap 1 1024 512; faultpmd 1 1024;"
    "dontneed 1 0 3; fork 1; write 1 20; get 2; mmap 2 4096 8; fault 2 4096 3"
)
"""Folio 1 (page 0, order 4, queued), 2 (page 16, order 2, pinned), 3 (page 20), 4 (huge), 5 (COW), 6 (order 3)."""


def in_use():
    """Return a machine with two processes that share some folios."""
    lab = Lab("v6.5-rc3+v4", sizes=Sizes(pages=2048, tables=16, vmas=16))
    for op in parse_line(STATE):
        lab.apply(op)
    return lab.machine


@pytest.fixture
def machine():
    """Return a machine that is in use."""
    return in_use()


def test_an_empty_machine_is_in_order():
    """A machine that has just booted breaks no law, whatever its size."""
    every_kernel.check(Machine())
    every_kernel.check(Machine(Sizes(pages=512, tables=1, vmas=1)))


def test_a_machine_in_use_is_in_order(machine):
    """The state that the other tests break is in order."""
    every_kernel.check(machine)

    assert machine.folio_id[[0, 16, 20]].tolist() == [1, 2, 3]
    assert machine.split_queue_len[0] == 1


def put(field, index, value):
    """Return a function that writes one integer."""

    def write(machine):
        getattr(machine, field)[index] = value

    return write


def link_alone(machine):
    """Put a node between itself and nobody."""
    machine.list_next[LIST_PAGE + 40] = SCAN_LIST


def put_on_scan_list(machine):
    """Leave a node on the shrinker's own list."""
    node = LIST_PAGE + 1
    machine.list_next[[SCAN_LIST, node]] = node, SCAN_LIST
    machine.list_prev[[SCAN_LIST, node]] = node, SCAN_LIST


def put_on_pagelist(machine):
    """Leave a folio on the list of those that a collapse has isolated."""
    node = LIST_PAGE + 1
    machine.list_next[[COMPOUND_PAGELIST, node]] = node, COMPOUND_PAGELIST
    machine.list_prev[[COMPOUND_PAGELIST, node]] = node, COMPOUND_PAGELIST


def circle(machine):
    """Make two free pages a ring that no list's head is on."""
    one, two = LIST_PAGE + 1, LIST_PAGE + 3
    machine.list_next[[one, two]] = machine.list_prev[[one, two]] = two, one


def swap_tables(machine):
    """Let two PMD slots share a page table."""
    machine.pmd[512] = machine.pmd[0]


def lose_a_table(machine):
    """Take the first page table off the free list."""
    machine.free_pte_table[0] = machine.pte_table_next[machine.free_pte_table[0]]


def lose_a_vma(machine):
    """Take the first VMA off the free list."""
    machine.free_vma[0] = machine.vma_next[machine.free_vma[0]]


def lose_a_block(machine):
    """Take a free block off its list without giving it to anybody."""
    head = FREE_AREA + MAX_ORDER
    node = machine.list_next[head]
    after = machine.list_next[node]
    machine.list_next[head], machine.list_prev[after] = after, head
    machine.list_next[node] = machine.list_prev[node] = node
    machine.page_buddy[node - LIST_PAGE] = -1


def write_to_free_table(machine):
    """Leave an entry behind in a free page table."""
    machine.pte[int(machine.free_pte_table[0]) * 512 + 7] = PTE_PRESENT


def pte_of(vpn):
    """Return where the first process's PTE for a vpn lies (its first table is table 0)."""
    return vpn


BREAKS = {
    "list links": (link_alone, r"list_prev of list_next of node 128: it is 1, it must be 128"),
    "node in two places": (
        circle,
        r"node 89 is on a list or alone, once: it is 0, it must be 1 \(and 1 more\)",
    ),
    "scan list": (
        put_on_scan_list,
        r"length of list 1, used within an operation only: it is 1, it must be 0",
    ),
    "folios that a collapse holds": (
        put_on_pagelist,
        r"length of list 15, used within an operation only: it is 1, it must be 0",
    ),
    "queue length": (put("split_queue_len", 0, 2), r"split_queue_len: it is 2, it must be 1"),
    "queue lock": (put("split_queue_lock", 0, 1), r"split_queue_lock: it is 1, it must be 0"),
    "order": (put("folio_order", 0, 12), r"order of folio at page 0: it is 4096, it must be 512"),
    "alignment": (put("folio_order", 20, 3), r"offset of folio at page 20: it is 4, it must be 0"),
    "free block": (
        put("page_buddy", 1536, 8),
        r"order of the free block at page 1536: it is 8, it must be 9",
    ),
    "lost block": (
        lose_a_block,
        r"page \d+ is in a free block or a folio, once: it is 0, it must be 1 \(and 511 more\)",
    ),
    "NR_FREE_PAGES": (put("nr_free_pages", 0, 1), r"NR_FREE_PAGES: it is 1, it must be \d+"),
    "compound_head()": (put("page_folio", 5, 4), r"compound_head\(\) of page 5: it is 4, it must be 0"),
    "tail": (put("folio_refcount", 5, 1), r"refcount at page 5, no folio's head: it is 1, it must be 0"),
    "free page": (
        put("page_anon_exclusive", 2000, 1),
        r"AnonExclusive of free page 2000: it is 1, it must be 0",
    ),
    "same id": (put("folio_id", 20, 2), r"folios with id 2: it is 2, it must be 1"),
    "future id": (
        put("folio_id", 20, 99),
        r"id of folio at page \d+: it is 99, it must be at most 6",
    ),
    "mapcount": (put("page_mapcount", 4, 0), r"_mapcount of page 4: it is 0, it must be 1"),
    "entire": (
        put("folio_entire_mapcount", 512, 0),
        r"_entire_mapcount of folio at page 512: it is 0, it must be 1",
    ),
    "nm": (
        put("folio_nr_pages_mapped", 0, 16),
        r"_nr_pages_mapped of folio at page 0: it is 16, it must be 13",
    ),
    "small nm": (
        put("folio_nr_pages_mapped", 20, 1),
        r"_nr_pages_mapped of folio at page 20: it is 1, it must be 0",
    ),
    "NR_ANON_MAPPED": (put("vmstat", 0, 7), r"NR_ANON_MAPPED: it is 7, it must be 539"),
    "NR_ANON_THPS": (put("vmstat", 1, 0), r"NR_ANON_THPS: it is 0, it must be 512"),
    "refcount": (put("folio_refcount", 16, 8), r"refcount of folio at page 16: it is 8, it must be 9"),
    "pin": (put("folio_pins", 16, 0), r"refcount of folio at page 16: it is 9, it must be 8"),
    "exclusive": (
        put("page_anon_exclusive", 17, 1),
        r"mappings of exclusive page 17: it is 2, it must be at most 1",
    ),
    "writable": (
        put("pte", pte_of(16), 16 << ENTRY_SHIFT | PTE_PRESENT | PTE_WRITE),
        r"AnonExclusive of writable page 16: it is 0",
    ),
    "migration": (
        put("pte", pte_of(16), 16 << ENTRY_SHIFT | PTE_MIGRATION),
        r"kind of the PTE at 16: it is 4, it must be 1",
    ),
    "dead page": (
        put("pte", pte_of(16), 1999 << ENTRY_SHIFT | PTE_PRESENT),
        r"a live page under the PTE at 16: there is none, there must be one",
    ),
    "dead folio": (
        put("pmd", 2, 1024 << ENTRY_SHIFT | 2),
        r"a live folio of 512 pages under the PMD at 1024: there is none",
    ),
    "migrating PMD": (
        put("pmd", 2, 512 << ENTRY_SHIFT | PMD_HUGE | PMD_MIGRATION),
        r"kind of the huge PMD at 1024: it is 10, it must be 2",
    ),
    "no kind of PMD": (
        put("pmd", 2, 512 << ENTRY_SHIFT),
        r"kind of the PMD at 1024, no huge one: it is 0, it must be 1",
    ),
    "two kinds of PMD": (
        put("pmd", 2, 512 << ENTRY_SHIFT | PMD_HUGE | PMD_TABLE),
        r"kind of the huge PMD at 1024: it is 3, it must be 2",
    ),
    "small folio under a PMD": (
        put("pmd", 2, 16 << ENTRY_SHIFT | PMD_HUGE),
        r"a live folio of 512 pages under the PMD at 1024: there is none",
    ),
    "writable PMD": (
        put("pmd", 2, 512 << ENTRY_SHIFT | 2 | PMD_WRITE),
        r"AnonExclusive of writable page 512: it is 0",
    ),
    "rss": (put("mm_rss", 0, 5), r"MM_ANONPAGES of process slot 0: it is 5, it must be 530"),
    "no process": (put("mm_id", 1, 0), r"process slot 1 is listed or empty, once: it is 2, it must be 1"),
    "process order": (
        put("mm_id", 0, 3),
        r"id of process slot 1, listed as created: it is 2, it must be at least 4",
    ),
    "process id": (put("mm_id", 1, 9), r"id of process slot 1: it is 9, it must be at most 2"),
    "dead VMA": (put("mm_mmap", 5, 9), r"first VMA of empty process slot 5: it is 9, it must be -1"),
    "dead PMD": (
        put("pmd", 5 * 512, 15 << ENTRY_SHIFT | PMD_TABLE),
        r"PMD entries of empty process slot 5: it is 1",
    ),
    "lost VMA": (lose_a_vma, r"VMA \d+ is in use or free, once: it is 0"),
    "VMA circle": (put("vma_next", 1, 0), r"VMA 0 is in use or free, once: it is \d+"),
    "empty VMA": (put("vma_end", 0, 0), r"end of VMA 0: it is 0, it must be at least 1"),
    "VMA overlap": (
        put("vma_end", 0, 1030),
        r"start of VMA 1, behind another: it is 1024, it must be at least 1030",
    ),
    "no VMA": (put("vma_start", 0, 5), r"a VMA around the PTE at 3: there is none"),
    "short VMA": (put("vma_end", 1, 1500), r"a VMA around the end of the PMD at 1024: there is none"),
    "anon_vma": (put("vma_anon", 0, 0), r"an anon_vma for the PTE at 3: there is none"),
    "pgoff": (put("vma_pgoff", 0, 1), r"page offset of the PTE at 3: it is 3, it must be 4"),
    "index": (put("folio_index", 16, 18), r"page offset of the PTE at 16: it is 18, it must be 16"),
    "shared table": (swap_tables, r"page table 0 is in use or free, once: it is 2"),
    "lost table": (lose_a_table, r"page table \d+ is in use or free, once: it is 0"),
    "free table": (write_to_free_table, r"PTEs in free page table \d+: it is 1"),
    "gather": (put("tlb_batch_nr", 2, 3), r"tlb_batch_nr\[2\]: it is 3, it must be 0"),
    "flush due": (put("tlb_cleared", 0, 1), r"tlb_cleared\[0\]: it is 1, it must be 0"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_law_is_noticed(machine, name):
    """One integer or link changed behind the kernel's back is found, and the message says what and where."""
    break_it, message = BREAKS[name]
    break_it(machine)

    with pytest.raises(InvariantError, match=message) as found:
        every_kernel.check(machine)

    assert not {"True", "False"} & {*re.findall(r"\w+", str(found.value))}


def test_a_page_table_without_a_vma_is_noticed():
    """free_pgtables() frees a table when the last VMA over its 2 MiB goes."""
    lab = Lab(sizes=Sizes(pages=512, tables=4, vmas=4))
    for op in parse_line("mm; mmap 1 0 4; mmap 1 512 4; fault 1 512 0; dontneed 1 512 4"):
        lab.apply(op)
    lab.machine.vma_start[1], lab.machine.vma_end[1] = 1024, 1028

    with pytest.raises(InvariantError, match=r"a VMA over the page table at 512: there is none"):
        every_kernel.check(lab.machine)


def test_a_queued_folio_that_is_gone_is_noticed():
    """A folio that was freed without leaving the queue would be split by the shrinker: a use after free."""
    machine = Machine(Sizes(pages=512, tables=1, vmas=1))
    node = LIST_PAGE + 8 + 2
    machine.list_next[[SPLIT_QUEUE, node]] = machine.list_prev[[SPLIT_QUEUE, node]] = node, SPLIT_QUEUE
    machine.split_queue_len[0] = 1

    with pytest.raises(InvariantError, match=r"order 2 or more on the split queue at page 8: there is none"):
        every_kernel.check(machine)


def test_the_error_is_an_assertion():
    """Callers catch it as folioviz's own or as a failed assertion."""
    assert issubclass(InvariantError, FoliovizError)
    assert issubclass(InvariantError, AssertionError)
