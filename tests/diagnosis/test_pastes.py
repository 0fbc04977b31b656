"""Pastes as people make them, their numbers replaced: what is read, between which bounds, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from folioviz import Lab
from folioviz.diagnosis import explain
from folioviz.diagnosis.text import text
from folioviz.files import share
from folioviz.ops.walk import live_folios

PASTES = Path(__file__).parent / "pastes"
MIB = 1024


class Wanted(NamedTuple):
    """What is expected of a paste; amounts in KiB."""

    read: tuple
    held: tuple | None
    gives_back: tuple | None
    said: tuple
    ops: str | None
    unknown: str


CG1, STATS, DUMP = "memory.stat (cgroup v1)", "hugepages-*kB/stats", "page dump"
WANTED = {
    # 1842 MiB on the lists (1931476992 bytes), 180 MiB mapped.
    "container-v1": Wanted(
        ((CG1, 1),),
        (1842 * MIB - 180 * MIB,) * 2,
        (1662 * MIB,) * 2,
        (
            "184,320 KiB (180.0 MiB) of anonymous memory are mapped",
            "Before v5.8, total_rss counted what is held",
        ),
        "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 50 462; shrink 1",  # 180 of 1842: 50 of 512
        "swap cache, here taken as 0",
    ),
    "container-v1-split": Wanted(
        ((CG1, 2),),
        (1662 * MIB,) * 2,
        (1662 * MIB,) * 2,
        (
            "(2): 1,701,888 KiB (1.6 GiB), then 0 KiB held and mapped by nobody",
            "So they show no anonymous memory",
        ),
        "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 50 462; shrink 1",
        "swap cache, here taken as 0",
    ),
    # 696 + 12 MiB on the lists, 310 mapped, 8 shared memory; 92 MiB of files are 8 shared and 52 + 32 on their lists.
    "pod-v2": Wanted(
        (("memory.stat", 1),),
        (390 * MIB,) * 2,
        (390 * MIB,) * 2,
        (
            "8,192 KiB are shared memory or tmpfs",
            "399,360 KiB (390.0 MiB) of anonymous memory are held and mapped by",
        ),
        "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 227 285; shrink 1",
        "CONFIG_NO_PAGE_MAPCOUNT",
    ),
    # 500 + 40 + 50 on the lists, 400 mapped; of 200 of files 160 are on theirs, so that 40 of the 50 are locked files.
    "v2-with-swap": Wanted(
        (("memory.stat", 1),),
        (130 * MIB, 150 * MIB),
        (130 * MIB, 150 * MIB),
        (
            "At least 40,960 KiB (40.0 MiB) on these lists are locked file pages",
            "20,480 KiB (20.0 MiB) are in the swap",
        ),
        "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 372 140; shrink 1",
        "nr_anon_partially_mapped",
    ),
    # All lists 1,318,912 kB; page cache, buffers and swap cache 323,584; mapped 665,600; the machine's file count has
    # the swap cache, so that its 40,960 are what may be added.
    "meminfo-swap": Wanted(
        (("/proc/meminfo", 1),),
        (1_318_912 - 323_584 - 665_600, 1_318_912 - 323_584 - 665_600 + 40_960),
        (329_728, 370_688),
        ("between 329,728 KiB (322.0 MiB) and 370,688 KiB (362.0 MiB)", "/proc/sys/vm/stat_refresh"),
        "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 329 183; shrink 1",
        "nr_anon_partially_mapped",
    ),
    "smaps-heap": Wanted(
        (("smaps", 1),),
        None,
        None,
        (
            "AnonHugePages is 36,864 KiB (36.0 MiB), 75 % of Anonymous",
            "The other 12,288 KiB (12.0 MiB) are mapped by PTEs",
        ),
        "mm; mmap 1 0 1024; faultpmd 1 0",
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    "smaps-two-processes": Wanted(
        (("smaps", 2),),
        None,
        None,
        (
            "/proc/4121/smaps: Rss is 7,176 KiB; 6,276 KiB of it are anonymous",  # 132 + 6144 + 900, 132 + 6144
            "LazyFree is 1,024 KiB",
            "/proc/4188/smaps: Rss is 4,216 KiB; 4,216 KiB",
            "Swap is 512 KiB: not in Rss",
        ),
        "mm; mmap 1 0 1024; faultpmd 1 0; faultpmd 1 512; splitpmd 1 512",  # 65 % by PMDs
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    "smaps-awk-sums": Wanted(
        (("smaps", 1),),
        None,
        None,
        ("AnonHugePages is 761,856 KiB (744.0 MiB), 51 % of Anonymous", "The other 731,136 KiB"),
        "mm; mmap 1 0 1024; faultpmd 1 0; faultpmd 1 512; splitpmd 1 512",
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    "rollup-lazyfree": Wanted(
        (("smaps_rollup", 1),),
        None,
        None,
        (
            "LazyFree is 262,144 KiB (256.0 MiB): given back by MADV_FREE",
            "AnonHugePages is 0: no PMD maps any of it",
        ),
        None,
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    # 210000 + 5000 + 700 pages on the lists, 152700 mapped, 3000 shared; 65000 of files are 3000 + 62000 on theirs.
    # Marked: 150 of 2 MiB and 100 of 64 kB, 78,400 pages; 60,000 of them are held, the rest mapped: 120 of 512.
    "vmstat-and-sizes": Wanted(
        (("/proc/vmstat", 1), (STATS, 1)),
        (60_000 * 4,) * 2,
        (60_000 * 4,) * 2,
        (
            "150 folios of 260 marked as partially mapped; nobody maps at most 306,600 KiB",
            "100 folios of 800 marked as partially mapped; nobody maps at most 6,000 KiB",
            "has counted 952 that were queued, thp_split_page 11 that were",
        ),
        "mm; mmap 1 0 1024; faultpmd 1 0; faultpmd 1 512; dontneed 1 120 392; dontneed 1 632 392; shrink 2",
        "getconf PAGESIZE",
    ),
    "sizes-under-headings": Wanted(
        ((STATS, 1),),
        (0, 200 * 15 * 4),
        (0, 12_000),
        ("200 folios of 3,210 marked as partially mapped; nobody maps at most 12,000 KiB", "seen on 6.12.88"),
        "mm; mmap 1 0 32; fault 1 0 4; fault 1 16 4; dontneed 1 8 8; dontneed 1 24 8; shrink 2",
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    # 512 + 128 kB are 160 pages, each perhaps the last of 512.
    "thpmaps-process": Wanted(
        (("thpmaps", 1),),
        (0, 160 * 511 * 4),
        (0, 327_040),
        ("30,720 KiB (30.0 MiB) are mapped by PMDs, 5,216 KiB by PTEs and whole, and 640 KiB belong",),
        "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 256 256; shrink 1",
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    "thpmaps-whole": Wanted(
        (("thpmaps", 1),),
        (0, 0),
        (0, 0),
        ("204,800 KiB (200.0 MiB) are mapped by PMDs, 2,048 KiB by PTEs and whole, and 0 KiB belong",),
        None,
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    "dump-v6.1": Wanted(
        ((DUMP, 1),),
        (0, 511 * 4),
        (0, 2044),
        ("a folio of 512 pages (2,048 KiB); this kernel does not print how many of them are mapped",),
        None,
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    "dump-v6.5": Wanted(
        ((DUMP, 1),),
        (1024, 1024),
        (1024, 1024),
        ("of which 256 are mapped; nobody maps 256 (1,024 KiB)",),
        "mm; mmap 1 0 512; faultpmd 1 0; splitpmd 1 0; dontneed 1 256 256; shrink 1",
        "nr_anon_partially_mapped",
    ),
    # 12 references, 10 mappings of 5 pages: two processes, and two references of others.
    "dump-v6.12": Wanted(
        ((DUMP, 1),),
        (44, 44),
        (0, 44),
        ("of which 5 are mapped; nobody maps 11 (44 KiB)", "2 references beside those of mappings"),
        "mm; mmap 1 0 16; fault 1 0 4; dontneed 1 5 11; fork 1; get 1; shrink 1",
        "nr_anon_partially_mapped",
    ),
    # 6 mappings map 6 pages at most, and 1 at least.
    "dump-no-page-mapcount": Wanted(
        ((DUMP, 1),),
        (10 * 4, 15 * 4),
        (0, 60),
        ("with 6 mappings in all; on this kernel (CONFIG_NO_PAGE_MAPCOUNT)", "1 reference beside"),
        None,
        "nr_anon_partially_mapped",
    ),
    "dump-of-a-file": Wanted(
        ((DUMP, 1),),
        None,
        None,
        ("the folio is not anonymous",),
        None,
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    "several-quoted": Wanted(
        (("smaps_rollup", 1), ("memory.stat", 1), (STATS, 1)),
        (100 * MIB,) * 2,
        (100 * MIB,) * 2,
        (
            "AnonHugePages is 40,960 KiB (40.0 MiB), 40 % of Anonymous",
            "1 process of the paste: 102,400 KiB (100.0 MiB) of mapped anonymous memory",
            "51 folios of 70 marked",
        ),
        "mm; mmap 1 0 1024; faultpmd 1 0; faultpmd 1 512; dontneed 1 256 256; dontneed 1 768 256; shrink 2",
        "CONFIG_NO_PAGE_MAPCOUNT",
    ),
    # 480 + 20 MiB on the lists, 200 mapped.
    "memcg-oom": Wanted(
        (("memory.stat", 1),),
        (300 * MIB,) * 2,
        (300 * MIB,) * 2,
        ("61,440 KiB (60.0 MiB) of what is mapped, 30 %, are huge pages",),
        "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 205 307; shrink 1",
        "nr_anon_partially_mapped",
    ),
    # A PMD that maps 512 MiB: pages of 64 KiB, 32 of them in 2 MiB.
    "sizes-of-64k-pages": Wanted(
        ((STATS, 1),),
        (0, 10 * 31 * 64),
        (0, 19_840),
        ("10 folios marked as partially mapped; nobody maps at most 19,840 KiB",),
        "mm; mmap 1 0 64; fault 1 0 5; fault 1 32 5; dontneed 1 16 16; dontneed 1 48 16; shrink 2",
        "memory.stat of the cgroup, or /proc/vmstat",
    ),
    "anon-only": Wanted(
        (("memory.stat", 1),),
        None,
        None,
        (),
        None,
        "/sys/fs/cgroup/app/memory.stat means: it lacks unevictable, shmem",
    ),
    # Pages of 64 KiB: 10,000 on the lists, 8,000 mapped, 500 shared.
    "arm64-64k-pages": Wanted(
        (("smaps", 1), ("/proc/vmstat", 1)),
        (1_500 * 64,) * 2,
        (96_000,) * 2,
        ("512,000 KiB (500.0 MiB) of anonymous memory are mapped",),
        "mm; mmap 1 0 512; faultpmd 1 0; dontneed 1 431 81; shrink 1",
        "CONFIG_NO_PAGE_MAPCOUNT",
    ),
}


def read(name):
    """Return a paste."""
    return (PASTES / f"{name}.txt").read_text(encoding="utf-8")


def test_every_paste_is_expected():
    """No file without an expectation, and none expected that is not there."""
    assert sorted(WANTED) == sorted(path.stem for path in PASTES.iterdir())


@pytest.mark.parametrize("name", WANTED)
def test_a_paste_says_what_it_means(name):
    """What is read, the bounds, the sentences, and what would tell more."""
    said, wanted = explain(read(name)), WANTED[name]
    sentences = " ".join(said.sentences)

    assert said.recognised == wanted.read
    assert (said.held, said.gives_back) == (wanted.held, wanted.gives_back)
    assert [one for one in wanted.said if one not in sentences] == []
    assert any(wanted.unknown in " ".join(one) for one in said.cannot_know)


@pytest.mark.parametrize("name", WANTED)
def test_the_scenario_of_a_paste_runs(name):
    """It is the expected one, every kernel of it does all operations, and its link and command bring it back."""
    offer = explain(read(name)).offer
    assert (offer and offer.ops) == WANTED[name].ops
    if offer is None:
        return
    assert share.from_query(share.fields_of(offer.query)).ops == offer.scenario.ops
    assert offer.command == f"echo '{offer.ops}' | folioviz run -"
    for kernel in offer.scenario.kernels:
        lab = Lab(kernel)
        for op in offer.scenario.ops:
            assert lab.refusal(op) is None
            lab.apply(op)
        assert live_folios(lab.machine).size


@pytest.mark.parametrize("name", WANTED)
def test_a_paste_is_printed_narrow(name):
    """At most 72 columns, each sentence and bound in it."""
    said = explain(read(name))
    printed = text(said)

    assert max(map(len, printed.splitlines())) <= 72
    flat = " ".join(printed.split())
    assert [one for one in said.sentences if one not in flat] == []


@pytest.mark.parametrize("name", WANTED)
def test_what_stands_before_the_lines_does_not_matter(name):
    """Quoted in a mail, with carriage returns, indented, and in bytes: the same is said."""
    whole = read(name)
    said = explain(whole)

    for other in (
        "".join(f"> {line}\n" for line in whole.splitlines()),
        whole.replace("\n", "\r\n"),
        "".join(f"    {line}\n" for line in whole.splitlines()),
        whole.encode(),
    ):
        assert explain(other) == said
