"""The laws of what only some kernels keep: each notices what breaks it, and is silent about other kernels."""

from __future__ import annotations

import re

import pytest

from folioviz.lab import Lab
from folioviz.laws import every_kernel
from folioviz.laws.census import InvariantError
from folioviz.machine.memory import (
    ENTRY_SHIFT,
    LIST_PAGE,
    NR_MTHP_STATS,
    PMD_WRITE,
    PTE_PRESENT,
    PTE_WRITE,
    PTE_ZERO,
    SPLIT_QUEUE,
    Sizes,
)
from folioviz.ops.ops import parse_line

STATE = (
    "mm; mmap 1 0 1024; fault 1 0 4; fault 1 16 2; fault 1 20 0; mmap 1 1024 512; faultpmd 1 1024;"
    "dontneed 1 0 3; fork 1; write 1 20; get 2; mmap 2 4096 8; fault 2 4096 3; zero 6 0 4; split 6;"
    "mprotect 1 16 4 0"
)
"""Folio 1 (page 0, order 4, flagged), 2 (page 16, order 2, pinned, read-only in process 1), 3 (page 20), 4 (page 512,
huge, queued), 5 (COW), 10 to 13 (pages 28 to 31); zero pages at 4096 to 4099 of process 2."""
DOUBLE_MAP = (
    "mm; mmap 1 0 1024; faultpmd 1 0; fork 1; splitpmd 1 0; faultpmd 1 512; splitpmd 1 512; dontneed 1 512 1"
)
"""Folio 1 (page 0, by PMD and PTEs), 2 (page 512, by 511 PTEs, queued)."""
SIZES = Sizes(pages=2048, tables=16, vmas=16)


def machine_after(kernel, line):
    """Return the machine of a kernel after a line of operations; some may be refused by another kernel."""
    lab = Lab(kernel, sizes=SIZES)
    for op in parse_line(line):
        lab.apply(op)
    return lab.machine


@pytest.fixture
def machine():
    """Return a machine of v7.3 with two processes that share some folios."""
    return machine_after("v7.3", STATE)


def put(field, index, value):
    """Return a function that writes one integer."""

    def write(machine):
        getattr(machine, field)[index] = value

    return write


def put_all(*writes):
    """Return a function that writes several integers."""

    def write(machine):
        for field, index, value in writes:
            getattr(machine, field)[index] = value

    return write


def unlink(machine):
    """Take everything off the split queue, as if it had never been there."""
    for node in (LIST_PAGE + 2, LIST_PAGE + 512 + 2, SPLIT_QUEUE):
        machine.list_next[node] = machine.list_prev[node] = node
    machine.split_queue_len[0] = 0


def stat(order, item):
    """Return the place of a folio size's statistic."""
    return order * NR_MTHP_STATS + item


