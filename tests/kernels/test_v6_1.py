"""v6.1 against a running Debian 6.1.192, and what it costs; v6.1.0 beside it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given

from folioviz.errors import OperationError
from folioviz.kernels import find, link
from folioviz.kernels.v6_1 import (
    double_map,
    double_map_split,
    free_lock_always,
    madvise_sharers,
    page_new_anon_rmap,
)
from folioviz.lab import Lab
from folioviz.laws import every_kernel
from folioviz.laws.census import Census, require
from folioviz.machine.journal import ENTER
from folioviz.machine.memory import HPAGE_PMD_NR, NR_ANON_MAPPED, NR_ANON_THPS
from folioviz.mm import huge_memory
from folioviz.ops.ops import parse_line
from folioviz.ops.walk import queue
from tests.mutations.breaking import linked_in
from tests.strategies import SMALL, apply_all, plans

FAULT = "mm; mmap 1 0 512; faultpmd 1 0"
BORN = "ref 1 compound 1 dm 0 dq 0 mc 512x0 ae 1x1 511x0"
EBUSY = 16


def each(op, pages):
    """Return one operation for each of some pages."""
    return "; ".join(op.format(page) for page in pages)


RECORDED = {
    "d9_alt": (
        (
            each("dontneed 1 {} 1", range(0, 512, 2)),
            "ref 256 compound 0 dm 0 dq 1 mc " + "1x0 1x1 " * 256 + "ae 512x1",
            "rm 256 dsf 256 lock 1 queued 1 split_pmd 1",
        ),
        ("dontneed 1 0 512", "", "rm 256 dsf 256 lock 1 free 1"),
    ),
    "d9_front": (
        (
            "dontneed 1 0 256",
            "ref 256 compound 0 dm 0 dq 1 mc 256x0 256x1 ae 512x1",
            "rm 256 dsf 256 lock 1 queued 1 split_pmd 1",
        ),
        ("dontneed 1 256 256", "", "rm 256 dsf 256 lock 1 free 1"),
    ),
    "d9_mid": (
        (
            "dontneed 1 100 100",
            "ref 412 compound 0 dm 0 dq 1 mc 100x1 100x0 312x1 ae 512x1",
            "rm 100 dsf 100 lock 1 queued 1 split_pmd 1",
        ),
        (
            each("write 1 {}", range(100, 200)),
            "ref 412 compound 0 dm 0 dq 1 mc 100x1 100x0 312x1 ae 512x1",
            "",
        ),
        ("munmap 1 0 512", "", "rm 512 dsf 412 lock 1 free 1"),
    ),
    "d9_munmap_mid": (
        (
            "munmap 1 128 256",
            "ref 256 compound 0 dm 0 dq 1 mc 128x1 256x0 128x1 ae 512x1",
            "rm 256 dsf 256 lock 1 queued 1 split_pmd 1",
        ),
        ("munmap 1 0 512", "", "rm 256 dsf 256 lock 1 free 1"),
    ),
    "d9_pmd_exit": (("exit 1", "", "rm ? lock 1 free 1"),),
    "d9_pmd_munmap": (("munmap 1 0 512", "", "rm 1 lock 1 free 1"),),
    "d9_pte_chunks": (
        ("splitpmd 1 0", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x1", "split_pmd 1"),
        (
            "dontneed 1 0 64",
            "ref 448 compound 0 dm 0 dq 1 mc 64x0 448x1 ae 512x1",
            "rm 64 dsf 64 lock 1 queued 1",
        ),
        ("dontneed 1 64 64", "ref 384 compound 0 dm 0 dq 1 mc 128x0 384x1 ae 512x1", "rm 64 dsf 64"),
        ("dontneed 1 128 64", "ref 320 compound 0 dm 0 dq 1 mc 192x0 320x1 ae 512x1", "rm 64 dsf 64"),
        ("dontneed 1 192 64", "ref 256 compound 0 dm 0 dq 1 mc 256x0 256x1 ae 512x1", "rm 64 dsf 64"),
        ("dontneed 1 256 64", "ref 192 compound 0 dm 0 dq 1 mc 320x0 192x1 ae 512x1", "rm 64 dsf 64"),
        ("dontneed 1 320 64", "ref 128 compound 0 dm 0 dq 1 mc 384x0 128x1 ae 512x1", "rm 64 dsf 64"),
        ("dontneed 1 384 64", "ref 64 compound 0 dm 0 dq 1 mc 448x0 64x1 ae 512x1", "rm 64 dsf 64"),
        ("dontneed 1 448 64", "", "rm 64 dsf 64 lock 1 free 1"),
    ),
    "d9_pte_exit": (
        ("splitpmd 1 0", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x1", "split_pmd 1"),
        ("exit 1", "", "rm ? dsf 512 lock 2 free 1 queued 1"),
    ),
    "d9_pte_halves": (
        ("splitpmd 1 0", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x1", "split_pmd 1"),
        (
            "dontneed 1 0 256",
            "ref 256 compound 0 dm 0 dq 1 mc 256x0 256x1 ae 512x1",
            "rm 256 dsf 256 lock 1 queued 1",
        ),
        ("dontneed 1 256 256", "", "rm 256 dsf 256 lock 1 free 1"),
    ),
    "d9_pte_munmap": (
        ("splitpmd 1 0", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x1", "split_pmd 1"),
        ("munmap 1 0 512", "", "rm 512 dsf 512 lock 2 free 1 queued 1"),
    ),
    "d9_two_vmas_munmap": (
        ("mprotect 1 0 1 0", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x1", "split_pmd 1"),
        ("munmap 1 0 512", "", "rm 512 dsf 512 lock 2 free 1 queued 1"),
    ),
    "e9_cow_child": (
        ("fork 1", "ref 2 compound 2 dm 0 dq 0 mc 512x0 ae 512x0", ""),
        ("write 2 3", "ref 512 compound 1 dm 1 dq 0 mc 3x2 1x1 508x2 ae 512x0", "rm 1 split_pmd 1"),
        ("exit 2", "ref 1 compound 1 dm 1 dq 0 mc 512x1 ae 512x0", "rm ?"),
        ("exit 1", "", "rm ? lock 1 free 1"),
    ),
    "e9_cow_parent": (
        ("fork 1", "ref 2 compound 2 dm 0 dq 0 mc 512x0 ae 512x0", ""),
        ("write 1 3", "ref 512 compound 1 dm 1 dq 0 mc 3x2 1x1 508x2 ae 512x0", "rm 1 split_pmd 1"),
        ("exit 2", "ref 511 compound 0 dm 0 dq 1 mc 3x1 1x0 508x1 ae 512x0", "rm ? dsf 1 lock 1 queued 1"),
        (
            each("write 1 {}", range(512)),
            "ref 1 compound 0 dm 0 dq 1 mc 511x0 1x1 ae 511x0 1x1",
            "rm 510 dsf 510",
        ),
        ("exit 1", "", "rm ? dsf 1 lock 1 free 1"),
    ),
    "e9_fork_partial": (
        (
            "dontneed 1 0 256",
            "ref 256 compound 0 dm 0 dq 1 mc 256x0 256x1 ae 512x1",
            "rm 256 dsf 256 lock 1 queued 1 split_pmd 1",
        ),
        ("fork 1", "ref 512 compound 0 dm 0 dq 1 mc 256x0 256x2 ae 256x1 256x0", ""),
        ("dontneed 1 256 256", "ref 256 compound 0 dm 0 dq 1 mc 256x0 256x1 ae 256x1 256x0", "rm 256"),
        ("exit 2", "", "rm ? dsf 256 lock 1 free 1"),
    ),
    "e9_fork_pmd_child_partial": (
        ("fork 1", "ref 2 compound 2 dm 0 dq 0 mc 512x0 ae 512x0", ""),
        ("dontneed 2 0 256", "ref 257 compound 1 dm 1 dq 0 mc 256x1 256x2 ae 512x0", "rm 256 split_pmd 1"),
        (
            "dontneed 1 0 512",
            "ref 256 compound 0 dm 0 dq 1 mc 256x0 256x1 ae 512x0",
            "rm 1 dsf 1 lock 1 queued 1",
        ),
        ("exit 2", "", "rm ? dsf 256 lock 1 free 1"),
    ),
    "e9_fork_pmd_parent_zap": (
        ("fork 1", "ref 2 compound 2 dm 0 dq 0 mc 512x0 ae 512x0", ""),
        ("dontneed 1 0 512", "ref 1 compound 1 dm 0 dq 0 mc 512x0 ae 512x0", "rm 1"),
        (
            "dontneed 2 0 8",
            "ref 504 compound 0 dm 0 dq 1 mc 8x0 504x1 ae 512x0",
            "rm 8 dsf 8 lock 1 queued 1 split_pmd 1",
        ),
        ("exit 2", "", "rm ? dsf 504 lock 1 free 1"),
    ),
    "e9_fork_pte": (
        ("splitpmd 1 0", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x1", "split_pmd 1"),
        ("fork 1", "ref 1024 compound 0 dm 0 dq 0 mc 512x2 ae 512x0", ""),
        ("exit 2", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x0", "rm ?"),
        ("exit 1", "", "rm ? dsf 512 lock 2 free 1 queued 1"),
    ),
    "e9_mix_pmd_pte": (
        ("fork 1", "ref 2 compound 2 dm 0 dq 0 mc 512x0 ae 512x0", ""),
        ("splitpmd 2 0", "ref 513 compound 1 dm 1 dq 0 mc 512x2 ae 512x0", "split_pmd 1"),
        ("munmap 1 0 512", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x0", "rm 1"),
        ("munmap 2 0 512", "", "rm 512 dsf 512 lock 2 free 1 queued 1"),
    ),
    "e9_reuse": (
        ("fork 1", "ref 2 compound 2 dm 0 dq 0 mc 512x0 ae 512x0", ""),
        ("exit 2", "ref 1 compound 1 dm 0 dq 0 mc 512x0 ae 512x0", "rm ?"),
        ("write 1 0", "ref 1 compound 1 dm 0 dq 0 mc 512x0 ae 1x1 511x0", ""),
        (each("write 1 {}", range(512)), "ref 1 compound 1 dm 0 dq 0 mc 512x0 ae 1x1 511x0", ""),
        ("exit 1", "", "rm ? lock 1 free 1"),
    ),
    "f9_mremap_unaligned": (
        ("mremap 1 0 512 4099", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x1", "split_pmd 1"),
        ("munmap 1 4099 512", "", "rm 512 dsf 512 lock 2 free 1 queued 1"),
    ),
    "h9_cold_part": (
        ("cold 1 0 256", "", "rm 512 dsf 512 lock 2 queued 1 split_pmd 1 split 1"),
        ("munmap 1 0 512", "", "rm 512"),
    ),
    "h9_pte_free_one": (
        ("splitpmd 1 0", "ref 512 compound 0 dm 0 dq 0 mc 512x1 ae 512x1", "split_pmd 1"),
        ("free 1 5 1", "", "rm 512 dsf 512 lock 2 queued 1 split 1"),
        ("munmap 1 0 512", "", "rm 512"),
    ),
    "i9_shrink": (
        (
            "dontneed 1 0 256",
            "ref 256 compound 0 dm 0 dq 1 mc 256x0 256x1 ae 512x1",
            "rm 256 dsf 256 lock 1 queued 1 split_pmd 1",
        ),
        ("shrink 100", "", "rm ? dsf 256 lock 3 split 1"),
        ("munmap 1 0 512", "", "rm 256"),
    ),
    "j9_split": (
        ("split 1", "", "rm ? dsf 512 lock 2 queued 1 split_pmd 1 split 1"),
        ("munmap 1 0 512", "", "rm 512"),
    ),
    "j9_split_shared": (
        ("fork 1", "ref 2 compound 2 dm 0 dq 0 mc 512x0 ae 512x0", ""),
        ("split 1", "", "rm ? dsf 512 lock 2 queued 1 split_pmd 2 split 1"),
        ("exit 2", "", "rm ?"),
        ("exit 1", "", "rm ?"),
    ),
}
"""Scenario -> steps after FAULT: operations, the huge page, and what was called and counted, as the kernel was seen.

