"""Write your own patch: functions in place of the kernel's, tried on every scenario; some are there to read."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from folioviz.compare.quick import Quick
from folioviz.compare.walks import of_library
from folioviz.kernels.series import batch_zap_fix, batch_zap_full
from folioviz.stories.parts.parts import Choice, Question, Story
from folioviz.stories.parts.pieces import GATHER, V4, scenario
from folioviz.stories.patches import never_queue, queue_halves

if TYPE_CHECKING:
    from types import ModuleType

    from folioviz.compare.trial import Effect
    from folioviz.files.scenario import Scenario
    from folioviz.stories.parts.parts import Values

OWN = "own"
SHORT = 20
"""Operations of a short scenario."""
PREPARED: dict[str, tuple[str, ModuleType]] = {
    "never": ("queue nothing", never_queue),
    "halves": ("queue halves only", queue_halves),
    "full": ("return “full” explicitly", batch_zap_full),
    "naive": ("compare before the decrement", batch_zap_fix),
}
"""Patches on top of v4 that can be chosen -> what they do, and the module."""
PATCH = Choice(
    "patch",
    "patch on v4",
    tuple((label, key) for key, (label, _) in PREPARED.items()),
    "never",
    "what replaces functions of v4",
)


def make(values: Values) -> Scenario:
    """Return a scenario in which a folio is worth queueing."""
    return scenario("mm; mmap 1 0 64; fault 1 0 4; dontneed 1 0 5", V4, mmu_gather=values["gather"])


@lru_cache(maxsize=8)
def short_effects(key: str) -> tuple[Effect, ...]:
    """Return what a prepared patch does to the library's short scenarios."""
    quick = Quick([PREPARED[key][1]], V4)
    return tuple(quick.effect(walk) for walk in of_library(V4, "batched") if len(walk.ops) <= SHORT)


def answer() -> tuple[int, str]:
    """Return what happens if nothing is ever queued."""
    found = short_effects("never")
    broken = sum(bool(one.broken) for one in found)
    changed = sum(not one.same for one in found)
    fewer = -sum(one.costs.get("pfree", 0) for one in found)
    text = (
        f"Of {len(found)} short scenarios of the library {changed} change, and a law breaks in {broken}. The counters "
        f"agree, but the shrinker finds nothing: {fewer} fewer pages are freed. Memory suffers, not consistency."
    )
    return (2 if not broken else 0), text


STORY = Story(
    "own-patch",
    make,
    (PATCH, GATHER),
    Question(
        "A patch makes deferred_split_folio() do nothing at all. What goes wrong?",
        (
            "refcounts and mapcounts no longer agree",
            "folios are freed while they are on a list",
            "every law still holds; memory is not given back",
        ),
        answer,
    ),
    left=("trial",),
    right=(),
    where="right",
)
