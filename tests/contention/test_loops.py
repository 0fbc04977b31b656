from __future__ import annotations

import numpy as np
import pytest

from folioviz import KERNELS, Lab, parse_line
from folioviz.contention.loops import Access, Section, compiled
from folioviz.contention.workloads import WORKLOADS, Workload, workload
from folioviz.errors import DocumentError, LimitError, OperationError
from folioviz.machine.costs import COSTS

SMALL = {name: workload(name, folios=None if name == "ld.lld" else 3) for name in WORKLOADS}
KEYS = [key for key in KERNELS if key.startswith(("v6.5", "v6.9", "v7.3"))]


def counted(kernel, one):
    """Return what a workload's loop costs when a lab does it."""
    lab = Lab(kernel)
    for op in parse_line(one.setup):
        lab.apply(op)
    before = lab.cursor
    for op in parse_line(one.loop):
        lab.apply(op)
    return lab.costs(before, lab.cursor)


@pytest.mark.parametrize("name", WORKLOADS)
@pytest.mark.parametrize("kernel", ["v6.5-rc3+v4.1", "v6.5-rc3+v4", "v6.9", "v7.3", "v7.3+no-page-mapcount"])
def test_a_loop_has_every_cost_of_its_journal(kernel, name):
    """Private work, sections and atomics on shared lines together are what the model counts, none lost or doubled."""
    assert compiled(kernel, SMALL[name]).costs() == counted(kernel, SMALL[name])


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_section_is_a_lock_taken(name):
    """As many sections as split_queue_lock was taken; what is queued in a loop is unqueued in it."""
    for kernel in KEYS:
        loop = compiled(kernel, SMALL[name])
        sections = [act for act in loop.acts if isinstance(act, Section)]
        moves = [move for act in sections for move in act.moves]
        queued = sorted(folio for queues, folio in moves if queues)

        assert len(sections) == loop.costs()["sqlock"]
        assert queued == sorted(folio for queues, folio in moves if not queues)
        assert len(moves) == loop.costs()["qadd"] + loop.costs()["qdel"]
        inside = loop.inside[[isinstance(act, Section) for act in loop.acts]].sum(axis=0)
        names = {cost for cost, count in zip(COSTS, inside, strict=True) if count}
        assert names <= {"sqlock", "qadd", "qdel", "pmf"}


def test_one_third_queues_every_folio_of_a_whole_zap():
    """Each of 64 folios is queued and unqueued under 1/3; under the whole series, and v7.3, nobody takes the lock."""
    zap = WORKLOADS["fault-unmap"]
    moves = [act.moves for act in compiled("v6.5-rc3+v4.1", zap).acts]

    assert sorted(moves) == [((queues, folio),) for queues in (False, True) for folio in range(64)]
    assert all(not compiled(kernel, zap).acts for kernel in ("v6.5-rc3", "v6.5-rc3+v4", "v7.3"))


def test_ld_lld_takes_the_lock_for_every_page_before_the_bail_out():
    """513 times under v6.1.0, twice where a queued folio is seen without the lock."""
    loops = {kernel: compiled(kernel, WORKLOADS["ld.lld"]) for kernel in ("v6.1.0", "v6.1")}
    looks = [act for act in loops["v6.1.0"].acts if not act.moves]

    assert [len(loop.acts) for loop in loops.values()] == [513, 2]
    assert len(looks) == 511


def test_what_setup_leaves_is_shared():
    """Fork and exit write to the counts of folios that all CPUs map, each in the line of its struct page."""
    loop = compiled("v6.5-rc3", SMALL["fork-exit"])
    acts = [act for act in loop.acts if isinstance(act, Access)]
    lines = {field: {act.line for act in acts if act.field == field} for field in ("_refcount", "_mapcount")}

    assert len(acts) == sum(loop.costs()[name] for name in ("rget", "rput", "mapc", "nrpm"))
    assert len(lines["_refcount"]) == 3
    assert lines["_refcount"] < lines["_mapcount"]
    owners = {act.line for act in compiled("v7.3", SMALL["fork-exit"]).acts if act.field == "_large_mapcount"}
    assert owners == {line + 1 for line in lines["_refcount"]}


def test_nothing_else_is_shared():
    """Folios that a loop makes are its CPU's own: no line of theirs is an act."""
    for name in ("fault-unmap", "partial-unmap", "ld.lld"):
        assert all(isinstance(act, Section) for act in compiled("v6.9", SMALL[name]).acts)


def test_a_loop_ends_as_it_began():
    """One that leaves a folio mapped or queued, hits a bug, or that a kernel refuses, is none."""
    leaves = Workload("mine", "leaves", "mm; mmap 1 0 64", "fault 1 0 4", 16)
    queues = Workload("mine", "queues", "mm; mmap 1 0 64; fault 1 0 4", "dontneed 1 0 5", 5)
    for one in (leaves, queues):
        with pytest.raises(DocumentError, match="cannot be repeated"):
            compiled("v6.5-rc3+v4.1", one)
    with pytest.raises(OperationError, match="order 4"):
        compiled("v6.1", WORKLOADS["fault-unmap"])
    small = Workload("mine", "", "mm; mmap 1 0 64", "fault 1 0 1; dontneed 1 0 2", 2)
    with pytest.raises(DocumentError, match="runs into"):
        compiled("v6.5-rc3+v4.1", small)


def test_a_workload_has_bounds():
    """Order, number of folios and name are checked in words."""
    with pytest.raises(LimitError, match="the folios' order is 1: it must be 2 to 9"):
        workload("fault-unmap", order=1)
    with pytest.raises(LimitError, match="folios of a loop is 65: it must be 1 to 64"):
        workload("fork-exit", folios=65)
    with pytest.raises(LimitError, match="as published"):
        workload("ld.lld", order=4)
    with pytest.raises(DocumentError, match="did you mean fork-exit"):
        workload("fork")


def test_operations_are_entered_once_each():
    """Every operation of the loop is charged for, where it begins."""
    loop = compiled("v6.5-rc3+v4.1", SMALL["partial-unmap"])

    assert int(loop.entered.sum()) == len(parse_line(SMALL["partial-unmap"].loop))
    assert loop.private.shape == (len(loop.acts) + 1, len(COSTS))
    assert np.all(loop.private >= 0)