The huge page is told by its refcount, compound_mapcount + 1, PG_double_map, whether it is queued, and by runs of
_mapcount + 1 and of PG_anon_exclusive ("" if it is gone). Of the rest, what is zero is left out: calls of
page_remove_rmap() ("?": not recorded), deferred_split_huge_page() and free_transhuge_page(), split_queue_lock taken,
and the events thp_deferred_split_page, thp_split_pmd and thp_split_page.
"""
CALLS = {"rm": "page_remove_rmap", "dsf": "deferred_split_huge_page", "free": "free_transhuge_page"}
EVENTS = {"queued": 0, "split_pmd": 3, "split": 1}


def run_lengths(values):
    """Return runs of equal values as words."""
    starts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
    counts = np.diff(starts, append=values.size)
    return " ".join(f"{count}x{value}" for count, value in zip(counts, values[starts], strict=True))


def seen(machine):
    """Return a machine's only huge page as RECORDED tells it."""
    heads = np.flatnonzero(machine.folio_order).tolist()
    if not heads:
        return ""
    head = heads[0]
    pages = slice(head, head + HPAGE_PMD_NR)
    return (
        f"ref {machine.folio_refcount[head]} compound {machine.folio_entire_mapcount[head] + 1} "
        f"dm {machine.folio_double_map[head]} dq {int(head in queue(machine))} "
        f"mc {run_lengths(machine.page_mapcount[pages] + 1)} ae {run_lengths(machine.page_anon_exclusive[pages])}"
    )


