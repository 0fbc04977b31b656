from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folioviz.contention.curves import limit, waiting_share
from folioviz.contention.hardware import Hardware
from folioviz.contention.loops import compiled
from folioviz.contention.prices import OPERATION_NS, prices
from folioviz.contention.program import LOCK, MEMORY, PLACES, SPREAD, priced
from folioviz.contention.simulation import _Run, simulate
from folioviz.contention.workloads import WORKLOADS, workload
from folioviz.machine.costs import COSTS
from tests.contention.reference import Reference

ZAP = workload("fault-unmap", folios=8)
FIRST = "v6.5-rc3+v4.1"
FREE = Hardware(bandwidth_gb=0)
CASES = [(kernel, name) for kernel in (FIRST, "v6.9", "v7.3") for name in ("fault-unmap", "fork-exit")]


def run(kernel, one, cpus, hardware=FREE, starts=None):
    """Simulate a kernel on so many CPUs."""
    return simulate(priced(compiled(kernel, one), hardware), cpus, hardware, starts)


def share(kernel, one, cpus, hardware=FREE):
    """Return the share of time that is waited."""
    return waiting_share(run(kernel, one, cpus, hardware), cpus)


def at(place, outcome):
    """Return how long was waited for one thing."""
    return outcome.waited[PLACES.index(place)]


@pytest.mark.parametrize("name", WORKLOADS)
@pytest.mark.parametrize("kernel", [FIRST, "v6.5-rc3+v4", "v6.9", "v7.3"])
def test_one_cpu_takes_what_its_costs_come_to(kernel, name):
    """The cost table, priced, with an entry per operation and the user's time; it waits for nobody."""
    one, hardware = WORKLOADS[name], WORKLOADS[name].hardware
    counts = list(compiled(kernel, one).costs().values())
    wanted = np.dot(counts, prices(hardware)) + OPERATION_NS * (one.loop.count(";") + 1) + hardware.user_ns
    outcome = run(kernel, one, 1, hardware)

    assert outcome.ns / outcome.loops == pytest.approx(wanted, rel=1e-9)
    assert sum(outcome.waited) == 0
    assert len(counts) == len(COSTS)


@settings(max_examples=25, deadline=None)
@given(
    case=st.sampled_from(CASES),
    cpus=st.sampled_from([1, 2, 3, 5, 8, 13, 21]),
    near=st.floats(0, 200),
    socket=st.integers(1, 8),
    queues=st.integers(1, 4),
    user=st.floats(0, 1e5),
)
def test_no_run_exceeds_its_bound(case, cpus, near, socket, queues, user):
    """Never above min(N / (Z + S), queues / S), with private work Z and time under the lock S as measured."""
    kernel, name = case
    hardware = Hardware(
        near_ns=near, far_ns=2 * near, cpus_per_socket=socket, queues=queues, user_ns=user, bandwidth_gb=0
    )
    outcome = run(kernel, workload(name, folios=2), cpus, hardware)

    assert outcome.loops / outcome.ns <= limit(outcome, cpus, hardware) * (1 + 1e-9)


@pytest.mark.parametrize("cpus", [2, 8, 24])
def test_private_work_is_what_it_costs(cpus):
    """Over a run, the loops' private work differs from its price by little: variants and starts are even."""
    program = priced(compiled("v7.3", ZAP), FREE)
    outcome = simulate(program, cpus, FREE)

    assert outcome.work / outcome.loops == pytest.approx(program.work, rel=0.01)
    assert {min(map(sum, program.private)) < (1 - SPREAD / 2) * program.work} == {True}


@pytest.mark.parametrize(("cpus", "queues"), [(2, 1), (6, 1), (16, 1), (16, 4)])
def test_cpus_that_block_come_to_the_same(cpus, queues):
    """Within 3 % of processes that block at simpy's resources: speed, and the share of time that is waited."""
    hardware = replace(FREE, queues=queues, cpus_per_socket=8)
    program = priced(compiled(FIRST, ZAP), hardware)
    speed, waited = Reference(program, cpus, hardware).run()
    outcome = simulate(program, cpus, hardware)

    assert outcome.loops / outcome.ns == pytest.approx(speed, rel=0.03)
    assert waiting_share(outcome, cpus) == pytest.approx(waited, rel=0.03, abs=0.003)


