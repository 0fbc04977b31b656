"""Laws that read nothing of what differs are left out: they are those that hold in any case."""

from __future__ import annotations

from functools import cache

import pytest

from folioviz import Lab
from folioviz.compare.random_ops import SIZES, wander
from folioviz.kernels import KERNELS
from folioviz.laws import every_kernel
from folioviz.laws.census import InvariantError
from folioviz.machine.fields import FIELDS
from folioviz.machine.memory import Machine, Sizes


@cache
def walked(kernel, seed):
    """Return the machine after random operations; whoever changes it changes it back."""
    lab = Lab(kernel, sizes=SIZES, calls=False)
    for op in wander(seed, 12, kernel):
        lab.apply(op)
    return lab.machine


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_law_reads_the_same_of_every_machine(kernel):
    """Of an idle one and of one in use: so what it reads is known before it is checked."""
    machine = walked(kernel, 1)
    if machine.bugs():
        machine = walked(kernel, 2)
    idle = Machine(Sizes(512, 1, 1), machine.keeps, machine.drops)

    assert every_kernel.reads(machine) == every_kernel.reads(idle)


@pytest.mark.parametrize("kernel", ["v6.1", "v6.5-rc3+v4", "v7.3"])
@pytest.mark.parametrize("row", FIELDS, ids=lambda row: row.name)
def test_what_differs_is_enough_to_find_what_breaks(kernel, row):
    """After one field is damaged, its laws find what all laws do, in the same words."""
    machine = walked(kernel, 3)
    values = getattr(machine, row.name)
    said = []
    for place in {0, values.size // 2, values.size - 1} if values.size else ():
        old = int(values[place])
        values[place] = old + 1
        for changed in (None, frozenset({row.name})):
            try:
                every_kernel.check(machine, changed)
            except (InvariantError, IndexError, ValueError) as error:
                said.append(str(error))
            else:
                said.append("")
        values[place] = old

    assert said[::2] == said[1::2]
