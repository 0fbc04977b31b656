"""The tables of docs/kernel/findings.md, computed anew by the model and read anew from the recordings."""

from __future__ import annotations

import re
from functools import cache

import pytest

from folioviz.evidence.recordings import kernels as recorded_kernels
from folioviz.evidence.recordings import replayed
from folioviz.kernels import find
from folioviz.machine.memory import Sizes
from tests.pages import KERNEL, table

PAGE = KERNEL / "findings.md"
FLUSHES, ATOMICS = (
    {row["munmap of"]: row for row in table(PAGE, anchor)} for anchor in ("flushes-rounds-locks", "atomics")
)
NAMES = [name for name in FLUSHES["1 x order 4"] if name != "munmap of"]
LARGE = Sizes(pages=11264, tables=96, vmas=8)
MAPCOUNTS = ("mapc", "entm", "nrpm", "lmc", "mmlock")
THP = 512


@cache
def setup(what):
    """Return operations that make a VMA full of folios, and how many pages it has."""
    count, kind, _, order = re.fullmatch(r"(\d+) x (order|THP)( after a PMD split| (\d+))?", what).groups()
    step = THP if kind == "THP" else 1 << int(order)
    places = range(0, int(count) * step, step)
    ops = [f"faultpmd 1 {vpn}" if kind == "THP" else f"fault 1 {vpn} {order}" for vpn in places]
    if what.endswith("split"):
        ops += [f"splitpmd 1 {vpn}" for vpn in places]
    return "; ".join(["mm", f"mmap 1 0 {int(count) * step}", *ops]), int(count) * step


@pytest.mark.parametrize("what", FLUSHES)
@pytest.mark.parametrize("kernel", NAMES)
def test_what_one_munmap_costs(after, spent, kernel, what):
    """TLB flushes, rounds, queue locks; atomics on mapcounts and on the refcount."""
    ops, pages = setup(what)
    cost = spent(after(f"{ops}; munmap 1 0 {pages}", kernel, sizes=LARGE))
    flushes = [cost.get(name, 0) for name in ("thw", "zround", "sqlock")]
    atomics = [sum(cost.get(name, 0) for name in MAPCOUNTS), cost.get("rget", 0) + cost["rput"]]

    assert FLUSHES[what][kernel] == "/".join(map(str, flushes))
    assert ATOMICS[what][kernel] == "/".join(map(str, atomics))


def test_the_tables_are_of_the_same_kernels_and_folios():
    """Each column is a kernel, once, in the order of the registry."""
    assert list(FLUSHES) == list(ATOMICS)
    assert {tuple(row) for row in (*FLUSHES.values(), *ATOMICS.values())} == {("munmap of", *NAMES)}
    assert len({find(name).key for name in NAMES}) == len(NAMES)


SEEN = [
    (row["scenario"], int(row["step"]), kernel, row[kernel])
    for row in table(PAGE, "seen-on-running-kernels")
    for kernel in row
    if kernel in recorded_kernels()
]


@pytest.mark.parametrize(("scenario", "step", "kernel", "want"), SEEN)
def test_what_running_kernels_did(scenario, step, kernel, want):
    """Removals from the rmap, calls for the queue, its locks and the events of a step, as recorded."""
    replay = replayed(kernel, scenario)
    if not replay.steps:
        assert want == "–"
        return
    seen = replay.steps[step].kernel
    counts = [seen.calls.get(name, 0) for name in ("rmap_remove", "deferred_split", "split_queue_lock")]

    told = ["?" if n < 0 else str(n) for n in (*counts, seen.counters.get("thp_deferred_split_page", 0))]

    assert want == "/".join(told)
