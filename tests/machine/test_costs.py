"""The table of costs: kinds of rows, and for which kernels they are counted."""

from __future__ import annotations

import pytest

from folioviz import Lab, Sizes, kernels, parse_line
from folioviz.machine import costs, journal
from folioviz.machine.costs import COSTS

OPS = "mm; mmap 1 0 1024; faultpmd 1 512; fork 1; write 2 513; dontneed 1 512 300; munmap 1 0 1024; exit 2"


def test_a_constant_is_the_kind_of_its_cost():
    """MAPC is the kind of "mapc", and so on for all of them; the journal's own kinds are before and after."""
    kinds = [getattr(costs, name.upper()) for name in COSTS]

    assert kinds == [row.kind for row in COSTS.values()] == list(range(journal.STORE + 1, journal.WHY))


def test_a_cost_of_the_panel_is_explained_and_has_a_place_of_its_own():
    """Its words open a text."""
    shown = [row for row in COSTS.values() if row.place]

    assert sorted(row.place for row in shown) == list(range(1, len(shown) + 1))
    assert all(row.text and row.source for row in shown)


@pytest.mark.parametrize("key", kernels.KERNELS)
def test_a_cost_that_is_known_to_be_none_is_none(key):
    """A kernel without the field that a cost needs, or with the one that ends it, incurs none of it."""
    lab = Lab(key, sizes=Sizes(pages=2048, tables=16, vmas=16))
    keeps = kernels.keeps(kernels.KERNELS[key])
    for op in parse_line(OPS):
        lab.apply(op)
    spent = {name for name, count in lab.costs().items() if count}
    limited = {name for name, row in COSTS.items() if row.needs and not row.everywhere}

    assert {name for name in limited & spent if not COSTS[name].is_new(keeps)} == set()
    assert {name for name in limited if COSTS[name].is_new(keeps)} <= spent
    assert "rput" in spent


def test_what_is_not_counted_for_a_kernel_is_not_known():
    """v6.5 clears AnonExclusive as every kernel does, but it is not counted there; v6.12 has no owner lock at all."""
    keeps = {key: kernels.keeps(kernels.KERNELS[key]) for key in ("v6.5-rc3", "v6.12", "v7.3")}

    assert not COSTS["aef"].is_known(keeps["v6.5-rc3"])
    assert COSTS["aef"].is_known(keeps["v6.12"])
    assert not COSTS["mmlock"].is_counted(keeps["v6.12"])
    assert COSTS["mmlock"].is_known(keeps["v6.12"])
    assert not COSTS["lmc"].is_new(keeps["v7.3"])
