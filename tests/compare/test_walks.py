"""Kept runs: they say what a lab's journal says, and a seed gives the same each time."""

from __future__ import annotations

import numpy as np
import pytest

from folioviz import Lab, kernels
from folioviz.compare.random_ops import SIZES, wander
from folioviz.compare.walks import LENGTH, Walker, at_random, of_library
from folioviz.files import scenario
from folioviz.machine.journal import ENTER
from folioviz.machine.memory import Machine


@pytest.mark.parametrize(
    ("kernel", "mode"), [("v6.5-rc3+v4", "batched"), ("v7.3", "none"), ("v6.1", "batched")]
)
def test_a_walk_is_what_a_lab_does(kernel, mode):
    """The same operations, functions, costs and memory after each of them."""
    for seed, walk in enumerate(at_random(kernel, mode, 3), start=1):
        lab, steps = Lab(kernel, mode, sizes=SIZES), walk.steps()
        mem = lab.machine.snapshot()
        begin = 0
        for number, op in enumerate(walk.ops):
            lab.apply(op)
            rows = lab.rows(number)
            entered = np.unique(rows[rows[:, 0] == ENTER, 1]).tolist()
            end = steps.ends[number]
            mem[steps.addresses[begin:end]] = steps.values[begin:end]
            begin = end

            assert int.from_bytes(walk.entered[number], "little") == sum(1 << place for place in entered)
            assert np.array_equal(mem, lab.machine.mem)
            counts = np.where(rows[:, 1] < 0, rows[:, 3], 1)
            want = np.bincount(rows[:, 0], counts, steps.costs.shape[1])[1:ENTER]
            assert np.array_equal(steps.costs[number][1:ENTER], want)
        assert walk.ops == wander(seed, LENGTH, kernel, mode)
        assert not walk.bug


def test_a_seed_gives_the_same_each_time():
    """In another process, too: nothing of it depends on what ran before."""
    first, *_, last = at_random("v6.5-rc3+v4", "batched", 5)
    walker = Walker("v6.5-rc3+v4", "batched", small=True)

    assert [walker.random(5), walker.random(1)] == [last, first]


def test_the_library_is_walked_whole():
    """What a kernel refuses is left out; a small machine serves where it refuses nothing."""
    walks = {walk.name: walk for walk in of_library("v6.5-rc3+v4", "batched")}

    assert {name: walk.ops for name, walk in walks.items()} == {
        name: one.ops for name, one in scenario.library().items()
    }
    assert all(all(walk.entered) for walk in walks.values() if walk.small)
    assert {walk.sizes for walk in walks.values()} == {SIZES, None}


def test_a_bug_of_the_kernel_is_kept():
    """All that comes after it is left out."""
    naive = scenario.find("naive-repair").ops
    key = next(key for key in kernels.KERNELS if "fix" in key)
    walk = Walker(key, "batched", small=True).of("naive-repair", (*naive, naive[0]))

    assert walk.bug
    assert walk.entered[-1] == b""
    assert Machine(SIZES).mem.size > walk.steps().addresses.max()
