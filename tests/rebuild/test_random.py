"""Whatever the model can come to, operations can be found for it."""

from __future__ import annotations

import pytest

from folioviz.compare.random_ops import wander
from folioviz.lab import Lab
from folioviz.rebuild import rebuild
from tests.rebuild.seen import short, state_of

SEEDS = range(9)


@pytest.mark.parametrize("kernel", ["v6.1", "v6.5-rc3+v4", "v6.12", "v7.3"])
def test_random_histories_are_rebuilt(kernel):
    """Forks, moves, holes, huge pages and shared folios come out with the same structure, in fewer operations.

    But for a kernel that has no ``touch``, and brings small pages one by one.
    """
    before = after = 0
    for seed in SEEDS:
        lab = Lab(kernel, calls=False)
        for op in wander(seed, 40, kernel):
            lab.apply(op)
        found = rebuild(state_of(lab), kernel)

        assert found.same_structure, (seed, short(found), found.differences)
        before, after = before + len(lab.applied), after + len(found.ops)
    assert after < before or "touch_pages" not in lab.linked.names