def counted(lab, start, events):
    """Return what the journal's rows from ``start`` on called and took, and the events since, as RECORDED tells it."""
    rows = lab.journal[start : len(lab.journal)]
    called = np.bincount(rows[rows[:, 0] == ENTER, 1], minlength=len(lab.linked.names))
    found = {short: int(called[lab.linked.names.index(name)]) for short, name in CALLS.items()}
    found["lock"] = lab.costs(start)["sqlock"]
    found |= {name: int(lab.machine.vm_event[item] - events[item]) for name, item in EVENTS.items()}
    order = ("rm", "dsf", "lock", "free", "queued", "split_pmd", "split")
    return " ".join(f"{name} {found[name]}" for name in order if found[name])


def replay(steps, patches=(), kernel="v6.1"):
    """Apply recorded steps and compare each; the laws hold after every operation."""
    lab = Lab(kernel, patches=patches, sizes=SMALL)
    apply_all(lab, parse_line(FAULT))
    assert seen(lab.machine) == BORN
    for line, state, counts in steps:
        start, events = lab.cursor, lab.machine.vm_event.copy()
        for op in parse_line(line):
            lab.apply(op)
        check(lab.machine)
        got = counted(lab, start, events)
        if "rm ?" in counts:
            got = " ".join(["rm ?", *got.split()[2:]])

        assert (line, seen(lab.machine), got) == (line, state, counts)


