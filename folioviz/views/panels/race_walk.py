"""Going along a schedule: by steps, by kernel functions, by turns of CPUs, with the explorer's buttons and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from folioviz.views.page.markup import html, joined
from folioviz.views.panels.transport import button

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markupsafe import Markup

    from folioviz.race.history import Step

MOVES: Final = (
    ("lanefirst", "|◀", "before the first step (Home)", "Home", -1),
    ("laneturnup", "◀ CPU", "to where this CPU took over (Shift+←)", "Shift+ArrowLeft", -1),
    ("lanefnup", "◀ fn", "previous kernel function (,)", ",", -1),
    ("laneback", "◀ step", "previous step (←)", "ArrowLeft", -1),
    ("lanenext", "step ▶", "next step (→)", "ArrowRight", 1),
    ("lanefn", "fn ▶", "next kernel function (.)", ".", 1),
    ("laneturn", "CPU ▶", "to where another CPU takes over (Shift+→)", "Shift+ArrowRight", 1),
    ("lanelast", "▶|", "after the last step (End)", "End", 1),
)
"""(name, what stands on it, tooltip, key, which way it goes)."""


def goal(steps: Sequence[Step], done: int, name: str) -> int:
    """Return how many steps are done after a move, by its name."""
    last = len(steps)
    turns, calls = (
        _places(steps, lambda step: step.cpu),
        _places(steps, lambda step: (step.cpu, step.functions[:1])),
    )
    return {
        "lanefirst": 0,
        "laneturnup": _before(turns, done),
        "lanefnup": _before(calls, done),
        "laneback": max(done - 1, 0),
        "lanenext": min(done + 1, last),
        "lanefn": _after(calls, done, last),
        "laneturn": _after(turns, done, last),
        "lanelast": last,
    }[name]


def _places(steps: Sequence[Step], what: Callable[[Step], object]) -> list[int]:
    """Return after how many steps the next one differs in something."""
    return [at for at in range(1, len(steps)) if what(steps[at]) != what(steps[at - 1])]


def _after(places: Sequence[int], now: int, last: int) -> int:
    """Return the first place after one, or the last one there is."""
    return next((at for at in places if at > now), last)


def _before(places: Sequence[int], now: int) -> int:
    """Return the last place before one, or 0."""
    return next((at for at in reversed(places) if at < now), 0)


def buttons(done: int, last: int) -> Markup:
    """Return the buttons that go from step to step, and where that is."""
    off = {-1: done == 0, 1: done >= last}
    every = joined(button(name, text, tooltip, off=off[way]) for name, text, tooltip, _, way in MOVES)
    return html('<div class="fv-buttons">{}<output>step {} of {}</output></div>', every, done, last)