BREAKS = {
    "large mapcount": (
        put("folio_large_mapcount", 0, 24),
        r"_large_mapcount of folio at page 0: it is 24, it must be 25",
    ),
    "large mapcount below a PMD": (
        put("folio_large_mapcount", 512, 0),
        r"_large_mapcount of folio at page 512: it is 0, it must be 1",
    ),
    "large mapcount of a small folio": (
        put("folio_large_mapcount", 20, 0),
        r"large_mapcount at page 20, no large folio's head: it is 0, it must be -1",
    ),
    "owner of a tail": (
        put("folio_mm_id_0", 5, 1),
        r"_mm_id\[0\] at page 5, no large folio's head: it is 1, it must be 0",
    ),
    "owner of a free page": (
        put("folio_mm_ids_shared", 1900, 1),
        r"FOLIO_MM_IDS_SHARED at page 1900, no large folio's head: it is 1, it must be 0",
    ),
    "flag of a tail": (
        put("folio_partially_mapped", 17, 1),
        r"partially_mapped at page 17, no large folio's head: it is 1, it must be 0",
    ),
    "flagged, not queued": (
        unlink,
        r"places on the split queue of flagged folio at page 0: it is 0, it must be 1",
    ),
    "flagged and not counted": (
        put("folio_partially_mapped", 512, 1),
        r"nr_anon_partially_mapped of order 9: it is 0, it must be 1",
    ),
    "flag": (put("folio_partially_mapped", 0, 2), r"PG_partially_mapped of folio at page 0: it is 2"),
    "nr_anon": (put("mthp_stat", stat(4, 3), 2), r"nr_anon of order 4: it is 2, it must be 1"),
    "nr_anon of small folios": (put("mthp_stat", stat(0, 3), 1), r"nr_anon of order 0: it is 1"),
    "nr_pm": (put("mthp_stat", stat(4, 4), 0), r"nr_anon_partially_mapped of order 4: it is 0, it must be 1"),
    "an owner claims too much": (
        put("folio_mm_id_mapcount_1", 0, 13),
        r"mappings that owner 1 of folio at page 0 claims: it is 14, it must be at most 13",
    ),
    "an owner that is gone": (
        put("folio_mm_id_0", 0, 9),
        r"mappings that owner 0 of folio at page 0 claims: it is 13, it must be at most 0",
    ),
    "an owner without mappings": (
        put("folio_mm_id_mapcount_0", 16, -1),
        r"mapcount of owner 0 of folio at page 16: it is -1, it must be at least 0",
    ),
    "mappings without an owner": (
        put("folio_mm_id_1", 16, 0),
        r"mapcount of free owner 1 of folio at page 16: it is 3, it must be -1",
    ),
    "mapcount of a free slot": (
        put_all(("folio_mm_id_1", 16, 0), ("folio_mm_id_mapcount_1", 16, -2)),
        r"mapcount of free owner 1 of folio at page 16: it is -2, it must be -1",
    ),
    "both slots": (
        put_all(("folio_mm_id_1", 16, 1), ("folio_mm_id_mapcount_1", 16, 0)),
        r"an owner of both slots of folio at page 16: there is one, there must be none",
    ),
    "not shared": (
        put("folio_mm_ids_shared", 512, 0),
        r"processes that map the unshared folio at page 512: it is 2, it must be 1",
    ),
    "read-only PTE": (
        put_all(("pte", 16, 16 << ENTRY_SHIFT | PTE_PRESENT | PTE_WRITE), ("page_anon_exclusive", 16, 1)),
        r"a writable PTE in a read-only VMA, at 16: there is one, there must be none",
    ),
    "read-only PMD": (
        put_all(("pmd", 2, 512 << ENTRY_SHIFT | 2 | PMD_WRITE), ("vma_readonly", 1, 1)),
        r"a writable PMD in a read-only VMA, at 1024: there is one",
    ),
    "zero page outside a VMA": (
        put_all(("vma_start", 4, 4098), ("vma_pgoff", 4, 4098)),
        r"a VMA around the zero PTE at \d+: there is none",
    ),
    "zero page with a page": (
        put("pte", 1024, PTE_ZERO | 3 << ENTRY_SHIFT),
        r"kind of the PTE at \d+: it is 16",
    ),
    "writable zero page": (put("pte", 1024, PTE_ZERO | PTE_WRITE), r"kind of the PTE at \d+: it is 16"),
    "huge zero page outside a VMA": (
        put("pmd", 100, 16),
        r"VMAs around the zero PMD at 51200: it is 0",
    ),
    "huge zero page with a page": (
        put("pmd", 1, 16 | 3 << ENTRY_SHIFT),
        r"kind of the PMD at 512, no huge one: it is 16, it must be 1",
    ),
    "zero page as a page": (put("mm_rss", 1, 540), r"MM_ANONPAGES of process slot 1: it is 540, it must be"),
    "max_ptes_none": (put("max_ptes_none", 0, 512), r"max_ptes_none\[0\]: it is 512, it must be at most 511"),
    "a size that is none": (put("thp_enabled", 0, 2), r"orders 0 and 1 of thp_enabled\[0\]: it is 2"),
    "too large a size": (
        put("thp_enabled", 0, 1024),
        r"thp_enabled\[0\]: it is 1024, it must be at most 1020",
    ),
    "writable, not accounted": (
        put("vma_account", 6, 0),
        r"vma_readonly of VMA 6, not accounted: it is 0, it must be at least 1",
    ),
    "still registered": (
        put("vma_flags", 5, 8),
        r"VM_UFFD_MISSING of VMA 5, within an operation only: it is 8, it must be 0",
    ),
    "anon_vma to come": (put("vma_anon", 6, 5), r"anon_vma of VMA 6: it is 5, it must be at most \d"),
    "anon_vma of two": (put("vma_anon", 4, 1), r"processes with anon_vma 1: it is 2, it must be 1"),
    "flags of a tail": (put("folio_flags", 17, 1), r"flags of page 17, no folio's head: it is 1"),
    "a flag that is none": (put("folio_flags", 16, 4), r"folio_flags\[16\]: it is 4, it must be at most 3"),
    "half zero": (put("page_zero_filled", 9, 2), r"page_zero_filled\[9\]: it is 2, it must be at most 1"),
}