# ------------------------------------------------------------------------------------ the laws of v6.1


def mapcounts(c):
    """Require: a page's counter is its PTEs and, as long as DoubleMap is set, one for all the PMDs."""
    bias = c.m.folio_double_map[c.m.page_folio]
    require("_mapcount of page {}", np.arange(c.ptes.size), c.m.page_mapcount, c.ptes - 1 + bias)
    entire = c.m.folio_entire_mapcount[c.heads]
    require("compound_mapcount of folio at page {}", c.heads, entire, c.pmds[c.heads] - 1)


def double_map_flag(c):
    """Require: DoubleMap is set where PMDs and PTEs map a huge page, and never without a PMD."""
    flag, pmds = c.m.folio_double_map[c.heads], c.pmds[c.heads] > 0
    both = pmds & (c.per_folio(c.ptes) > 0)
    require("DoubleMap of folio at page {}, mapped by PMD and PTE", c.heads[both], flag[both], 1)
    require("DoubleMap of folio at page {}, mapped by no PMD", c.heads[~pmds], flag[~pmds], 0)
    rest = np.delete(np.arange(c.m.sizes.pages), c.heads)
    require("DoubleMap at page {}, no folio's head", rest, c.m.folio_double_map[rest], 0)


def nodes_counters(c):
    """Require: the node's counters are what is mapped; no _nr_pages_mapped is kept."""
    mapped, entire = c.per_folio(c.ptes > 0), c.pmds[c.heads] > 0
    require("NR_ANON_MAPPED", [0], c.m.vmstat[NR_ANON_MAPPED], np.where(entire, c.nr_pages, mapped).sum())
    require("NR_ANON_THPS", [0], c.m.vmstat[NR_ANON_THPS], HPAGE_PMD_NR * entire.sum())
    require("_nr_pages_mapped at page {}", np.arange(c.ptes.size), c.m.folio_nr_pages_mapped, 0)


