"""The cases of docs/kernel/readings.md about reads and zero pages, by what they show."""

from __future__ import annotations

from folioviz.kernels import KERNELS
from folioviz.machine.journal import SIGNALLED_READING, SWAPPED_IN
from folioviz.machine.memory import EFAULT, EINVAL, THP_SPLIT_PMD
from tests.kernels.cases import LATER, MODERN, SINCE_V6_12, V7_3, Case

BEFORE_V6_13 = tuple(key for key in MODERN if key not in V7_3)
HUGE = "mm; mmap 1 0 512; enabled 9 1; read 1 0 3"
NEARLY = "mm; mmap 1 0 512; touch 1 0 510; read 1 510 2; enabled 9 1"
"""A page table that lacks two pages."""
REPLACED = (
    "mm; mmap 1 512 512; write 1 512; fork 1; munmap 1 512 512; mmap 1 512 512; enabled 9 1; read 1 512 1"
)
"""The child maps the machine's first page at an address at which its parent has the huge zero page."""
OF_READS = {
    "a read maps the zero page, which is no resident page": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 16; read 1 0 16",
        {"rss 1": 0, "zeros 1": 16},
    ),
    "a write to the zero page takes a page": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 16; read 1 0 16; write 1 3; write 1 3",
        {"rss 1": 1, "zeros 1": 15, "order 1 3": 0},
    ),
    "zero pages are zapped, and their table is freed with the VMA": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 16; read 1 0 16; write 1 3; dontneed 1 0 8",
        {"rss 1": 0, "zeros 1": 8},
    ),
    "fork copies zero pages where a page was written": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 16; read 1 0 16; write 1 3; fork 1; write 2 4",
        {"rss 1": 1, "rss 2": 2, "zeros 1": 15, "zeros 2": 14},
    ),
    "zero pages move with their table's entries": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 16; mmap 1 100 16; read 1 0 8; write 1 3; mremap 1 0 8 200; write 1 201",
        {"rss 1": 2, "zeros 1": 6, "order 1 201": 0},
    ),
    "an empty 2 MiB range gets the huge zero page": Case(
        MODERN,
        f"{HUGE}; splitpmd 1 0",
        {"rss 1": 0, "zeros 1": 512, f"event {THP_SPLIT_PMD}": 1},
    ),
    "a range that its VMA does not cover gets small ones": Case(
        MODERN,
        "mm; mmap 1 0 511; enabled 9 1; read 1 0 3; munmap 1 8 8",
        {"rss 1": 0, "zeros 1": 3, f"event {THP_SPLIT_PMD}": 0},
    ),
    "before v6.13 a write to the huge zero page splits its PMD and takes a page": Case(
        BEFORE_V6_13,
        f"{HUGE}; write 1 100",
        {"rss 1": 1, "zeros 1": 511, f"event {THP_SPLIT_PMD}": 1},
    ),
    "v7.3 takes a huge page for it, and queues it": Case(
        V7_3,
        f"{HUGE}; write 1 100",
        {"rss 1": 512, "zeros 1": 0, "orders": [9], f"event {THP_SPLIT_PMD}": 0, "cost qadd": 1},
    ),
    "without a free huge page v7.3 splits the PMD, too": Case(
        V7_3,
        f"{HUGE}; mmap 1 1024 16384; {'; '.join(f'faultpmd 1 {512 * i}' for i in range(2, 33))}; write 1 1024; "
        "enabled 9 0; touch 1 16896 1; write 1 100",
        {f"event {THP_SPLIT_PMD}": 1, "order 1 100": 0},
    ),
    "the huge zero page is forked, moved, and zapped, and costs no page": Case(
        MODERN,
        f"{HUGE}; fork 1; mremap 2 0 512 1024; dontneed 1 0 512",
        {"rss 1": 0, "rss 2": 0, "zeros 1": 0, "zeros 2": 512, f"event {THP_SPLIT_PMD}": 0},
    ),
    "it is split where a range ends, and stays where a split of a folio looks": Case(
        MODERN,
        "mm; mmap 1 0 1024; enabled 9 1; touch 1 0 512; read 1 512 1; mprotect 1 0 1024 0; mprotect 1 0 1024 1; "
        "split 1; dontneed 1 600 8",
        {f"event {THP_SPLIT_PMD}": 2, "order 1 511": 0, "zeros 1": 504},
    ),
    "a VMA of zero pages alone has no anon_vma, and fork passes it over": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 16; read 1 0 16; fork 1",
        {"zeros 1": 16, "zeros 2": 0},
    ),
    "with order 9 it has one": Case(
        MODERN,
        f"{HUGE}; fork 1",
        {"zeros 1": 512, "zeros 2": 512},
    ),
    "a read makes accessed what is mapped, and leaves the rest of its marks": Case(
        MODERN,
        "mm; mmap 1 0 4; fault 1 0 0; fault 1 1 0; cold 1 0 4; read 1 0 1",
        {"young 1": [0]},
    ),
    "a read ends at the first page that may not be read": Case(
        tuple(KERNELS),
        "mm; mmap 1 0 8; mmap 1 16 8; read 1 4 24",
        {"zeros 1": 4, "result": -EFAULT, f"reasons {SIGNALLED_READING}": 1},
    ),
    "be it PROT_NONE; what is read-only is read": Case(
        MODERN,
        "mm; mmap 1 0 24; mprotect 1 4 4 0; protnone 1 8 8; read 1 0 24",
        {"zeros 1": 8, "result": -EFAULT},
    ),
    "or a guard marker, and markers take the place of zero pages": Case(
        V7_3,
        "mm; mmap 1 0 16; read 1 0 16; guard 1 4 4; dontneed 1 0 4; read 1 0 16",
        {"zeros 1": 12, "guards 1": [4, 5, 6, 7], "result": -EFAULT},
    ),
    "a read brings back what is swapped out, and a zero page stays where it is": Case(
        MODERN,
        "mm; mmap 1 0 16; write 1 3; swapon 64; read 1 0 3; pageout 1 0 16; read 1 3 1",
        {"rss 1": 1, "zeros 1": 3, "order 1 3": 0, f"reasons {SWAPPED_IN}": 1},
    ),
    "mlock reads what is read-only": Case(
        MODERN,
        "mm; mmap 1 0 16; write 1 3; swapon 64; pageout 1 3 1; mprotect 1 0 16 0; mlock 1 0 16",
        {"rss 1": 1, "zeros 1": 15, "locked 1": [(0, 16)]},
    ),
    "and marks nothing as accessed that is there": Case(
        MODERN,
        "mm; mmap 1 0 4; touch 1 0 2; cold 1 0 4; mprotect 1 0 4 0; mlock 1 0 4",
        {"young 1": [], "zeros 1": 2},
    ),
    "mlock takes pages of zeros for zero pages": Case(
        LATER,
        "mm; mmap 1 0 16; read 1 0 8; mlock 1 0 16",
        {"rss 1": 16, "zeros 1": 0, "blank 1": 16},
    ),
    "and for the huge zero page what a write takes": Case(
        BEFORE_V6_13,
        f"{HUGE}; enabled 9 0; mlock 1 0 512",
        {"rss 1": 512, "zeros 1": 0, "orders": [], f"event {THP_SPLIT_PMD}": 1},
    ),
    "PROT_NONE flushes a range of zero pages": Case(
        MODERN,
        "mm; mmap 1 0 16; read 1 0 16; protnone 1 0 16",
        {"zeros 1": 16, "cost thw": 1},
    ),
    "read-only flushes none": Case(
        MODERN,
        "mm; mmap 1 0 16; read 1 0 16; mprotect 1 0 16 0",
        {"zeros 1": 16, "cost thw": 0},
    ),
    "khugepaged counts zero pages as none: too many": Case(
        MODERN,
        f"{NEARLY}; maxnone 1; khugepaged 1",
        {"zeros 1": 2, "rss 1": 510},
    ),
    "or few enough": Case(
        MODERN, f"{NEARLY}; maxnone 2; khugepaged 1", {"zeros 1": 0, "rss 1": 512, "orders": [9]}
    ),
    "what maps zeros alone is not collapsed: no page of it may be written": Case(
        BEFORE_V6_13,
        "mm; mmap 1 0 1024; write 1 600; read 1 0 512; collapse 1 0 512",
        {"zeros 1": 512, "orders": [], "result": -EINVAL},
    ),
    "but v7.3 asks no more, and makes a folio of zeros": Case(
        V7_3,
        "mm; mmap 1 0 1024; write 1 600; read 1 0 512; collapse 1 0 512",
        {"zeros 1": 0, "orders": [9], "result": 0},
    ),
    "the huge zero page is a huge page to MADV_COLLAPSE": Case(
        MODERN,
        f"{HUGE}; collapse 1 0 512",
        {"zeros 1": 512, "rss 1": 0, "result": 0},
    ),
    "no folio is behind it for a migration": Case(
        LATER,
        f"{REPLACED}; migrate 1",
        {"zeros 1": 512, "rss 1": 0, "rss 2": 1, f"event {THP_SPLIT_PMD}": 0},
    ),
    "nor for reclaim": Case(
        MODERN,
        f"{REPLACED}; swapon 64; reclaim 1",
        {"zeros 1": 512, "rss 1": 0, "rss 2": 0, f"event {THP_SPLIT_PMD}": 0},
    ),
    "a pin takes pages of one's own": Case(
        MODERN,
        "mm; mmap 1 0 16; read 1 0 16; pin 1 0 4",
        {"rss 1": 4, "zeros 1": 12},
    ),
    "a child that writes leaves its parent's zero page": Case(
        V7_3,
        f"{HUGE}; fork 1; write 2 5",
        {"rss 1": 0, "rss 2": 512, "zeros 1": 512, "zeros 2": 0},
    ),
    "what a split of underused folios left is read, and written": Case(
        SINCE_V6_12,
        "mm; mmap 1 0 512; enabled 9 1; maxnone 100; write 1 0; shrink 1; read 1 0 512; write 1 9",
        {"rss 1": 2, "zeros 1": 510},
    ),
    "MADV_FREE and MADV_COLD pass it over": Case(
        MODERN,
        f"{HUGE}; free 1 0 512; cold 1 8 8",
        {"rss 1": 0, "zeros 1": 512, f"event {THP_SPLIT_PMD}": 0},
    ),
}
