"""The search for operations: by label, word, what it does, what it is for, and the kernel function that it calls."""

from __future__ import annotations

from functools import cache

from folioviz.views.session.actions import ACTIONS, INTENTS

MOST = 60
"""Characters of a search that are read."""


@cache
def texts(name: str) -> tuple[str, str]:
    """Return what an action is called, and all that a search reads of it, in small letters."""
    action = ACTIONS[name]
    kind = action.kind
    called = f"{action.label} {kind.__name__} {kind.call}".lower()
    rest = f"{action.tooltip} {kind.help()} {INTENTS[action.intent]} {action.under}".lower()
    return called, f"{called} {rest}"


def found(query: str) -> list[str]:
    """Return the names of the actions in which all words of a search occur, the best first; [] for no words."""
    words = query[:MOST].lower().replace("()", "").split()
    if not words:
        return []
    ranked = []
    for name in ACTIONS:
        called, everything = texts(name)
        if all(word in everything for word in words):
            starts = any(part.startswith(words[0]) for part in called.split())
            known = all(word in called for word in words)
            ranked.append((not (known and starts), not known, name))
    return [name for *_, name in sorted(ranked, key=lambda one: one[:2])]
