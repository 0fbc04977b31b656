"""The shortest form of a scenario in which a patch breaks a law: no operation of it can be left out.

Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002), with smaller numbers
after it. The libraries for it write files and start processes for each attempt; one takes milliseconds here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from folioviz.compare.quick import Quick
    from folioviz.compare.trial import Effect
    from folioviz.ops.op import Op

PLACE = re.compile(r"operation (\d+), [^:]*: ")


def law_of(broken: str) -> str:
    """Return what breaks, without the operation, the page and the values: by this, two are the same."""
    return re.sub(r"-?\d+", "N", PLACE.sub("", broken).split(": it is ")[0])


def shortest(effect: Effect, quick: Quick) -> Iterator[Effect]:
    """Yield, after each attempt, the effect on the shortest scenario so far that breaks the same law; the last is it.

    ``quick`` has the patches. A scenario in which nothing breaks yields itself.
    """
    yield effect
    found = PLACE.match(effect.broken)
    if not found:
        return
    best, law = effect, law_of(effect.broken)

    def breaks(ops: tuple[Op, ...]) -> bool:
        nonlocal best
        one = quick.effect(effect.walk._replace(ops=ops))
        if law_of(one.broken) != law:
            return False
        best = one
        return True

    for _ in shorter(effect.ops[: int(found[1])], breaks):
        yield best


def shorter(ops: tuple[Op, ...], breaks: Callable[[tuple[Op, ...]], bool]) -> Iterator[tuple[Op, ...]]:
    """Yield, after each attempt, the shortest operations so far that still break it: halves go first, then single ones.

    Then numbers become smaller; that may make more of them needless, so that it begins again until nothing changes.
    """
    before: tuple[Op, ...] = ()
    breaks(ops)
    while before != ops:
        before, size = ops, max(len(ops) // 2, 1)
        while size:
            start, length = 0, len(ops)
            while start < len(ops):
                less = ops[:start] + ops[start + size :]
                ops, start = (less, start) if breaks(less) else (ops, start + size)
                yield ops
            size = size // 2 if size > 1 or len(ops) == length else size
        for place, op in enumerate(ops):
            for smaller in with_smaller_numbers(op):
                other = (*ops[:place], smaller, *ops[place + 1 :])
                ops = other if ops[place] == op and breaks(other) else ops
                yield ops


def with_smaller_numbers(op: Op) -> Iterator[Op]:
    """Yield an operation with one of its numbers 0, 1 or halved."""
    for name, value in msgspec.structs.asdict(op).items():
        for smaller in sorted({0, 1, value // 2}):
            if 0 <= smaller < value:
                yield msgspec.structs.replace(op, **{name: smaller})
