"""Whatever the model can come to, operations can be found for it."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from folioviz.compare.random_ops import wander
from folioviz.errors import OperationError
from folioviz.lab import Lab
from folioviz.ops import ops
from folioviz.rebuild import rebuild
from tests.rebuild.seen import short, state_of

SEEDS = range(9)


def more(seed):
    """Return reads of some places, every other time while 2 MiB are allowed, some pages swapped out, and a fork."""
    wild = random.Random(seed)
    found: list[ops.Operation] = [ops.SwapOn(2048)]
    for mm in (1, 2, 1):
        read = ops.Read(mm, wild.randrange(2048), wild.choice([1, 7, 64, 600]))
        out = ops.Pageout(mm, wild.randrange(2048), wild.choice([7, 64, 600]))
        found += [ops.Enabled(9, wild.randrange(2)), read, out]
    return [*found, ops.Fork(1)]


@pytest.mark.parametrize("kernel", ["v6.1", "v6.5-rc3+v4", "v6.12", "v7.3"])
def test_random_histories_are_rebuilt(kernel):
    """Forks, moves, holes, huge pages, shared folios, zero pages and swap come out with the same structure.

    In fewer operations, but for a kernel that has no ``touch``, and brings small pages one by one.
    """
    before = after = 0
    for seed in SEEDS:
        lab = Lab(kernel, calls=False)
        for op in wander(seed, 40, kernel):
            lab.apply(op)
        for op in more(seed):
            with suppress(OperationError):  # no such process, or no such setting
                lab.apply(op)
        found = rebuild(state_of(lab), kernel)

        assert found.same_structure, (seed, short(found), found.differences)
        before, after = before + len(lab.applied), after + len(found.ops)
    assert after < before or "touch_pages" not in lab.linked.names