def queued(c):
    """Require: a huge page that is mapped at all waits on the queue exactly if no PMD and not every page is mapped."""
    mapped = c.per_folio(c.ptes > 0)
    some = (c.pmds[c.heads] > 0) | (mapped > 0)
    want = (c.pmds[c.heads] == 0) & (mapped < c.nr_pages)
    on = np.isin(c.heads, queue(c.m))
    require("folio at page {} is queued", c.heads[some], on[some], want[some])


def check(machine):
    """Check every law of v6.1 between two operations."""
    census = Census(machine)
    counters = (mapcounts, double_map_flag, nodes_counters, queued, every_kernel._refcounts)
    for law in (*every_kernel.OF_STRUCTURE, *counters, every_kernel._anon_exclusive):
        law(census)


@given(plan=plans())
@pytest.mark.parametrize("mode", ["batched", "none"])
def test_the_laws_hold_after_every_operation(mode, plan):
    """Whatever is done, the counters agree with the page tables, and the queue holds what is mapped in part."""
    lab = Lab("v6.1", mode, sizes=SMALL)
    for op in plan:
        try:
            lab.apply(op)
        except OperationError:
            continue
        check(lab.machine)

    assert lab.machine.bugs() == []
    assert lab.costs()["nrpm"] == 0


@given(plan=plans())
def test_the_lock_is_all_that_the_stable_tree_saves(plan):
    """v6.1.0 and v6.1 come to the same state and counts, but for the locks, if both ask MADV_FREE's folio alike."""
    patch = [madvise_sharers.madvise_shared]
    stable, released = (Lab(kernel, sizes=SMALL, patches=patch) for kernel in ("v6.1", "v6.1.0"))
    for lab in (stable, released):
        apply_all(lab, plan)
    costs = [lab.costs() for lab in (stable, released)]
    locks = [cost.pop("sqlock") for cost in costs]

    np.testing.assert_array_equal(stable.machine.mem, released.machine.mem)
    assert costs[0] == costs[1]
    assert locks[0] <= locks[1]


# ------------------------------------------------------------------------------------ recordings and costs


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_scenario(name):
    """Every step leaves the huge page as 6.1.192 had it, with as many calls, locks and events."""
    replay(RECORDED[name])


def test_four_huge_pages_are_queued_and_freed(after, spent):
    """d9_4thp_pte_munmap: 2048 removals and attempts, 8 locks, 4 events, 4 pages taken off again."""
    split = "; ".join(f"faultpmd 1 {vpn}; splitpmd 1 {vpn}" for vpn in range(0, 2048, HPAGE_PMD_NR))
    lab = after(f"mm; mmap 1 0 2048; {split}", "v6.1")
    start, events = lab.cursor, lab.machine.vm_event.copy()
    apply_all(lab, parse_line("munmap 1 0 2048"))

    assert counted(lab, start, events) == "rm 2048 dsf 2048 lock 8 free 4 queued 4"


def test_small_pages_are_copied_and_reused(after, spent):
    """e0_fork: the child copies one page, then the parent writes all four where they are."""
    lab = after(f"mm; mmap 1 0 4; {each('write 1 {}', range(4))}; fork 1; write 2 1", "v6.1")
    assert spent(lab)["mapc"] == 1
    for op in parse_line(f"exit 2; {each('write 1 {}', range(4))}"):
        lab.apply(op)

    assert spent(lab) == {}
    assert lab.machine.page_anon_exclusive[:4].tolist() == [1] * 4
    assert np.count_nonzero(lab.machine.folio_id) == 4