def test_the_state_is_in_order(machine):
    """What the other tests break is in order, under this kernel and under the others."""
    every_kernel.check(machine)
    for kernel in ("v6.8", "v6.9", "v6.10", "v6.12", "v7.3+no-page-mapcount"):
        every_kernel.check(machine_after(kernel, STATE))

    assert machine.folio_id[[0, 16, 20, 512]].tolist() == [1, 2, 3, 4]
    assert machine.split_queue_len[0] == 2
    assert (machine.pte == PTE_ZERO).sum() == 4


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_law_is_noticed(machine, name):
    """One integer or link changed behind the kernel's back is found, and the message says what and where."""
    break_it, message = BREAKS[name]
    break_it(machine)

    with pytest.raises(InvariantError, match=message) as found:
        every_kernel.check(machine)

    assert not {"True", "False"} & {*re.findall(r"\w+", str(found.value))}


@pytest.mark.parametrize(
    ("writes", "message"),
    [
        (
            (("folio_mm_id_0", 0, 1), ("folio_mm_id_mapcount_0", 0, 0)),
            r"mappings that owner 0 of folio at page 0 claims: it is 1, it must be at most 0",
        ),
        (
            (("folio_mm_ids_shared", 0, 1),),
            r"FOLIO_MM_IDS_SHARED of unmapped folio at page 0: it is 1, it must be 0",
        ),
    ],
)
def test_nobody_owns_what_is_not_mapped(writes, message):
    """A folio that only a pin holds has free slots."""
    machine = machine_after("v7.3", "mm; mmap 1 0 64; fault 1 0 4; get 1; munmap 1 0 64")
    every_kernel.check(machine)
    put_all(*writes)(machine)

    with pytest.raises(InvariantError, match=message):
        every_kernel.check(machine)


@pytest.mark.parametrize(
    ("field", "index", "value", "message"),
    [
        ("page_mapcount", 5, 0, r"_mapcount of page 5: it is 0, it must be -1"),
        ("folio_nr_pages_mapped", 0, 13, r"_nr_pages_mapped of folio at page 0: it is 13, it must be 0"),
        ("vmstat", 0, 535, r"NR_ANON_MAPPED: it is 535, it must be 538"),
    ],
)
def test_without_page_mapcounts(field, index, value, message):
    """Pages of large folios are not counted, and a folio counts as a whole."""
    machine = machine_after("v7.3+no-page-mapcount", STATE)
    getattr(machine, field)[index] = value

    with pytest.raises(InvariantError, match=message):
        every_kernel.check(machine)


@pytest.mark.parametrize(
    ("writes", "message"),
    [
        ((("page_mapcount", 5, 0),), r"_mapcount of page 5: it is 0, it must be 1"),
        ((("folio_nr_pages_mapped", 0, 1),), r"_nr_pages_mapped of folio at page 0: it is 1, it must be 0"),
        ((("vmstat", 0, 1024),), r"NR_ANON_MAPPED: it is 1024, it must be 1023"),
        (
            (("folio_double_map", 0, 0), ("page_mapcount", slice(0, 512), 0)),
            r"DoubleMap of folio at page 0, mapped by PMD and PTE: it is 0, it must be 1",
        ),
        (
            (("folio_double_map", 512, 1), ("page_mapcount", slice(513, 1024), 1), ("page_mapcount", 512, 0)),
            r"DoubleMap of folio at page 512, mapped by no PMD: it is 1, it must be 0",
        ),
        (
            (("folio_double_map", 3, 1),),
            r"double_map at page 3, no large folio's head: it is 1, it must be 0",
        ),
        (
            (
                ("list_next", [SPLIT_QUEUE, LIST_PAGE + 514], [SPLIT_QUEUE, LIST_PAGE + 514]),
                ("list_prev", [SPLIT_QUEUE, LIST_PAGE + 514], [SPLIT_QUEUE, LIST_PAGE + 514]),
                ("split_queue_len", 0, 0),
            ),
            r"places on the split queue of mapped folio at page 512: it is 0, it must be 1",
        ),
    ],
)
def test_the_laws_of_v6_1(writes, message):
    """A page's counter holds its PTEs and one for the PMDs; whatever is mapped in part waits."""
    machine = machine_after("v6.1", DOUBLE_MAP)
    every_kernel.check(machine)
    put_all(*writes)(machine)

    with pytest.raises(InvariantError, match=message):
        every_kernel.check(machine)
