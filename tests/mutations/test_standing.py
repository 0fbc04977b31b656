"""The text that a rule replaces stands where it says: all rules at once, in no time, so that a quick run tells."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from tests.kernels import test_v6_1
from tests.mutations.breaking import Counted, Mutation, changed
from tests.mutations.turning import Turned

FILES = sorted(
    path.stem for path in Path(__file__).parent.glob("test_*.py") if path.stem != Path(__file__).stem
)
MODULES = [test_v6_1, *(import_module(f"tests.mutations.{name}") for name in FILES)]


def rules(found):
    """Return the rules of a table by name, and of the tables in it."""
    for name, one in found.items():
        if isinstance(one, dict):
            yield from rules(one)
        elif isinstance(one, Turned | Mutation | Counted):
            yield name, one


RULES = {
    id(rule): (name, rule)
    for module in MODULES
    for table in vars(module).values()
    if isinstance(table, dict)
    for name, rule in rules(table)
}
"""Each once, though a table stands in its module by itself and in the table of all."""


def test_what_a_rule_replaces_stands_there_once():
    """Each is turned round and back again; who rewrites a function hears of all rules that have gone with it."""
    gone = []
    for name, rule in RULES.values():
        with pytest.MonkeyPatch.context() as monkeypatch:
            try:
                rule.apply(monkeypatch) if isinstance(rule, Turned) else changed(
                    rule.function, rule.old, rule.new
                )
            except AssertionError as error:
                gone.append(f"{name}: {error}")
    assert not gone
    assert {type(rule) for _, rule in RULES.values()} == {Turned, Mutation, Counted}
