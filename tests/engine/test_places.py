"""What LLVM is told of a kernel's places holds: each index is within the field that it names."""

from __future__ import annotations

import pytest

from folioviz import KERNELS
from folioviz.compare.random_ops import SIZES, wander
from folioviz.engine import places
from folioviz.kernels import GATHER_MODES, drops, find, keeps, link
from folioviz.machine.fields import FIELDS
from folioviz.machine.memory import Machine
from folioviz.machine.view import View

LENGTH = 25


class Within:
    """A field that is read within its bounds only: a memoryview takes a negative index, too."""

    def __init__(self, field, name):
        """Look at ``field``."""
        self.field, self.name = field, name

    def __len__(self):
        """Return how many elements it has."""
        return len(self.field)

    def __getitem__(self, index):
        """Read one element."""
        assert 0 <= index < len(self.field), f"{self.name}[{index}]"
        return self.field[index]


def guarded(lengths):
    """Return what wraps a primitive that writes: it takes the field, the index there and the value last."""

    def wrap(name, function):
        def call(m, *given):
            field, index, _ = given[-3:]
            assert 0 <= index < lengths[field], f"{name}() of {FIELDS[field].name}[{index}]"
            return function(m, *given)

        return call if name in {"write", "store"} else function

    return wrap


@pytest.mark.slow
@pytest.mark.parametrize("key", KERNELS)
@pytest.mark.parametrize("mode", GATHER_MODES)
def test_a_kernel_stays_within_the_field_that_it_names(key, mode):
    """Whatever it reads or writes, in many random operations."""
    kernel = find(key)
    machine = Machine(SIZES, keeps(kernel), drops(kernel))
    functions = link(key, mode).bind(guarded(machine.lengths))
    view = View(machine)
    for row in FIELDS:
        setattr(view, row.name, Within(getattr(view, row.name), row.name))
    for op in wander(5, LENGTH, key, mode):
        functions[op.call](view, *op.arguments(machine))
    assert view.rows


def test_no_two_places_have_one_tag():
    """Each field, the rows and the cursor have one of their own, and every tag is in the text."""
    tags = [places.tag(place) for place in range(len(FIELDS) + 2)]

    assert len({*tags}) == len(tags)
    for tag in tags:
        assert f"\n{tag.removeprefix(', !tbaa ')} = " in places.TEXT