def spending(lab):
    """Return what the last operation cost: atomics of counters and references, and locks of the queue."""
    step = lab.applied[-1]
    cost = lab.costs(step.start, step.end)
    return sum(cost[name] for name in ("mapc", "entm", "nrpm", "rget", "rput")), cost["sqlock"]


@pytest.mark.parametrize(
    ("line", "stable", "released"),
    [
        ("splitpmd 1 0; munmap 1 0 512", (1024, 2), (1024, 513)),
        ("munmap 1 0 512", (2, 1), (2, 1)),
        ("splitpmd 1 0", (514, 0), (514, 0)),
        ("fork 1; splitpmd 1 0", (1026, 0), (1026, 0)),
        ("fork 1; fork 1; splitpmd 1 0; splitpmd 2 0", (514, 0), (514, 0)),
        ("splitpmd 1 0; munmap 1 0 256", (512, 1), (512, 256)),
        ("splitpmd 1 0; fork 1; exit 2", (1024, 0), (1024, 0)),
    ],
    ids=["PTEs", "PMD", "split", "shared split", "second split", "half", "child"],
)
def test_costs(after, line, stable, released):
    """2N atomics and two locks to unmap by PTE, N + 1 locks before the stable tree's test; a lock for every free."""
    assert [spending(after(f"{FAULT}; {line}", kernel)) for kernel in ("v6.1", "v6.1.0")] == [
        stable,
        released,
    ]


DOUBLE_MAP_KEPT = (
    ("fork 1; fork 1", "ref 3 compound 3 dm 0 dq 0 mc 512x0 ae 512x0", ""),
    ("splitpmd 2 0", "ref 514 compound 2 dm 1 dq 0 mc 512x2 ae 512x0", "split_pmd 1"),
    ("splitpmd 3 0", "ref 1025 compound 1 dm 1 dq 0 mc 512x3 ae 512x0", "split_pmd 1"),
    ("munmap 2 0 512", "ref 513 compound 1 dm 1 dq 0 mc 512x2 ae 512x0", "rm 512"),
    ("split 1", "", "rm 1024 dsf 512 lock 2 queued 1 split_pmd 1 split 1"),
)
"""Steps that no recording has: two children split their PMDs, and the parent's PMD keeps the bias until the split."""

HALF = "ref 257 compound 0 dm 0 dq 1 mc 256x0 256x1 ae 512x1"
HELD = (
    ("dontneed 1 0 256; get 1", HALF, "rm 256 dsf 256 lock 1 queued 1 split_pmd 1"),
    ("split 1", HALF, ""),
    ("shrink 1", HALF, "lock 2"),
)
"""Steps that no recording has: somebody holds half a page, so that it is not split and stays queued."""


def test_the_bias_is_taken_once():
    """However many PMDs are split, each page holds one count for those that remain."""
    replay(DOUBLE_MAP_KEPT)


def test_a_reference_keeps_a_folio_whole(after):
    """A page that somebody else holds is not split, and waits on; v6.1 as released answers -EBUSY, not -EAGAIN."""
    replay(HELD)
    line = f"{FAULT}; dontneed 1 0 256; get 1; split 1"

    assert [after(line, kernel).applied[-1].result for kernel in ("v6.1.0", "v6.1", "base")] == [
        -EBUSY,
        -11,
        -11,
    ]


