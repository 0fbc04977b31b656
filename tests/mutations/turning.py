"""One rule of the product turned round, while a quick test runs that has to tell."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType

import pytest

from folioviz.errors import FoliovizError
from tests.mutations.breaking import changed

KEPT = (
    "folioviz.link",
    "folioviz.files.scenario",
    "folioviz.evidence.recordings.library",
    "folioviz.stories",
)
"""Modules whose caches hold what no rule here makes: linked kernels, files that were read."""
FAILS = (AssertionError, pytest.fail.Exception, FoliovizError, LookupError, ValueError)
"""How a test fails: a NameError or the like would say that the new text is no rule."""
PASSED = set()
"""Tests that have passed in this process with every rule as it is."""


class Turned:
    """One rule turned round.

    Attributes:
        where: the function (or method, property, cached function), table or module that has the rule.
        old: text of the function, which stands there once; or a key of the table, or a name of the module.
        new: what the text becomes; the value that stands at the key or name, or, of a text there, (part, new part).
        test: the test that has to tell.
        case: the arguments of its case, by name; those that are not given are pytest's fixtures.
    """

    def __init__(self, where, old, new, test, *args, **case):
        self.where, self.old, self.new, self.test = where, old, new, test
        self.case = inspect.signature(test).bind_partial(*args, **case).arguments

    def apply(self, monkeypatch):
        """Turn the rule round; a function gets other code, so that it is that for all who know it."""
        if isinstance(self.where, ModuleType):
            assert getattr(self.where, self.old) != self.new, f"{self.old} is {self.new!r} already"
            monkeypatch.setattr(self.where, self.old, self.new)
        elif isinstance(self.where, dict):
            text, (part, new) = self.where[self.old], self.new
            assert text.count(part) == 1, f"the text of {self.old!r} has changed: no single {part!r}"
            monkeypatch.setitem(self.where, self.old, text.replace(part, new))
        else:
            function = plain(self.where)
            monkeypatch.setattr(function, "__code__", plain(changed(function, self.old, self.new)).__code__)


def rules_of(rooms):
    """Return the rules of some rooms by names that begin with their room's."""
    return {f"{room}: {name}": rule for room, rules in rooms.items() for name, rule in rules.items()}


def plain(function):
    """Return the function itself that is behind a property or a cache."""
    return inspect.unwrap(function.fget if isinstance(function, property) else function)


def forget():
    """Empty the product's caches that a rule may have filled."""
    for name, module in list(sys.modules.items()):
        if name.startswith("folioviz.") and not name.startswith(KEPT):
            for one in vars(module).values():
                if hasattr(one, "cache_clear"):
                    one.cache_clear()


def is_noticed(rule, request):
    """Require that a test passes, and that it fails while one rule is turned round."""
    wanted = inspect.signature(rule.test).parameters
    fixtures = {name: request.getfixturevalue(name) for name in wanted if name not in rule.case}
    case = {**rule.case, **fixtures}
    called = f"{rule.test.__module__}.{rule.test.__qualname__}{rule.case!r}"
    if called not in PASSED:
        rule.test(**case)
        PASSED.add(called)
    forget()
    with pytest.MonkeyPatch.context() as monkeypatch:
        rule.apply(monkeypatch)
        with pytest.raises(FAILS):
            rule.test(**case)
    forget()