def test_so_do_cpus_that_meet_at_lines():
    """The same of folios that all CPUs map, where each atomic is a turn."""
    program = priced(compiled("v6.5-rc3", workload("fork-exit", folios=1)), FREE)
    speed, waited = Reference(program, 6, FREE).run()
    outcome = simulate(program, 6, FREE)

    assert outcome.loops / outcome.ns == pytest.approx(speed, rel=0.03)
    assert waiting_share(outcome, 6) == pytest.approx(waited, rel=0.03)


@settings(max_examples=12, deadline=None)
@given(cpus=st.integers(2, 16), queues=st.integers(1, 8), near=st.floats(10, 140))
def test_more_queues_never_wait_more(cpus, queues, near):
    """Twice as many queues: less is waited, or as much."""
    one = replace(FREE, queues=queues, near_ns=near, far_ns=2 * near)

    assert share(FIRST, ZAP, cpus, replace(one, queues=2 * queues)) <= share(FIRST, ZAP, cpus, one) + 0.01


@settings(max_examples=12, deadline=None)
@given(cpus=st.integers(2, 20), near=st.floats(0, 140))
def test_dearer_lines_never_wait_less(cpus, near):
    """Half as much again for each line: more is waited, or as much."""
    dear = replace(FREE, near_ns=1.5 * near, far_ns=300)

    assert share(FIRST, ZAP, cpus, replace(dear, near_ns=near)) <= share(FIRST, ZAP, cpus, dear) + 0.01


@settings(max_examples=12, deadline=None)
@given(cpus=st.integers(1, 20), queues=st.integers(1, 3))
def test_lines_that_cost_nothing_are_not_waited_for(cpus, queues):
    """Then only the lock's own turns are; under the whole series nothing is."""
    hardware = replace(FREE, near_ns=0, far_ns=0, queues=queues)
    outcome = run(FIRST, ZAP, cpus, hardware)

    assert sum(outcome.waited) == at(LOCK, outcome)
    assert sum(run("v6.5-rc3+v4", ZAP, cpus, hardware).waited) == 0


@settings(max_examples=12, deadline=None)
@given(starts=st.permutations(range(7)))
def test_permuting_cpus_changes_nothing(starts):
    """Which CPU begins where does not matter while all are as near to each other."""
    first, second = run(FIRST, ZAP, 7), run(FIRST, ZAP, 7, starts=starts)

    assert (second.ns, second.loops, second.work) == pytest.approx((first.ns, first.loops, first.work))
    assert second.waited == pytest.approx(first.waited)


def test_as_many_queues_as_cpus_meet_nowhere():
    """Each CPU has its own queue: every line stays where it is."""
    assert sum(run(FIRST, ZAP, 6, replace(FREE, queues=6)).waited) == 0


def test_another_socket_is_farther():
    """With every CPU in a socket of its own, more is waited than with all in one."""
    assert share(FIRST, ZAP, 8, replace(FREE, cpus_per_socket=1)) > 1.2 * share(FIRST, ZAP, 8)


def test_memory_is_a_limit_for_every_kernel():
    """It takes no more than its bandwidth, and what is waited for it is told apart."""
    hardware = Hardware(bandwidth_gb=50)
    outcome = run("v7.3", ZAP, 16, hardware)

    assert outcome.loops / outcome.ns * ZAP.pages * 4096 == pytest.approx(50, rel=0.01)
    assert sum(outcome.waited) == at(MEMORY, outcome) > 0


def test_neighbours_in_the_queue_are_other_cpus_folios():
    """One CPU alone moves no line; with another one, lines of list neighbours come over, too."""
    place = PLACES.index("neighbours in the queue")

    assert run(FIRST, ZAP, 1).waited[place] == 0
    assert run(FIRST, ZAP, 8).waited[place] > 0


def test_the_queue_is_the_kernels():
    """A folio is linked at the end, so that its neighbours are the last one and the head; unlinked, it has left."""
    one = _Run(priced(compiled(FIRST, ZAP), FREE), 3, FREE, range(3), watched=False)
    lines = [one._relink(cpu, -1, 10 + cpu, queued=True) for cpu in range(3)]

    assert (one.next[-1], one.next[10], one.next[11], one.next[12], one.prev[-1]) == (10, 11, 12, -1, 12)
    assert lines == [0, FREE.near_ns, FREE.near_ns]
    assert one._relink(0, -1, 11, queued=False) == 3 * FREE.near_ns
    assert (one.next[10], one.prev[12]) == (12, 10)


def test_the_same_run_twice_is_the_same():
    """Nothing is drawn by lot: a slider that goes back shows what it showed."""
    assert run(FIRST, ZAP, 9) == run(FIRST, ZAP, 9)