PMD_AND_HALF = "ref 257 compound 1 dm 1 dq 0 mc 256x1 256x2 ae 512x0"
STICKY = "ref 1 compound 1 dm 1 dq 0 mc 512x1 ae 512x0"
SPLIT_BOTH = "rm 768 dsf 512 lock 2 queued 1 split_pmd 1 split 1"
SHARED = {
    "PMDs": (
        ("fork 1", "ref 2 compound 2 dm 0 dq 0 mc 512x0 ae 512x0", ""),
        ("free 1 0 256; cold 1 0 256", "ref 2 compound 2 dm 0 dq 0 mc 512x0 ae 512x0", ""),
    ),
    "PTEs": (
        ("splitpmd 1 0; fork 1", "ref 1024 compound 0 dm 0 dq 0 mc 512x2 ae 512x0", "split_pmd 1"),
        ("free 1 0 512; cold 1 0 512", "ref 1024 compound 0 dm 0 dq 0 mc 512x2 ae 512x0", ""),
        ("dontneed 2 1 1; cold 1 0 512", "ref 1023 compound 0 dm 0 dq 0 mc 1x2 1x1 510x2 ae 512x0", "rm 1"),
        ("cold 1 1 1", "", "rm 1023 dsf 512 lock 2 queued 1 split 1"),
    ),
    "half": (
        ("fork 1; dontneed 2 0 256", PMD_AND_HALF, "rm 256 split_pmd 1"),
        ("free 1 0 256", PMD_AND_HALF, ""),
        ("cold 1 0 256", "", SPLIT_BOTH),
    ),
    "bias": (
        ("fork 1; splitpmd 2 0; exit 2", STICKY, "rm 512 split_pmd 1"),
        ("free 1 0 512", STICKY, ""),
        ("cold 1 0 256", "", "rm 512 dsf 512 lock 2 queued 1 split_pmd 1 split 1"),
    ),
}
"""Steps that no recording has: madvise() lets be what others map, and a bias is nobody's mapping."""


@pytest.mark.parametrize("name", SHARED)
def test_madvise_splits_what_is_not_shared(name):
    """MADV_COLD asks for the mappings of one page, MADV_FREE under a PMD for those of all."""
    replay(SHARED[name])


# ------------------------------------------------------------------------------------ the registry's rows


@pytest.mark.parametrize("key", ["v6.1", "v6.1.0"])
def test_a_fault_by_ptes_maps_one_page(key):
    """v6.1 knows no large folios but those that a PMD maps."""
    lab = Lab(key, sizes=SMALL)
    apply_all(lab, parse_line("mm; mmap 1 0 512"))
    lab._functions["do_anonymous_page"](lab._view, 0, 0, 4)

    assert find(key).orders == (0,)
    assert lab.machine.folio_order[0] == 0
    assert np.count_nonzero(lab.machine.pte) == 1
    assert find("v6.5-rc3").orders == tuple(range(10))


def test_what_each_row_says():
    """Names, ancestors, and how each is known to be right."""
    assert find("g61") is find("v6.1")
    assert find("g61.0") is find("v6.1.0")
    assert (find("v6.1").parent, find("v6.1.0").parent) == ("v6.5-rc3", "v6.1")
    assert find("v6.1").proof.startswith("recordings: ")
    assert find("v6.1.0").proof.startswith("reading only: ")


def test_the_traced_functions_have_the_names_of_v6_1():
    """Nothing that an operation calls has a later kernel's name: what is left of it is never reached."""
    later = {"deferred_split_folio", "folio_add_new_anon_rmap"}
    linked = link("v6.1")
    callers = {
        name
        for name, code in linked.code.items()
        if later & set(code.__code__.co_names) and name not in later
    }

    assert callers == set()


# ------------------------------------------------------------------------------------ breaking one rule


class Mutation(NamedTuple):
    """One rule broken: text of a function replaced, and the steps that tell."""

    function: object
    old: str
    new: str
    steps: tuple


