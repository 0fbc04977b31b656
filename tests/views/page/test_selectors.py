"""Selectors that a browser would match against the whole page whenever anything on it changes."""

from __future__ import annotations

import tinycss2

from folioviz.views.page.screen import STATIC


def nested(parts, inside=""):
    """Yield the names of functions that hold ``:has()`` and a combinator after it."""
    seen = False
    for part in parts:
        if part.type == "function" and part.name == "has":
            seen = True
        elif seen and inside and (part.type == "whitespace" or part == ">"):
            yield inside
        if part.type == "function":
            yield from nested(part.arguments, part.name)


def rules(tokens):
    """Yield the prelude of every rule, within at-rules too."""
    for rule in tinycss2.parse_rule_list(tokens, skip_comments=True, skip_whitespace=True):
        if rule.type == "qualified-rule":
            yield rule.prelude
        elif (
            rule.type == "at-rule"
            and rule.content
            and rule.lower_at_keyword in {"media", "container", "supports"}
        ):
            yield from rules(rule.content)


def test_has_is_where_a_browser_knows_whom_it_is_about():
    """In ``:is(a:has(b) c)`` it does not: any change anywhere costs a page's layout."""
    sheets = {path.name: list(rules(path.read_text())) for path in STATIC.glob("*.css")}
    found = [(name, *nested(prelude)) for name, all_of in sheets.items() for prelude in all_of]

    assert sum(map(len, sheets.values())) > len(sheets)
    assert [one for one in found if len(one) > 1] == []
    (example,) = tinycss2.parse_rule_list(".a :is(tr:has(+ .b) > *) {}")
    assert "is" in nested(example.prelude)
