"""Which stories tell a scenario of the library: what their choices make is compared with what it does."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from folioviz import stories
from folioviz.files.scenario import library
from folioviz.kernels import KERNELS
from folioviz.machine.memory import HPAGE_PMD_NR
from folioviz.stories.parts.parts import UNLISTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from folioviz.files.scenario import Scenario
    from folioviz.ops.op import Op
    from folioviz.stories.parts.parts import Choice, Story

REPLAYS = {"truth"}
"""Stories that replay recordings, which are no scenarios of the library; to read all of them takes seconds."""
NEAR = 2
"""With so many choices other than those of its question a story still tells the same; it has thousands in all."""


class Told(NamedTuple):
    """A story that tells a scenario, and the choices with which it does; "" if that is what its question is about."""

    key: str
    query: str


def deeds(ops: Sequence[Op]) -> tuple[object, ...]:
    """Return what operations do to folios: how much longer than these a VMA or a range is makes no difference."""
    pages: set[int] = set()
    found: list[object] = []
    for op in ops:
        first, size = getattr(op, "vpn", 0), getattr(op, "pages", 0)
        meant = sorted(pages.intersection(range(first, first + size)))
        if op.word in {"fault", "faultpmd"}:
            pages.update(
                range(first, first + (1 << getattr(op, "order", 0) if op.word == "fault" else HPAGE_PMD_NR))
            )
        if op.word in {"munmap", "dontneed"} and meant:
            found.append((op.word, getattr(op, "mm", 0), *meant))
        elif op.word != "mmap":
            found.append(op)
    return tuple(found)


def offered(choice: Choice) -> set[str]:
    """Return the kernels that a choice offers: none, if it is a choice of something else."""
    values = {str(value) for _, value in choice.options}
    return values & {*KERNELS} if values <= {*KERNELS, "none"} else set()


def cases(story: Story) -> list[dict[str, Any]]:
    """Return what can be chosen besides kernels: the question's case first, then what is near to it."""
    varied = [choice for choice in story.choices if not (isinstance(choice, UNLISTED) or offered(choice))]
    case = story.case
    every = (
        {choice.name: value for choice, value in zip(varied, values, strict=True)}
        for values in product(*([value for _, value in choice.options] for choice in varied))
    )
    far = [(sum(values[name] != case[name] for name in values), values) for values in every]
    return [values for others, values in sorted(far, key=lambda pair: pair[0]) if others <= NEAR]


def query(story: Story, values: dict[str, Any], scenario: Scenario) -> str | None:
    """Return the choices that make a scenario, if the story knows one of its kernels; "" if it asks about them."""
    by_kernel = [choice for choice in story.choices if offered(choice)]
    made = story.case | values
    known = set().union(*map(offered, by_kernel)) if by_kernel else {*story.make(made).kernels}
    if known.isdisjoint(scenario.kernels):
        return None
    pair = dict(zip((choice.name for choice in by_kernel), scenario.kernels, strict=False))
    pair = {
        choice.name: pair[choice.name] for choice in by_kernel if pair.get(choice.name) in offered(choice)
    }
    return "" if made == story.case else urlencode(values | pair)


@lru_cache(maxsize=1)
def table() -> dict[str, tuple[Told, ...]]:
    """Return the stories of each scenario: first who asks about it, then who tells fewest others."""
    known: dict[tuple[object, ...], list[Scenario]] = {}
    for scenario in library().values():
        known.setdefault((deeds(scenario.ops), scenario.mmu_gather), []).append(scenario)
    found: dict[str, dict[str, str]] = {key: {} for key in stories.KEYS}
    for key in found.keys() - REPLAYS:
        story = stories.find(key)
        for values in cases(story):
            made = story.make(story.case | values)
            for scenario in known.get((deeds(made.ops), made.mmu_gather), ()):
                if scenario.name not in found[key] and (asked := query(story, values, scenario)) is not None:
                    found[key][scenario.name] = asked
    told = {
        name: [Told(key, those[name]) for key, those in found.items() if name in those] for name in library()
    }
    return {
        name: tuple(sorted(those, key=lambda one: (one.query != "", len(found[one.key]))))
        for name, those in told.items()
    }
