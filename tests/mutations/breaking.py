"""One rule of a kernel broken, and the vector that has to tell; or a count, where there is none."""

from __future__ import annotations

import inspect
import linecache
import textwrap
from types import FunctionType, ModuleType
from typing import NamedTuple

import pytest

from folioviz.lab import Lab
from folioviz.link import UNTRACED
from folioviz.machine.memory import Sizes
from folioviz.ops.ops import parse_line
from tests.evidence.conformance.reader import conforms, hand

SIZES = Sizes(pages=2048, tables=96, vmas=64)


class Mutation(NamedTuple):
    """One rule broken: text of a function replaced, and the vector that tells."""

    function: FunctionType
    old: str
    new: str
    key: str
    scenario: str


class Counted(NamedTuple):
    """One rule broken, and operations of which the last one's count tells; where no vector has the kernel.

    Attributes:
        function: the function of which text is replaced.
        old: the text, which stands there once.
        new: what it becomes.
        kernel: key or alias.
        ops: operations in the short form.
        told: a cost, or "result" or "bugs".
        count: what it is; of bugs, how many there are.
    """

    function: FunctionType
    old: str
    new: str
    kernel: str
    ops: str
    told: str
    count: int


class Constant(NamedTuple):
    """One constant changed, and the vector that tells."""

    name: str
    value: int
    key: str
    scenario: str


INLINES = {module.__name__ for module in UNTRACED}


def linked_in(mutation):
    """Return what to link on top of a kernel to break the rule."""
    if isinstance(mutation, Constant):
        patch = ModuleType("mutation")
        setattr(patch, mutation.name, mutation.value)
        return patch
    broken = changed(mutation.function, mutation.old, mutation.new)
    if mutation.function.__module__ not in INLINES:
        return broken
    patch = ModuleType("mutation")  # an inline is no function of its own, and comes with a module only
    broken.__module__ = patch.__name__
    setattr(patch, broken.__name__, broken)
    return patch


def changed(function, old, new):
    """Return a function of which a part of the text is another one; that part must stand there once."""
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(old) == 1, f"{function.__name__}() has changed: no single {old!r}"
    namespace = dict(function.__globals__)
    source = "from __future__ import annotations\n" + source.replace(old, new)
    name = f"<{function.__name__}() with {new!r}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # pages show source
    exec(compile(source, name, "exec"), namespace)  # noqa: S102 - that is how a rule is broken
    return namespace[function.__name__]


def counted(mutation, patches=()):
    """Return the count that tells, with the rule or without it."""
    lab = Lab(mutation.kernel, patches=patches, sizes=SIZES)
    for op in parse_line(mutation.ops):
        lab.apply(op)
    step = lab.applied[-1]
    found = {"result": step.result, "bugs": len(lab.machine.bugs()), **lab.costs(step.start, step.end)}
    return found[mutation.told]


def is_noticed(mutation):
    """Require that vector or count agrees with the kernel, and not with the kernel that has this one rule changed."""
    if isinstance(mutation, Counted):
        assert counted(mutation) == mutation.count != counted(mutation, [linked_in(mutation)])
        return
    scenario = hand(mutation.key, mutation.scenario)
    patch = linked_in(mutation)

    assert conforms(scenario, mutation.key) == len(scenario.runs[mutation.key])
    with pytest.raises(AssertionError, match="differs"):
        conforms(scenario, mutation.key, [patch])
