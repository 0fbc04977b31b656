"""What smaps says of a process, as numbers."""

from __future__ import annotations

import re

import pytest

from folioviz.evidence.recordings import kernels, recording, replayed, scenarios
from folioviz.kernels import KERNELS
from folioviz.ops.walk import mm_slot
from folioviz.proc.mapcounts import averages
from folioviz.proc.smaps import Usage, by_vma, rollup, together, usage

AVERAGES = "v7.3+no-page-mapcount"
LARGE = [key for key, kernel in KERNELS.items() if 4 in kernel.orders]
"""The kernels that fault folios of order 4."""


def shown(lab, mm):
    """Return what smaps_rollup says of a process, zeros left out."""
    return {name: kb for name, kb in rollup(lab.machine, mm_slot(lab.machine, mm)).kb().items() if kb}


@pytest.mark.parametrize("key", LARGE)
def test_a_childs_copy_is_shared_until_it_goes(key, after):
    """Measured on 6.18.44: both have half of 64 kB; then the parent has its half and all of the child's."""
    both = after("mm; mmap 1 0 16; fault 1 0 4; fork 1", key)

    assert [shown(both, mm)["Rss"] for mm in (1, 2)] == [64, 64]
    assert [shown(both, mm)["Shared_Dirty"] for mm in (1, 2)] == [64, 64]
    assert [shown(both, mm)["Pss"] for mm in (1, 2)] == [32, 32]

    half = after("mm; mmap 1 0 16; fault 1 0 4; fork 1; dontneed 2 0 8", key)
    whole = averages(half.machine)  # 24 mappings of 16 pages are two for each

    assert [shown(half, mm)["Rss"] for mm in (1, 2)] == [64, 32]
    assert [shown(half, mm)["Pss"] for mm in (1, 2)] == ([32, 16] if whole else [48, 16])
    assert shown(half, 1).get("Private_Dirty", 0) == (0 if whole else 32)


@pytest.mark.parametrize("key", KERNELS)
def test_a_pmd_shares_its_pages_one_by_one(key, after):
    """A huge page that one process maps by a PMD and another in part: its pages have two mappings or one."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; fork 1; dontneed 2 0 256", key)
    parent, child = (shown(lab, mm) for mm in (1, 2))

    assert (parent["AnonHugePages"], parent["Rss"]) == (2048, 2048)
    assert ("AnonHugePages" in child, child["Rss"]) == (False, 1024)
    assert (parent["Pss"], child["Pss"]) == ((1024, 512) if averages(lab.machine) else (1536, 512))


def test_every_vma_is_rounded_by_itself_and_the_rollup_once(after):
    """Two pages of which each has three mappings are 2.67 kB, twice over 5.33."""
    lab = after("mm; mmap 1 0 2; mmap 1 8 2; touch 1 0 2; touch 1 8 2; fork 1; fork 1", "v6.12")
    parts = by_vma(lab.machine, 0)

    assert [vma[:2] for vma, _ in parts] == [(0, 2), (8, 10)]
    assert [part.kb()["Pss"] for _, part in parts] == [2, 2]
    assert shown(lab, 1)["Pss"] == 5


def test_one_reference_is_one_mapping(after):
    """The last mapping of a folio is private, though the folio may still be noted as shared."""
    line = "mm; mmap 1 0 16; fault 1 0 4; fork 1; fork 2; exit 1; exit 2; dontneed 3 1 15"
    lab = after(line, AVERAGES)

    assert lab.machine.folio_mm_ids_shared[0] == 1
    assert shown(lab, 3) == {"Rss": 4, "Pss": 4, "Pss_Dirty": 4, "Private_Dirty": 4, "Anonymous": 4}

    lab = after(line.replace("1 15", "2 14"), AVERAGES)

    assert shown(lab, 3)["Shared_Dirty"] == 8


@pytest.mark.parametrize(("key", "name"), [("v6.10", "Private_Dirty"), ("v6.12", "Shared_Dirty")])
def test_what_migrates_is_there_and_shared_since_v6_11(key, name, after):
    """A migration entry is a whole page of Rss and Pss, dirty and not accessed; how many share it is not asked."""
    lab = after("mm; mmap 1 0 16; fault 1 0 4; fork 1; fork 1; remap 1", key)
    last = lab.applied[-1]
    found = set()
    for row in range(last.start, last.end + 1):
        lab.seek(row)
        now = shown(lab, 1)
        found.add((now["Rss"], now["Pss"], now.get(name, 0), now.get("Referenced", 0)))

    assert {rss for rss, *_ in found} == {64}
    assert {one for one in found if not one[-1]} == {(64, 64, 64, 0)}
    assert (64, 21, 0 if name.startswith("P") else 64, 64) in found


def test_what_is_given_up_is_clean_and_lazily_free(after):
    """MADV_FREE leaves clean pages that may go; a write takes one back; MADV_COLD clears the accessed mark alone."""
    lab = after("mm; mmap 1 0 8; touch 1 0 8; free 1 0 4; cold 1 4 2; touch 1 0 1", "v7.3")

    assert shown(lab, 1) == {
        "Rss": 32,
        "Pss": 32,
        "Pss_Dirty": 20,
        "Private_Clean": 12,
        "Private_Dirty": 20,
        "Referenced": 12,
        "Anonymous": 32,
        "LazyFree": 12,
    }


def test_the_zero_page_is_no_page(after):
    """A split leaves the shared zero page where pages held zeros; smaps does not count it."""
    lab = after("mm; mmap 1 0 512; faultpmd 1 0; zero 1 0 500; split 1", "v7.3")

    assert shown(lab, 1)["Rss"] == 48


def test_a_range_may_begin_and_end_anywhere(after):
    """What is asked of a part of a VMA counts that part alone, over a border of tables, by PMDs and by PTEs."""
    lab = after("mm; mmap 1 0 1024; faultpmd 1 0; touch 1 512 100", "v7.3")

    assert usage(lab.machine, 0, 500, 520).kb()["Rss"] == 4 * 20
    assert usage(lab.machine, 0, 500, 520).kb()["AnonHugePages"] == 4 * 12
    assert usage(lab.machine, 0, 600, 700).kb()["Rss"] == 4 * 12
    assert together([]) == Usage()


@pytest.mark.parametrize("kernel", kernels())
def test_lazily_free_lags_behind_by_less_than_a_batch(kernel):
    """What was recorded and what the model has differ by what waits in a CPU's batch: 15 pages in v6.1, then 31."""
    batch = 15 if kernel.startswith("6.1.") else 31
    lags = []
    for name in scenarios(kernel):
        if not any(re.search(r" free ", step.op) for step in recording(kernel, name).steps):
            continue
        for step in replayed(kernel, name).steps:
            for region, kb in step.model.memory.items():
                lags.append(
                    (kb.get("LazyFree", 0) - step.kernel.memory.get(region, {}).get("LazyFree", 0)) // 4
                )

    assert max(lags) > 0
    assert all(0 <= lag < batch for lag in lags)
