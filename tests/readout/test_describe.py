"""A machine in words: every number is the machine's, and it is the one that the word says."""

from __future__ import annotations

import pytest

from folioviz import Lab, parse_line
from folioviz.readout.describe import folio_names, machine_lines

SHARED = (
    "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 2; fault 1 32 4; fork 1; dontneed 2 32 4; dontneed 1 32 6; "
    "dontneed 1 0 5; dontneed 2 0 3; get 1; get 1; get 3; fault 1 0 0; mm"
)
OWNED = (
    "mm; mmap 1 0 64; fault 1 0 4; fault 1 16 4; zero 2 0 3; fork 1; dontneed 1 0 5; dontneed 2 0 3; "
    "dontneed 1 16 16; get 1; fork 1; fork 1"
)
HUGE = "mm; mmap 1 0 1024; faultpmd 1 0; fork 1; dontneed 2 0 100"
UNCOUNTED = "mm; mmap 1 0 64; fault 1 0 4; fork 1; dontneed 1 0 5; dontneed 2 0 3"
TOLD = {
    ("v6.5-rc3+v4.1", SHARED): [
        "process 1: rss 26; [0x7f0000000000, 0x7f0000040000)",  # 11 of folio 1, 4, 10 of folio 3, 1
        "process 2: rss 29; [0x7f0000000000, 0x7f0000040000)",  # 13, 4, 12
        "process 3: rss 0; no VMA",
        (
            "folio 1: order 4, refcount 26; 13 of 16 pages mapped; "  # 11 + 13 mappings, 2 pins
            "_nr_pages_mapped: 13 pages by PTE; _entire_mapcount -1; _mapcount 3 x -1, 2 x 0, 11 x 1; pins 2; "
            "on the split queue"
        ),
        (
            "folio 2: order 2, refcount 8; 4 of 4 pages mapped; "
            "_nr_pages_mapped: 4 pages by PTE; _entire_mapcount -1; _mapcount 4 x 1"
        ),
        (
            "folio 3: order 4, refcount 23; 12 of 16 pages mapped; "
            "_nr_pages_mapped: 12 pages by PTE; _entire_mapcount -1; _mapcount 4 x -1, 2 x 0, 10 x 1; pins 1; "
            "on the split queue"
        ),
        "folio 4: order 0, refcount 1; _mapcount 0",
        "split queue: 3 1",
        "nr_anon_mapped 30, thp_deferred_split_page 2",  # 13 + 4 + 12 + 1
    ],
    ("v7.3", OWNED): [
        "process 1: rss 11; [0x7f0000000000, 0x7f0000040000)",
        "process 2: rss 29; [0x7f0000000000, 0x7f0000040000)",
        "process 3: rss 11; [0x7f0000000000, 0x7f0000040000)",
        "process 4: rss 11; [0x7f0000000000, 0x7f0000040000)",
        (
            "folio 1: order 4, refcount 47; 13 of 16 pages mapped; "  # 11 + 13 + 11 + 11 mappings, 1 pin
            "_nr_pages_mapped: 13 pages by PTE; _entire_mapcount -1; _mapcount 3 x -1, 2 x 0, 11 x 3; "
            "_large_mapcount 45; PG_partially_mapped; "
            "owners process 1 (11 mappings), process 2 (13 mappings), maybe others; pins 1; on the split queue"
        ),
        (
            "folio 2: order 4, refcount 16; 16 of 16 pages mapped; "
            "_nr_pages_mapped: 16 pages by PTE; _entire_mapcount -1; _mapcount 16 x 0; "
            "_large_mapcount 15; owners process 2 (16 mappings); 3 pages zero-filled"
        ),
        "split queue: 1",
        (
            "nr_anon_mapped 29, hugepages-64kB split_deferred 1, hugepages-64kB nr_anon 2, "
            "hugepages-64kB nr_anon_partially_mapped 1"
        ),
    ],
    ("v6.1", HUGE): [
        "process 1: rss 512; [0x7f0000000000, 0x7f0000400000)",
        "process 2: rss 412; [0x7f0000000000, 0x7f0000400000)",
        (
            "folio 1: order 9, refcount 413; 512 of 512 pages mapped; _entire_mapcount 0; "  # a PMD, 412 PTEs
            "_mapcount 100 x 0, 412 x 1; PG_double_map"
        ),  # each page has one too many
        "split queue: empty",
        "nr_anon_mapped 512, nr_anon_thps 512, thp_split_pmd 1",
    ],
    ("v7.3+no-page-mapcount", UNCOUNTED): [
        "process 1: rss 11; [0x7f0000000000, 0x7f0000040000)",
        "process 2: rss 13; [0x7f0000000000, 0x7f0000040000)",
        (
            "folio 1: order 4, refcount 24; 13 of 16 pages mapped; _entire_mapcount -1; "
            "PTEs of its pages - 1 (not counted) 3 x -1, 2 x 0, 11 x 1; _large_mapcount 23; "
            "owners process 1 (11 mappings), process 2 (13 mappings), maybe others"
        ),
        "split queue: empty",  # 24 mappings of 16 pages: this kernel sees no page that is not mapped
        "nr_anon_mapped 16, hugepages-64kB nr_anon 1",
    ],
}
"""Kernel and operations -> what is told, one entry each, whatever its lines."""


@pytest.mark.parametrize(("kernel", "ops"), TOLD, ids=[kernel for kernel, _ in TOLD])
def test_a_machine_is_told_as_it_is(kernel, ops):
    """Processes, folios with what their kernel keeps, the queue from its head on, and counters that are not 0."""
    lab = Lab(kernel)
    for op in parse_line(ops):
        lab.apply(op)
    entries: list[str] = []
    for line in machine_lines(lab.machine):
        if line.startswith("      "):
            entries[-1] += f" {line.strip()}"
        else:
            entries.append(line.strip())

    assert entries == TOLD[kernel, ops]


def test_folios_that_are_alike_are_told_once():
    """Three small ones in a row and one apart; a name each, and spans."""
    lab = Lab("v6.12")
    for op in parse_line("mm; mmap 1 0 64; fault 1 0 0; fault 1 1 0; fault 1 2 0; fault 1 16 2; fault 1 3 0"):
        lab.apply(op)

    assert "    folios 1-3, 5: order 0, refcount 1; _mapcount 0" in machine_lines(lab.machine)
    assert [folio_names(ids) for ids in ([7], [7, 8], [1, 3])] == ["folio 7", "folios 7-8", "folios 1, 3"]
