"""One rule of a kernel broken, and the vector that has to tell."""

from __future__ import annotations

import inspect
from types import FunctionType, ModuleType
from typing import NamedTuple

import pytest

from tests.evidence.conformance.reader import conforms, hand


class Mutation(NamedTuple):
    """One rule broken: text of a function replaced, and the vector that tells."""

    function: FunctionType
    old: str
    new: str
    key: str
    scenario: str


class Constant(NamedTuple):
    """One constant changed, and the vector that tells."""

    name: str
    value: int
    key: str
    scenario: str


def linked_in(mutation):
    """Return what to link on top of a kernel to break the rule."""
    if isinstance(mutation, Constant):
        patch = ModuleType("mutation")
        setattr(patch, mutation.name, mutation.value)
        return patch
    source = inspect.getsource(mutation.function)
    assert source.count(mutation.old) == 1, (
        f"{mutation.function.__name__}() has changed: no single {mutation.old!r}"
    )
    namespace = dict(mutation.function.__globals__)
    changed = "from __future__ import annotations\n" + source.replace(mutation.old, mutation.new)
    exec(changed, namespace)  # noqa: S102 - that is how a rule is broken
    return namespace[mutation.function.__name__]


def is_noticed(mutation):
    """Require that the vector agrees with the kernel, and not with the kernel that has this one rule changed."""
    scenario = hand(mutation.key, mutation.scenario)
    patch = linked_in(mutation)

    assert conforms(scenario, mutation.key) == len(scenario.runs[mutation.key])
    with pytest.raises(AssertionError, match="differs"):
        conforms(scenario, mutation.key, [patch])
