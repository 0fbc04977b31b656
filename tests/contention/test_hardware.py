from __future__ import annotations

from dataclasses import fields, replace

import pytest

from folioviz.contention.hardware import PARAMETERS, PLAUSIBLE_NS, Hardware
from folioviz.contention.prices import PRICES, prices
from folioviz.errors import LimitError
from folioviz.machine.costs import COSTS


@pytest.mark.parametrize("one", PARAMETERS, ids=lambda one: one.name)
def test_each_number_has_bounds_and_a_source(one):
    """What is outside is refused with name, value and bound; the source says whether it was measured or assumed."""
    ends = {"near_ns": {"far_ns": 5000.0}, "far_ns": {"near_ns": 0.0}}.get(one.name, {})
    for value in (one.least, one.most, one.default):
        assert getattr(Hardware(**{**ends, one.name: value}), one.name) == value
    for value in (one.least - 1, one.most + 1, float("nan"), "3", None, True):
        with pytest.raises(LimitError, match=rf"^{one.name} \(.*\) is .*: it must be .*{one.least:,g} to "):
            Hardware(**{**ends, one.name: value})
    assert one.source.startswith(("measured", "counted", "assumed"))


def test_the_table_is_the_dataclass():
    """Every attribute is in it, in order; a count is whole."""
    assert [one.name for one in PARAMETERS] == [one.name for one in fields(Hardware)]
    with pytest.raises(LimitError, match="a whole number from 1"):
        Hardware(queues=1.5)


def test_another_socket_is_not_nearer():
    """Nor is it so at the ends of the plausible range, where everything else stays as it is."""
    with pytest.raises(LimitError, match="far_ns is 10: it must be at least near_ns, 57 ns"):
        Hardware(far_ns=10)
    asked = Hardware(near_ns=30, far_ns=60, queues=3)
    low, high = asked.band()

    assert (low, high) == (replace(asked, near_ns=20), replace(asked, near_ns=140, far_ns=140))
    assert (low.near_ns, high.near_ns) == PLAUSIBLE_NS


def test_every_cost_has_a_price():
    """In the order of the cost table; what the hardware says counts."""
    found = dict(zip(COSTS, prices(Hardware(atomic_ns=7, flush_ns=3000)), strict=True))

    assert {*PRICES} == {*COSTS}
    assert (found["mapc"], found["sqlock"], found["thw"]) == (7, 7, 3000)
    assert all(price.source and found[name] >= 0 for name, price in PRICES.items())