MUTATIONS = {
    "the head page does not ask for the queue": Mutation(
        double_map.page_remove_rmap,
        "    if folio_test_large(m, folio):",
        "    if folio_test_large(m, folio) and page != folio:",
        RECORDED["d9_pte_munmap"],
    ),
    "a page that keeps another mapping asks, too": Mutation(
        double_map.page_remove_rmap,
        "if mapcount >= 0:",
        "if mapcount >= 1:",
        RECORDED["e9_fork_pmd_child_partial"],
    ),
    "a PMD's end asks for the queue though nothing is mapped": Mutation(
        double_map.page_remove_anon_compound_rmap,
        "if 0 < nr < HPAGE_PMD_NR:",
        "if nr:",
        RECORDED["d9_pmd_munmap"],
    ),
    "the last PMD leaves DoubleMap set": Mutation(
        double_map.page_remove_anon_compound_rmap,
        "store(m, FOLIO_DOUBLE_MAP, folio, 0)",
        "pass",
        RECORDED["e9_fork_pmd_child_partial"],
    ),
    "the last PMD takes all pages out of NR_ANON_MAPPED": Mutation(
        double_map.page_remove_anon_compound_rmap,
        "lruvec_stat_add(m, NR_ANON_MAPPED, -nr)",
        "lruvec_stat_add(m, NR_ANON_MAPPED, -HPAGE_PMD_NR)",
        RECORDED["e9_cow_parent"],
    ),
    "the lock is taken before the list is looked at": Mutation(
        double_map.deferred_split_huge_page,
        "if not list_empty(m, node):",
        "if False:",
        RECORDED["d9_pte_munmap"],
    ),
    "the queue is joined without an event": Mutation(
        double_map.deferred_split_huge_page,
        "count_vm_event(m, THP_DEFERRED_SPLIT_PAGE)",
        "pass",
        RECORDED["d9_front"],
    ),
    "no lock is taken for a page that is not queued": Mutation(
        free_lock_always.free_transhuge_page,
        "    spin_lock(m)",
        "    if list_empty(m, deferred_list(folio)):\n        return\n    spin_lock(m)",
        RECORDED["d9_pmd_munmap"],
    ),
    "a PMD split takes 512 references": Mutation(
        double_map_split.__dict__["__split_huge_pmd"],
        "page_ref_add(m, folio, HPAGE_PMD_NR - 1)",
        "page_ref_add(m, folio, HPAGE_PMD_NR)",
        RECORDED["d9_front"],
    ),
    "a PMD split beside another PMD takes no bias": Mutation(
        double_map_split.__dict__["__split_huge_pmd"],
        "m.folio_entire_mapcount[folio] > 0 and not m.folio_double_map[folio]",
        "False",
        RECORDED["e9_mix_pmd_pte"],
    ),
    "every PMD split takes the bias again": Mutation(
        double_map_split.__dict__["__split_huge_pmd"],
        " and not m.folio_double_map[folio]",
        "",
        DOUBLE_MAP_KEPT,
    ),
    "the last PMD to be split keeps the bias": Mutation(
        double_map_split.__dict__["__split_huge_pmd"],
        "        if m.folio_double_map[folio]:",
        "        if False:",
        RECORDED["j9_split_shared"],
    ),
    "migration entries take no PTE mappings down": Mutation(
        double_map_split.__dict__["__split_huge_pmd"],
        "page_remove_rmap(m, page, 0)",
        "atomic_add_return(m, PAGE_MAPCOUNT, page, -1)",
        RECORDED["j9_split"],
    ),
    "the bias counts as mappings": Mutation(
        double_map_split.total_mapcount, "total -= nr", "pass", DOUBLE_MAP_KEPT
    ),
    "a new huge page is exclusive in all its pages": Mutation(
        page_new_anon_rmap.page_add_new_anon_rmap,
        "store(m, PAGE_ANON_EXCLUSIVE, page, 1)",
        "for tail in range(page, page + nr):\n        store(m, PAGE_ANON_EXCLUSIVE, tail, 1)",
        RECORDED["d9_front"],
    ),
    "a copy leaves the old page mapped": Mutation(
        page_new_anon_rmap.wp_page_copy, "page_remove_rmap(m, page, 0)", "pass", RECORDED["e9_cow_child"]
    ),
    "the bias is somebody's mapping": Mutation(
        madvise_sharers.page_mapcount, " - m.folio_double_map[folio]", "", SHARED["bias"]
    ),
    "MADV_FREE asks for the head's mappings only": Mutation(
        madvise_sharers.madvise_shared, "if free and pmd:", "if free > 1:", SHARED["half"]
    ),
    "a page that somebody holds is split": Mutation(
        huge_memory.split_huge_page_to_list, "or extra != 0:", "or extra > 1:", HELD
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_rule_is_noticed(name):
    """The steps agree with v6.1 (above), and not with v6.1 that has this one rule changed."""
    mutation = MUTATIONS[name]
    patch = linked_in(mutation)
    with pytest.raises(AssertionError):
        replay(mutation.steps, [patch])
